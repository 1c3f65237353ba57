package replay

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/http1"
)

const (
	attach   = "POST /containers/1/attach HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
	upgraded = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)

// upgrade is an exchange that leaves HTTP.
func upgrade(t testing.TB, turns ...cassettes.Turn) *cassettes.Item {
	t.Helper()
	it := plain(t, attach, upgraded)
	return stream(it, turns...)
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
	p := play(t, "tcp", stream(it, marks(client, cassettes.EOF), says(server, "one"), says(server, "two"), marks(server, cassettes.EOF)))
	c := p.dial(t)
	send(t, c, request)
	expect(t, c, legacy)
	expectEnd(t, c, open)
	closeWrite(t, c)
	expect(t, c, "onetwo")
	expectEnd(t, c, eof)
}

// TestServerHalfClosesFirst checks that what the client sends after the
// server's end is still read.
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

// TestRawConnections checks which recorded connection answers one that is not
// HTTP.
func TestRawConnections(t *testing.T) {
	redis := func(turns ...cassettes.Turn) *cassettes.Item { return stream(nil, turns...) }
	items := func() []*cassettes.Item {
		return []*cassettes.Item{
			redis(says(client, "*1\r\nPING\r\n"), says(server, "+PONG\r\n"), says(client, "*2\r\nGET a\r\n"), says(server, "$1\r\n1\r\n"), marks(client, cassettes.EOF), marks(server, cassettes.EOF)),
			redis(says(client, "*2\r\nGET b\r\n"), says(server, "$1\r\n2\r\n"), marks(client, cassettes.EOF), marks(server, cassettes.EOF)),
			redis(says(client, "*2\r\nGET b\r\n"), says(server, "$1\r\n3\r\n"), marks(client, cassettes.EOF), marks(server, cassettes.EOF)),
		}
	}
	for _, http := range []bool{false, true} {
		tape := items()
		if http {
			tape = append(tape, saying(t, get("/a"), "0"))
		}
		p := play(t, "unix", tape...)
		talk := func(turns ...string) {
			t.Helper()
			c := p.dial(t)
			for i, turn := range turns {
				if i%2 == 0 {
					for _, b := range []byte(turn) {
						send(t, c, string(b))
					}
				} else {
					expect(t, c, turn)
				}
			}
			closeWrite(t, c)
			expectEnd(t, c, eof)
		}
		talk("*2\r\nGET b\r\n", "$1\r\n2\r\n")
		talk("*1\r\nPING\r\n", "+PONG\r\n", "*2\r\nGET a\r\n", "$1\r\n1\r\n")
		talk("*2\r\nGET b\r\n", "$1\r\n3\r\n")
		if r := p.Report(); len(r.Misses) != 0 || r.Played != 3 {
			t.Errorf("the report is %+v", r)
		}
		talk("*2\r\nGET b\r\n")
		talk("*2\r\nGET c\r\n")
		if r := p.Report(); len(r.Misses) != 2 || !strings.Contains(r.Misses[1].Text, `"*`) {
			t.Errorf("the report is %+v", r)
		}
	}
}

// TestDialogues checks that a connection that begins like several is the one
// that goes on as it does.
func TestDialogues(t *testing.T) {
	talk := func(greeting string, turns ...string) *cassettes.Item {
		var all []cassettes.Turn
		if greeting != "" {
			all = append(all, says(server, greeting))
		}
		for i, turn := range turns {
			all = append(all, cassettes.Turn{Side: []http1.Side{client, server}[i%2], Data: []byte(turn)})
		}
		return stream(nil, append(all, marks(client, cassettes.EOF), marks(server, cassettes.EOF))...)
	}
	for _, greeting := range []string{"", "220 hello\r\n", "220 hello " + strings.Repeat("x", 70<<10) + "\r\n"} {
		p := serve(t, "unix", &Server{Cassettes: []*cassettes.Cassette{filed(t, len(greeting) > 1000,
			talk(greeting, "PING", "PONG", "GET a", "1", "GET b", "2"),
			talk(greeting, "PING", "PANG", "GET c", "0"),
			talk(greeting, "PING", "PONG", "GET a", "1", "GET c", "3"),
			talk(greeting, "PING", "PONG", "GET c", "4"))}})
		for _, turns := range [][]string{
			{"PING", "PONG", "GET c", "4"},
			{"PING", "PONG", "GET a", "1", "GET c", "3"},
			{"PING", "PONG", "GET a", "1", "GET b", "2"},
			{"PING", "PANG", "GET c", "0"},
		} {
			c := p.dial(t)
			expect(t, c, greeting)
			for i, turn := range turns {
				if i%2 == 1 {
					expect(t, c, turn)
					continue
				}
				for _, b := range turn {
					send(t, c, string(b))
				}
			}
			closeWrite(t, c)
			expectEnd(t, c, eof)
		}
		if r := p.Report(); r.Played != 4 || len(r.Misses)+len(r.Notes) != 0 {
			t.Errorf("the report is %+v", r)
		}
	}
}

