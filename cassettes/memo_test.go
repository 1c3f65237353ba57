package cassettes

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wiretape/wiretape/cassettes/internal/encode"
	"github.com/wiretape/wiretape/internal/http1"
)

// TestMemo has an encoder meet heads again, with bodies, framings and methods
// that differ: its memory must change nothing.
func TestMemo(t *testing.T) {
	var items []*Interaction
	for _, method := range []string{"GET", "HEAD"} {
		for _, framing := range []http1.Framing{http1.None, http1.Length, http1.Chunked} {
			for _, body := range []string{"", "one\ntwo", "\xff"} {
				for _, trailer := range []string{"", "A: b\r\n\r\n"} {
					it := &Interaction{
						Request:  &Message{Head: []byte(method + " /x HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n")},
						Response: &Message{Head: []byte("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"), Framing: framing},
					}
					it.Response.Body.Data = []byte(body)
					if framing == http1.Chunked && trailer != "" {
						it.Response.Trailer = []byte(trailer)
					}
					items = append(items, it)
				}
			}
		}
	}
	odd := &Message{Head: []byte("GET /x HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n")}
	items = append(items, &Interaction{Request: odd, Response: odd}, &Interaction{Request: odd, Response: odd})

	for _, start := range []string{
		"GET /x HTTP/1.1", "POST /y?z HTTP/1.1", "GET /x HTTP/1.0", "GET http://a/x HTTP/1.1", "CONNECT h:1 HTTP/1.1",
		"OPTIONS * HTTP/1.1", "GET /a://b HTTP/1.1", "GET /" + "\xff HTTP/1.1", "GET /\" HTTP/1.1", "GET /x\rHTTP/1.1", "GET  /x HTTP/1.1",
		"GET /x", "/x", "",
	} {
		for _, end := range []string{"\r\n", "\n"} {
			for _, fields := range []string{"Host: h\r\nX: y\r\n\r\n", "Host: h\nX: y\r\n\r\n", "Host: i\r\n\r\n", "\r\n", ""} {
				items = append(items, &Interaction{Request: &Message{Head: []byte(start + end + fields)}})
			}
		}
	}

	var warm encode.Encoder
	for round := range 3 {
		for i, it := range items {
			var cold encode.Encoder
			cold.Item(it)
			warm.Buf = warm.Buf[:0]
			warm.Item(it)
			if diff := cmp.Diff(string(cold.Buf), string(warm.Buf)); diff != "" {
				t.Errorf("round %d, item %d: -cold +warm\n%s", round, i, diff)
			}
		}
	}
}
