package replay

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
)

const (
	attach   = "POST /containers/1/attach HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
	upgraded = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)

// upgrade is an exchange that leaves HTTP.
func upgrade(t testing.TB, turns ...cassettes.Turn) *cassettes.Interaction {
	t.Helper()
	it := plain(t, attach, upgraded)
	return withTurns(it, turns...)
}

func closeWrite(t testing.TB, c net.Conn) {
	t.Helper()
	if err := endpoint.CloseWrite(c); err != nil {
		t.Fatal(err)
	}
}

// TestUpgrade checks that a server's turn waits for the client's before it,
// however the client cuts them.
func TestUpgrade(t *testing.T) {
	p := play(t, "unix", upgrade(t,
		says(server, "$ "), says(client, "ls\n"), says(server, "a b\n"), says(server, "$ "),
		marks(client, cassettes.EOF), says(server, "bye\n"), marks(server, cassettes.EOF)))
	c := p.dial(t)
	send(t, c, attach+"l")
	expect(t, c, upgraded+"$ ")
	expectEnd(t, c, open)
	send(t, c, "s")
	expectEnd(t, c, open)
	send(t, c, "\n")
	expect(t, c, "a b\n$ ")
	expectEnd(t, c, open)
	closeWrite(t, c)
	expect(t, c, "bye\n")
	expectEnd(t, c, eof)
}

// TestServerGoesOnAfterHalfClose is a client without input, which half-closes
// at once; the server goes on.
func TestServerGoesOnAfterHalfClose(t *testing.T) {
	legacy := "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
	request := "POST /v1.12/containers/1/attach HTTP/1.1\r\n\r\n"
	it := plain(t, request, legacy)
	it.Response.Framing, it.Response.End = 4, cassettes.Complete
	p := play(t, "tcp", withTurns(it, marks(client, cassettes.EOF), says(server, "one"), says(server, "two"), marks(server, cassettes.EOF)))
	c := p.dial(t)
	send(t, c, request)
	expect(t, c, legacy)
	expectEnd(t, c, open)
	closeWrite(t, c)
	expect(t, c, "onetwo")
	expectEnd(t, c, eof)
}

// TestServerHalfClosesFirst checks that the server still reads the client's bytes
// after its own end.
func TestServerHalfClosesFirst(t *testing.T) {
	p := play(t, "tcp", upgrade(t, says(server, "bye"), marks(server, cassettes.EOF), says(client, "more"), marks(client, cassettes.EOF)))
	c := p.dial(t)
	send(t, c, attach)
	expect(t, c, upgraded+"bye")
	expectEnd(t, c, eof)
	for range 3 {
		time.Sleep(time.Millisecond)
		send(t, c, "more")
	}
	closeWrite(t, c)
}

func TestStreamIsReset(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			p := play(t, network, upgrade(t, says(client, "x"), says(server, "oops"), marks(server, cassettes.Reset)))
			c := p.dial(t)
			send(t, c, attach)
			expect(t, c, upgraded)
			send(t, c, "x")
			expect(t, c, "oops")
			expectEnd(t, c, reset)
		})
	}
}

// TestLargeTurns checks a stream of more turns, and larger ones, than are kept
// in memory, both ways at once.
func TestLargeTurns(t *testing.T) {
	var turns []cassettes.Turn
	var up, down bytes.Buffer
	for i := range 1500 {
		data := strings.Repeat(string(rune('a'+i%26)), 100)
		if i%2 == 0 {
			turns = append(turns, says(client, data))
			up.WriteString(data)
		} else {
			turns = append(turns, says(server, data))
			down.WriteString(data)
		}
	}
	p := play(t, "unix", upgrade(t, append(turns, marks(server, cassettes.EOF))...))
	c := p.dial(t)
	send(t, c, attach)
	go c.Write(up.Bytes())
	expect(t, c, upgraded+down.String())
	expectEnd(t, c, eof)
}
