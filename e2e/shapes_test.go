package e2e

import (
	"os"
	"slices"
	"strings"
	"testing"
)

const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

// shapes are the forms of a message on the wire. found is record's view of it:
// framing, frames and end of each request and its response. An asterisk stands
// for any frames.
var shapes = []struct {
	name   string
	script script
	found  []string
}{
	{"length", script{client(get), serverSays("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), clientEOF},
		[]string{"none", "length [5]"}},
	{"length in pieces", script{client(get), serverSays("HTTP/1.1 200 OK\r\nContent-Le"), serverSays("ngth: 5\r\n\r\nhel"), serverSays("lo"), clientEOF},
		[]string{"none", "length *"}},
	{"chunked", script{client(get), serverSays("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"), clientEOF},
		[]string{"none", "chunked [5, 1, 0]"}},
	{"chunked in pieces", script{client(get), serverSays("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe"), serverSays("llo\r"), serverSays("\n0\r\n\r"), serverSays("\n"), clientEOF},
		[]string{"none", "chunked [5, 0]"}},
	{"odd chunk lines", script{client(get), serverSays("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0005;a=b\r\nhello\r\nA\r\n0123456789\r\n000\r\n\r\n"), clientEOF},
		[]string{"none", "chunked [5, 10, 0]"}},
	{"trailers", script{client(get), serverSays("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Sum\r\n\r\n2\r\nok\r\n0\r\nSum: 1\r\n\r\n"), clientEOF},
		[]string{"none", "chunked [2, 0]"}},
	{"close", script{client(get), serverSays("HTTP/1.1 200 OK\r\n\r\nto the end"), serverEOF},
		[]string{"none", "close [10]"}},
	{"HTTP/1.0", script{client("GET / HTTP/1.0\r\n\r\n"), serverSays("HTTP/1.0 200 OK\r\n\r\nto the end"), serverEOF},
		[]string{"none", "close [10]"}},
	{"HEAD", script{client("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"), serverSays("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), client(get), serverSays("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), clientEOF},
		[]string{"none", "none", "none", "length [5]"}},
	{"204", script{client(get), serverSays("HTTP/1.1 204 No Content\r\n\r\n"), client(get), serverSays("HTTP/1.1 204 No Content\r\n\r\n"), clientEOF},
		[]string{"none", "none", "none", "none"}},
	{"304", script{client(get), serverSays("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"), client(get), serverSays("HTTP/1.1 304 Not Modified\r\n\r\n"), clientEOF},
		[]string{"none", "none", "none", "none"}},
	{"100 continue", script{
		client("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"), serverSays("HTTP/1.1 100 Continue\r\n\r\n"),
		client("body"), serverSays("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"), clientEOF},
		[]string{"length [4]", "length"}},
	{"103 early hints", script{client(get), serverSays("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), serverSays("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), clientEOF},
		[]string{"none", "length [2]"}},
	{"chunked request", script{client("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"), client("3\r\nabc\r\n"), client("0\r\n\r\n"), serverSays("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), clientEOF},
		[]string{"chunked [3, 0]", "length [2]"}},
	{"pipelining", script{client(strings.Repeat(get, 3)), serverSays("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1HTTP/1.1 200 OK\r\nContent-Le"), serverSays("ngth: 1\r\n\r\n2HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n3"), clientEOF},
		[]string{"none", "length [1]", "none", "length [1]", "none", "length [1]"}},
	{"early answer", script{client("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"), serverSays("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"), client("defghij"), client(get), serverSays("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), clientEOF},
		[]string{"length [3, 7]", "length [2]", "none", "length [2]"}},
	{"close inside a length", script{client(get), serverSays("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nonly this"), serverEOF},
		[]string{"none", "length [50] incomplete"}},
	{"close inside a chunk", script{client(get), serverSays("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nff\r\nonly"), serverEOF},
		[]string{"none", "chunked [5, 255] incomplete"}},
	{"long reason", script{client("GET / HTTP/1.1\r\n\r\n"), serverSays("HTTP/1.1 400 Bad Request: missing required Host header\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n400 Bad Request"), serverEOF},
		[]string{"none", "close [15]"}},
	{"keep-alive", script{client(get), serverSays("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"), client(get), serverSays("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n2\r\n0\r\n\r\n"), serverEOF},
		[]string{"none", "length [1]", "none", "chunked [1, 0]"}},
}

// TestShapes records each shape, checks the structure in the cassette, and
// compares replay's bytes with the daemon's.
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
			if got := structure(text); !slices.EqualFunc(c.found, got, sameStructure) {
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

// structure returns a line for each message of a cassette: its framing, frames
// and end, as docs/format.md's canonical layout has them.
func structure(cassette []byte) []string {
	var messages [][3]string
	for line := range strings.Lines(string(cassette)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		last := len(messages) - 1
		switch key {
		case "      request:", "      response:":
			messages = append(messages, [3]string{"none"})
		case "        framing":
			messages[last][0] = value
		case "        frames":
			messages[last][1] = value
		case "        end":
			messages[last][2] = value
		}
	}
	var lines []string
	for _, m := range messages {
		lines = append(lines, strings.Join(slices.DeleteFunc(m[:], func(s string) bool { return s == "" }), " "))
	}
	return lines
}

// sameStructure compares lines of structure.
func sameStructure(want, got string) bool {
	if framing, ok := strings.CutSuffix(want, " *"); ok {
		return strings.HasPrefix(got, framing+" [")
	}
	return got == want
}
