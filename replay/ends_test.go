package replay

import "testing"

// TestCloseThatWasNotObeyed: where the recorded client asked for a close, too,
// and the connection went on, it goes on, the second time as well. Where it did
// not go on, or the recorded client did not ask, the client is obeyed.
func TestCloseThatWasNotObeyed(t *testing.T) {
	const closing = "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
	const going = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
	const answer = "HTTP/1.1 204 No Content\r\n\r\n"
	for _, tt := range []struct {
		name, recorded string
		conn           int // of the interaction that was recorded next
		end            string
	}{
		{"asked and went on", closing, 1, open},
		{"asked", closing, 2, eof},
		{"did not ask", going, 1, eof},
	} {
		t.Run(tt.name, func(t *testing.T) {
			next := item(t, in(11, ask), in(12, answer))
			next.Conn = tt.conn
			p := play(t, "unix", plain(t, tt.recorded, answer), next)
			for range 2 {
				c := p.dial(t)
				send(t, c, closing)
				expect(t, c, answer)
				expectEnd(t, c, tt.end)
				if tt.end == open {
					send(t, c, ask)
					expect(t, c, answer)
				}
			}
		})
	}
}
