package replay

import (
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
)

// TestOnlyAResetLooksLikeOne checks that clients of a Unix socket see a clean
// close where one was recorded, beside recorded resets, and that the reset
// comes where all that the client said came in one read, however late.
func TestOnlyAResetLooksLikeOne(t *testing.T) {
	closing := "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"
	cut := "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"
	broken := plain(t, "GET /reset HTTP/1.1\r\n\r\n", cut)
	broken.Response.End = cassettes.Incomplete
	p := play(t, "unix",
		closed(plain(t, ask, closing), 4, time.Millisecond, cassettes.FullClose),
		closed(plain(t, "GET /eof HTTP/1.1\r\n\r\n", closing), 4, time.Millisecond, cassettes.EOF),
		closed(broken, 4, time.Hour, cassettes.Reset),
		withTurns(new(cassettes.Interaction), says(client, "hello"), says(server, "bye"), marks(server, cassettes.FullClose)))
	for _, tt := range []struct{ say, hear, end string }{
		{ask, closing, eof},
		{"GET /eof HTTP/1.1\r\n\r\n", closing, eof},
		{"GET /reset HTTP/1.1\r\n\r\n", cut, reset},
		{"hello", "bye", eof},
	} {
		c := p.dial(t)
		send(t, c, tt.say)
		expect(t, c, tt.hear)
		expectEnd(t, c, tt.end)
	}
	idle := p.dial(t)
	send(t, idle, "GET /x HTTP")
	time.Sleep(5 * time.Millisecond) // it is read
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	expectEnd(t, idle, eof)
}
