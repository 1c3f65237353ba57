package e2e

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

// shapes are the ways a message can look on the wire. found lists, in the
// order of the cassette, what record made of it: framing, frames and end of
// each message that has them.
var shapes = []struct {
	name   string
	script script
	found  []string
}{
	{"length", script{client(get), serverSays("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), clientEOF},
		[]string{"framing: length", "frames: [5]", "end: complete"}},
	{"length in pieces", script{client(get), serverSays("HTTP/1.1 200 OK\r\nContent-Le"), serverSays("ngth: 5\r\n\r\nhel"), serverSays("lo"), clientEOF},
		[]string{"framing: length", "end: complete"}},
	{"chunked", script{client(get), serverSays("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"), clientEOF},
		[]string{"framing: chunked", "frames: [5, 1, 0]", "end: complete"}},
	{"chunked in pieces", script{client(get), serverSays("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe"), serverSays("llo\r"), serverSays("\n0\r\n\r"), serverSays("\n"), clientEOF},
		[]string{"framing: chunked", "frames: [5, 0]", "end: complete"}},
	{"odd chunk lines", script{client(get), serverSays("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0005;a=b\r\nhello\r\nA\r\n0123456789\r\n000\r\n\r\n"), clientEOF},
		[]string{"framing: chunked", "frames: [5, 10, 0]", "end: complete"}},
	{"trailers", script{client(get), serverSays("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Sum\r\n\r\n2\r\nok\r\n0\r\nSum: 1\r\n\r\n"), clientEOF},
		[]string{"framing: chunked", "frames: [2, 0]", "end: complete"}},
	{"close", script{client(get), serverSays("HTTP/1.1 200 OK\r\n\r\nto the end"), serverEOF},
		[]string{"framing: close", "frames: [10]", "end: complete"}},
	{"HTTP/1.0", script{client("GET / HTTP/1.0\r\n\r\n"), serverSays("HTTP/1.0 200 OK\r\n\r\nto the end"), serverEOF},
		[]string{"framing: close", "frames: [10]", "end: complete"}},
	{"HEAD", script{client("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"), serverSays("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), client(get), serverSays("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), clientEOF},
		[]string{"framing: none", "end: complete", "framing: length", "frames: [5]", "end: complete"}},
	{"204", script{client(get), serverSays("HTTP/1.1 204 No Content\r\n\r\n"), client(get), serverSays("HTTP/1.1 204 No Content\r\n\r\n"), clientEOF},
		[]string{"framing: none", "end: complete", "framing: none", "end: complete"}},
	{"304", script{client(get), serverSays("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"), client(get), serverSays("HTTP/1.1 304 Not Modified\r\n\r\n"), clientEOF},
		[]string{"framing: none", "end: complete", "framing: none", "end: complete"}},
	{"100 continue", script{
		client("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"), serverSays("HTTP/1.1 100 Continue\r\n\r\n"),
		client("body"), serverSays("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"), clientEOF},
		[]string{"framing: length", "frames: [4]", "end: complete", "framing: length", "end: complete"}},
	{"103 early hints", script{client(get), serverSays("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), serverSays("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), clientEOF},
		[]string{"framing: length", "frames: [2]", "end: complete"}},
	{"chunked request", script{client("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"), client("3\r\nabc\r\n"), client("0\r\n\r\n"), serverSays("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), clientEOF},
		[]string{"framing: chunked", "frames: [3, 0]", "end: complete", "framing: length", "frames: [2]", "end: complete"}},
	{"pipelining", script{client(strings.Repeat(get, 3)), serverSays("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1HTTP/1.1 200 OK\r\nContent-Le"), serverSays("ngth: 1\r\n\r\n2HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n3"), clientEOF},
		[]string{"framing: length", "frames: [1]", "end: complete", "framing: length", "frames: [1]", "end: complete", "framing: length", "frames: [1]", "end: complete"}},
	{"early answer", script{client("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"), serverSays("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"), client("defghij"), client(get), serverSays("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), clientEOF},
		[]string{"framing: length", "end: complete", "framing: length", "frames: [2]", "end: complete", "framing: length", "frames: [2]", "end: complete"}},
	{"close inside a length", script{client(get), serverSays("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nonly this"), serverEOF},
		[]string{"framing: length", "frames: [50]", "end: incomplete"}},
	{"close inside a chunk", script{client(get), serverSays("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nff\r\nonly"), serverEOF},
		[]string{"framing: chunked", "frames: [5, 255]", "end: incomplete"}},
	{"long reason", script{client("GET / HTTP/1.1\r\n\r\n"), serverSays("HTTP/1.1 400 Bad Request: missing required Host header\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n400 Bad Request"), serverEOF},
		[]string{"framing: close", "frames: [15]", "end: complete"}},
	{"keep-alive", script{client(get), serverSays("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"), client(get), serverSays("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n2\r\n0\r\n\r\n"), serverEOF},
		[]string{"framing: length", "frames: [1]", "end: complete", "framing: chunked", "frames: [1, 0]", "end: complete"}},
}

// TestShapes records each shape, looks at what was found in it, and compares
// what replay sends with what the daemon had sent.
func TestShapes(t *testing.T) {
	for _, c := range shapes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			if err := s.perform(c.script); err != nil {
				t.Fatal(err)
			}
			s.finish()
			text, err := os.ReadFile(s.cassette())
			if err != nil {
				t.Fatal(err)
			}
			if got := structure(text); !found(got, c.found) {
				t.Errorf("found %q, want %q in\n%s", got, c.found, text)
			}
			if strings.Contains(string(text), "turns:") {
				t.Errorf("the parser gave up:\n%s", text)
			}
			verifies(t, s.cassette())
			s.replays([]script{c.script}, sameServer)
		})
	}
}

var structureLine = regexp.MustCompile(`(?m)^ +((?:framing|frames|end): .*)$`)

// structure returns the lines of a cassette that say what was found.
func structure(cassette []byte) []string {
	var lines []string
	for _, m := range structureLine.FindAllSubmatch(cassette, -1) {
		lines = append(lines, string(m[1]))
	}
	return lines
}

// found reports whether want are among got, in order.
func found(got, want []string) bool {
	for _, w := range want {
		i := slices.Index(got, w)
		if i < 0 {
			return false
		}
		got = got[i+1:]
	}
	return true
}