// filed is a tape whose turns are in files, if so asked.
func filed(t *testing.T, asked bool, items ...*cassettes.Item) *cassettes.Cassette {
	t.Helper()
	if !asked {
		return tape(t, cassettes.Header{}, items...)
	}
	path := filepath.Join(t.TempDir(), "filed.yaml")
	w, err := cassettes.Create(path, cassettes.Header{Upstream: "unix:///d"}, cassettes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range items {
		it.ID = w.NextID()
		sink := w.NewTurns(it.ID, 1, 0)
		for _, turn := range it.Turns.List {
			if turn.Mark != "" {
				err = errors.Join(err, sink.Mark(turn.Side, turn.Mark, turn.Seq, 0))
				continue
			}
			err = errors.Join(err, sink.Data(turn.Side, turn.Seq, 0, turn.Data))
		}
		turns, ferr := sink.Finish()
		it.Turns = turns
		if err = errors.Join(err, ferr, w.Append(it)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return openTape(t, path)
}

// TestDialogueThatWasNotRecorded checks that it is noted.
func TestDialogueThatWasNotRecorded(t *testing.T) {
	p := play(t, "unix", stream(nil, says(client, "PING"), says(server, "PONG"), says(client, "GET a"), says(server, "1")))
	c := p.dial(t)
	send(t, c, "PING")
	expect(t, c, "PONG")
	send(t, c, "GET b")
	expect(t, c, "1")
	if r := p.Report(); len(r.Notes) != 1 {
		t.Errorf("the report is %+v", r)
	}
}

// TestTLSProbe checks that a client that tries TLS on a plain port gets the
// plain answer, as often as it tries.
func TestTLSProbe(t *testing.T) {
	hello := func(n int) string { return string([]byte{0x16, 3, 1, byte(n >> 8), byte(n)}) + strings.Repeat("r", n) }
	answer := "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request"
	p := play(t, "tcp",
		stream(nil, says(client, hello(240)), says(server, answer), marks(server, cassettes.EOF)),
		saying(t, get("/v2/"), "0"))
	for _, n := range []int{241, 1510, 30} {
		c := p.dial(t)
		h := hello(n)
		send(t, c, h[:20])
		expectEnd(t, c, open)
		send(t, c, h[20:])
		expect(t, c, answer)
		expectEnd(t, c, eof)
		c.Close()
	}
	if got := p.conversation(t, get("/v2/")); got[0] != "0" {
		t.Errorf("HTTP got %q", got)
	}
	if r := p.Report(); len(r.Misses) != 0 || r.Played != 2 || r.Repeats != 2 {
		t.Errorf("the report is %+v", r)
	}
}

// TestServerSpeaksFirst is an SMTP-like server, alone and beside HTTP.
func TestServerSpeaksFirst(t *testing.T) {
	smtp := func(n string) *cassettes.Item {
		return stream(nil, says(server, "220 "+n+"\r\n"), says(client, "QUIT\r\n"), says(server, "221\r\n"), marks(server, cassettes.EOF))
	}
	quit := func(p *player, n string) {
		t.Helper()
		c := p.dial(t)
		expect(t, c, "220 "+n+"\r\n")
		send(t, c, "QUIT\r\n")
		expect(t, c, "221\r\n")
		expectEnd(t, c, eof)
	}
	p := play(t, "tcp", smtp("one"), smtp("two"))
	quit(p, "one")
	quit(p, "two")

	p = play(t, "tcp", saying(t, get("/a"), "0"), smtp("one"), saying(t, get("/b"), "1"))
	if got := p.conversation(t, get("/a")); got[0] != "0" {
		t.Errorf("HTTP got %q", got)
	}
	quit(p, "one")
	if got := p.conversation(t, get("/b")); got[0] != "1" {
		t.Errorf("HTTP got %q", got)
	}
}

func TestServerUnreachable(t *testing.T) {
	p := play(t, "unix", saying(t, get("/a"), "0"), stream(nil, marks(server, cassettes.Unreachable)), saying(t, get("/b"), "1"))
	if got := p.conversation(t, get("/a")); got[0] != "0" {
		t.Errorf("got %q", got)
	}
	expectEnd(t, p.dial(t), eof)
	if got := p.conversation(t, get("/b")); got[0] != "1" {
		t.Errorf("got %q", got)
	}
	if r := p.Report(); r.Unplayed != 0 {
		t.Errorf("the report is %+v", r)
	}
}

// TestConnectionWithoutAByte checks that it counts as played, and is not missed
// where it is not.
func TestConnectionWithoutAByte(t *testing.T) {
	p := play(t, "unix", stream(nil, marks(client, cassettes.EOF), marks(server, cassettes.EOF)), saying(t, get("/b"), "1"))
	if r := p.Report(); r.Played != 0 || r.Unplayed != 1 || len(p.Unplayed()) != 1 {
		t.Errorf("the report is %+v", r)
	}
	c := p.dial(t)
	expectEnd(t, c, open)
	closeWrite(t, c)
	expectEnd(t, c, eof)
	if r := p.Report(); r.Played != 1 || r.Unplayed != 1 || len(r.Misses) != 0 {
		t.Errorf("the report is %+v", r)
	}
}

// TestAnswerToHalfAHead checks that a server that answered the beginning of a
// head, because it was wrong already, does so again.
func TestAnswerToHalfAHead(t *testing.T) {
	p := play(t, "unix",
		stream(nil, says(client, "GET /\r\n"), says(server, "400\r\n"), marks(server, cassettes.EOF), marks(client, cassettes.EOF)),
		saying(t, get("/b"), "1"))
	if got := p.conversation(t, get("/b")); got[0] != "1" {
		t.Errorf("HTTP got %q", got)
	}
	c := p.dial(t)
	send(t, c, "GET /\r\n")
	expect(t, c, "400\r\n")
	expectEnd(t, c, eof)
}

// TestClientThatLeavesEarly checks that it ends its stream quietly.
func TestClientThatLeavesEarly(t *testing.T) {
	p := play(t, "unix", upgrade(t, says(client, "never sent"), says(server, strings.Repeat("x", 1<<20)), marks(server, cassettes.EOF)))
	c := p.dial(t)
	send(t, c, attach)
	expect(t, c, upgraded)
	c.Close()
	ended := make(chan error, 1)
	go func() { ended <- p.Shutdown(t.Context()) }()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if r := p.Report(); r.Played != 1 || len(r.Misses) != 0 {
		t.Errorf("the report is %+v", r)
	}
}

// TestEveryEnd leaves 1,000 connections in every way and looks for what is left
// of them: goleak looks for goroutines when all tests have ended.
func TestEveryEnd(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) { testEveryEnd(t, network) })
	}
}

