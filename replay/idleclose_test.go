package replay

import (
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
)

// idle is an exchange whose server closed the connection without having said so.
func idle(t *testing.T, answer string, timed bool, m cassettes.Mark) *cassettes.Interaction {
	it := closed(plain(t, ask, answer), 50, time.Minute, m)
	it.Timed = timed
	return it
}

const (
	okAnswer   = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	keptAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=5\r\n\r\nok"
)

// TestClientThatReadsToTheEnd gets the close that was recorded, with times or
// without them, and whatever the server promised.
func TestClientThatReadsToTheEnd(t *testing.T) {
	chunks := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
	for name, tt := range map[string]struct {
		answer string
		timed  bool
		mark   cassettes.Mark
		end    string
	}{
		"timed":       {okAnswer, true, cassettes.EOF, eof},
		"untimed":     {okAnswer, false, cassettes.EOF, eof},
		"wholly":      {okAnswer, true, cassettes.FullClose, eof},
		"chunks":      {chunks, false, cassettes.EOF, eof},
		"no body":     {"HTTP/1.1 204 No Content\r\n\r\n", false, cassettes.EOF, eof},
		"kept alive":  {keptAnswer, false, cassettes.EOF, eof},
		"reset":       {okAnswer, false, cassettes.Reset, reset},
		"reset, kept": {keptAnswer, true, cassettes.Reset, reset},
	} {
		for _, network := range []string{"unix", "tcp"} {
			t.Run(network+"/"+name, func(t *testing.T) {
				t.Parallel()
				p := play(t, network, idle(t, tt.answer, tt.timed, tt.mark))
				for range 2 { // the second time it is a repetition
					c := p.dial(t)
					send(t, c, ask)
					expect(t, c, tt.answer)
					expectEnd(t, c, tt.end)
				}
			})
		}
	}
}

// TestPoolKeepsItsConnection is a client that asks again on a connection that was
// recorded to be closed: it gets every answer, and the close in the end.
func TestPoolKeepsItsConnection(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			var items []*cassettes.Interaction
			for n := range 20 {
				it := idle(t, keptAnswer, true, cassettes.EOF)
				it.Conn = n + 1
				items = append(items, it)
			}
			p := play(t, network, items...)
			c := p.dial(t)
			for range 200 {
				send(t, c, ask)
				expect(t, c, keptAnswer)
			}
			expectEnd(t, c, eof)
		})
	}
}

// TestReuseElsewhereIsPatience checks that a server which took a second request on
// any connection counts as one that keeps them.
func TestReuseElsewhereIsPatience(t *testing.T) {
	alone, first, second := idle(t, okAnswer, true, cassettes.EOF), plain(t, get("/a"), okAnswer), plain(t, get("/a"), okAnswer)
	alone.Conn, first.Conn, second.Conn = 1, 2, 2
	p := play(t, "unix", alone, first, second)
	c := p.dial(t)
	send(t, c, ask)
	expect(t, c, okAnswer)
	if !p.index.WasReused(0) {
		t.Error("a connection of the recording was used again")
	}
	expectEnd(t, c, eof)
}

// TestShutdownEndsHeldCloses checks that a close which is held back holds up
// nothing else.
func TestShutdownEndsHeldCloses(t *testing.T) {
	p := play(t, "unix", idle(t, keptAnswer, true, cassettes.EOF))
	c := p.dial(t)
	send(t, c, ask)
	expect(t, c, keptAnswer)
	if err := p.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	expectEnd(t, c, eof)
}
