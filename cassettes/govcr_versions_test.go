package cassettes_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay"
)

// answer is a request and the response that a client of a go-vcr cassette gets.
type answer struct {
	Method, Target, Sent string // the request, and its body
	Code                 int
	Body                 string
	Framing              http1.Framing
}

// The cassettes in testdata/go-vcr hold one program's requests, recorded by
// go-vcr v1.2.0, v2.3.0, v3.2.0 and v4.0.7. Only v3 and later keep trailers.
func TestCassettesOfEveryGoVCRAreServed(t *testing.T) {
	want := []answer{
		{"GET", "/version?all=1&a=b%20c", "", 200, "{\"ApiVersion\":\"1.41\"}\n", http1.Length},
		{"HEAD", "/version", "", 200, "", http1.None},
		{"POST", "/pull?fromImage=busybox", "", 200, "{\"status\":\"Pulling\"}\r\n{\"status\":\"Done\"}\r\n", http1.Chunked},
		{"POST", "/form", "name=you+%26+me", 201, "hello you & me\n", http1.Length},
		{"DELETE", "/gone", "", 204, "", http1.None},
		{"GET", "/missing", "", 404, "no such thing\n", http1.Length},
		{"GET", "/gzip", "", 200, "it was compressed\n", http1.Chunked},
		{"GET", "/binary", "", 200, "\x00\x01\xfe\xff\r\n", http1.Length},
		{"GET", "/text", "", 200, "é 漢\n\n  indented\n\ttab\n", http1.Length},
		{"GET", "/trailer", "", 200, "body\n", http1.Chunked},
		{"GET", "/moved", "", 307, "<a href=\"/version\">Temporary Redirect</a>.\n\n", http1.Length},
		{"POST", "/upload", "\x00\xffbinary", 200, "8\n", http1.Length},
		{"POST", "/upload", "chunked upload", 200, "14\n", http1.Length},
	}
	for v := 1; v <= 4; v++ {
		t.Run(fmt.Sprintf("v%d", v), func(t *testing.T) {
			c, err := cassettes.OpenFile(fmt.Sprintf("testdata/go-vcr/v%d.yaml", v))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if c.Len() != len(want) {
				t.Fatalf("got %d interactions, want %d", c.Len(), len(want))
			}
			dial := serve(t, c)
			for i, w := range want {
				it, err := c.Interaction(i)
				if err != nil {
					t.Fatal(err)
				}
				got := ask(t, dial(), w, v >= 3 && i == 9)
				got.Framing = it.Response.Framing
				if d := cmp.Diff(w, got); d != "" {
					t.Errorf("interaction %d (-want +got):\n%s", i, d)
				}
			}
		})
	}
}

// ask sends w's request and returns the answer to it.
func ask(t *testing.T, conn net.Conn, w answer, trailer bool) answer {
	t.Helper()
	defer conn.Close()
	_, err := fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: elsewhere\r\nContent-Length: %d\r\n\r\n%s", w.Method, w.Target, len(w.Sent), w.Sent)
	if err != nil {
		t.Fatal(err)
	}
	got, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: w.Method})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	if digest := got.Trailer.Get("Digest"); trailer != (digest == "d1") {
		t.Errorf("%s: got a trailer %q", w.Target, digest)
	}
	w.Code, w.Body = got.StatusCode, string(body)
	return w
}

// serve replays a cassette and returns what dials it.
func serve(t *testing.T, c *cassettes.Cassette) func() net.Conn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &replay.Server{Cassettes: []*cassettes.Cassette{c}}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		<-ended
	})
	return func() net.Conn {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
}

// A file that is another tool's is not taken for go-vcr's.
func TestOthersCassettesNeedAnImport(t *testing.T) {
	for text, want := range map[string]string{
		"http_interactions:\n- request:\n    method: get\n    uri: http://x/\n":        "c.yaml:1: this is a cassette of Ruby's VCR; cassette import makes one of ours of it",
		"interactions:\n- request:\n    method: GET\n    uri: http://x/\nversion: 1\n": "c.yaml:3: this is a cassette of vcrpy; cassette import makes one of ours of it",
		"version: 3\ninteractions: []\n":                                               "c.yaml:1: want version 1 or 2 of go-vcr's format, found version 3",
	} {
		_, err := cassettes.Open(fstest.MapFS{"c.yaml": {Data: []byte(text)}}, "c.yaml")
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