func testEveryEnd(t *testing.T, network string) {
	long := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	it := item(t, in(1, get("/long")), in(2, long, "5\r\nhello\r\n"))
	it.Response.End = cassettes.NoEnd
	p := play(t, network, it, saying(t, get("/a"), "0"), upgrade(t, says(client, "x"), says(server, "y")))
	p.dial(t).Close()
	before := descriptors(t)
	for i := range 500 {
		c, err := net.Dial(p.l.Addr().Network(), p.l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		switch i % 8 {
		case 0:
			send(t, c, get("/long")[:i%20])
		case 1:
			send(t, c, get("/long"))
		case 2:
			send(t, c, get("/a")+get("/long"))
			endpoint.Reset(c)
		case 3:
			closeWrite(t, c)
			io.Copy(io.Discard, c)
		case 4:
			send(t, c, get("/a"))
			io.ReadFull(c, make([]byte, 10))
		case 5:
			send(t, c, post("/none", "x")[:40])
		case 6:
			send(t, c, attach)
			io.ReadFull(c, make([]byte, 10))
			endpoint.Reset(c)
		case 7:
			send(t, c, attach+"x")
			closeWrite(t, c)
			io.ReadFull(c, make([]byte, 10))
		}
		c.Close()
	}
	for end := time.Now().Add(10 * time.Second); descriptors(t) > before || len(p.open()) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d descriptors are open, %d were before; %d connections are left", descriptors(t), before, len(p.open()))
		}
	}
	if err := p.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// descriptors returns the number of this process's open ones; 0 where it cannot
// be told.
func descriptors(t *testing.T) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil && runtime.GOOS == "linux" {
		t.Fatal(err)
	}
	return len(entries)
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

// TestStrays checks that the streams of a client that does not do what the
// recorded one did end when they stand still, and that those of others do not.
func TestStrays(t *testing.T) {
	ask := func(text string) func(*testing.T, *player, net.Conn) {
		return func(t *testing.T, p *player, _ net.Conn) {
			if got := p.conversation(t, get(text)); got[0] == "0" {
				t.Errorf("asked for %s, got %q", text, got)
			}
		}
	}
	say := func(text string) func(*testing.T, *player, net.Conn) {
		return func(t *testing.T, _ *player, c net.Conn) { send(t, c, text) }
	}
	for _, tt := range []struct {
		name string
		does func(*testing.T, *player, net.Conn)
		ends bool
	}{
		{"nothing", func(*testing.T, *player, net.Conn) {}, false},
		{"what was recorded", say("hello"), false},
		{"less", say("hel"), false},
		{"another request", ask("/none"), true},
		{"other bytes", say("hal"), true},
		{"another connection", func(t *testing.T, p *player, _ net.Conn) {
			c := p.dial(t)
			send(t, c, "\x00hello\r\n")
			expectEnd(t, c, eof)
		}, true},
	} {
		for _, network := range []string{"unix", "tcp"} {
			t.Run(tt.name+"/"+network, func(t *testing.T) {
				p := serve(t, network, &Server{CausalTimeout: 40 * time.Millisecond, Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{},
					upgrade(t, says(server, "$ "), says(client, "hello"), says(server, "bye"), marks(client, cassettes.EOF), marks(server, cassettes.EOF)),
					saying(t, get("/a"), "0"))}})
				c := p.dial(t)
				send(t, c, attach)
				expect(t, c, upgraded+"$ ")
				tt.does(t, p, c)
				if tt.name == "what was recorded" {
					expect(t, c, "bye")
				}
				c.SetReadDeadline(time.Now().Add(400 * time.Millisecond))
				_, err := c.Read(make([]byte, 1))
				if ended := err == io.EOF; ended != tt.ends {
					t.Errorf("the stream ended: %v, want %v: %v", ended, tt.ends, err)
				}
				if r := p.Report(); (len(r.Notes) > 0) != tt.ends {
					t.Errorf("the report is %+v", r)
				}
			})
		}
	}
}

// TestWhoIsAStray checks that a client is none any more when its last connection
// has ended, or after a Reset, and that those of another address are none.
func TestWhoIsAStray(t *testing.T) {
	from := func(p *player, ip net.IP) net.Conn {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: ip}}
		c, err := d.Dial("tcp", p.l.Addr().String())
		if err != nil {
			t.Skip(err) // not every system has all of 127.0.0.0/8
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	for _, tt := range []struct {
		name string
		next func(*testing.T, *player, net.Conn) net.Conn // the connection to look at
		ends bool
	}{
		{"the same client/unix", func(_ *testing.T, _ *player, c net.Conn) net.Conn { return c }, true},
		{"the same client/tcp", func(_ *testing.T, _ *player, c net.Conn) net.Conn { return c }, true},
		{"after its end/unix", redial, false},
		{"after its end/tcp", redial, false},
		{"after a reset/unix", func(_ *testing.T, p *player, c net.Conn) net.Conn { p.Reset(); return c }, false},
		{"the same address/tcp", func(_ *testing.T, p *player, _ net.Conn) net.Conn { return from(p, net.IPv4(127, 0, 0, 1)) }, true},
		{"another address/tcp", func(_ *testing.T, p *player, _ net.Conn) net.Conn { return from(p, net.IPv4(127, 0, 0, 2)) }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := serve(t, filepath.Base(tt.name), &Server{CausalTimeout: 40 * time.Millisecond, Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{},
				upgrade(t, says(server, "$ "), says(client, "hello"), says(server, "bye")), saying(t, get("/a"), "0"))}})
			c := p.dial(t)
			p.conversation(t, get("/none"))
			c = tt.next(t, p, c)
			send(t, c, attach)
			expect(t, c, upgraded+"$ ")
			c.SetReadDeadline(time.Now().Add(400 * time.Millisecond))
			_, err := c.Read(make([]byte, 1))
			if ended := err == io.EOF; ended != tt.ends {
				t.Errorf("the stream ended: %v, want %v: %v", ended, tt.ends, err)
			}
		})
	}
}

// redial returns another connection, after all others have ended.
func redial(t *testing.T, p *player, c net.Conn) net.Conn {
	c.Close()
	for until := time.Now().Add(5 * time.Second); len(p.open()) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("connections are left")
		}
	}
	return p.dial(t)
}
