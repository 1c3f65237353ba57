package record

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// newTestConn returns a connection without sockets, to be fed by hand.
func newTestConn(t testing.TB) *conn {
	w, err := cassettes.Create(filepath.Join(t.TempDir(), "c.yaml"), cassettes.Header{Redaction: []string{"default"}}, cassettes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &Recorder{Cassette: w}
	r.init()
	t.Cleanup(func() {
		r.Close()
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return newConn(r, 1)
}

// took processes the log as logRead has said.
func (c *conn) took(due urgency) {
	if due != processLater {
		c.r.process()
	}
}

const (
	benchRequest = "GET /v1.41/images/json HTTP/1.1\r\nHost: docker\r\nUser-Agent: Docker-Client/20.10 (linux)\r\nAccept: */*\r\n\r\n"
	benchAnswer  = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\nDocker-Experimental: false\r\n" +
		"Ostype: linux\r\nServer: Docker/20.10.24 (linux)\r\nDate: Sat, 21 Nov 2026 11:00:00 GMT\r\nContent-Length: 52\r\n\r\n" +
		`[{"Id":"sha256:0123456789abcdef","RepoTags":null}]` + "\r\n"
)

// BenchmarkExchange measures a small exchange without its system calls.
func BenchmarkExchange(b *testing.B) {
	c := newTestConn(b)
	request, answer := []byte(benchRequest), []byte(benchAnswer)
	feed := func(side http1.Side, p []byte) {
		c.took(c.logRead(side, p, ""))
	}
	b.ReportAllocs()
	for b.Loop() {
		feed(http1.Client, request)
		feed(http1.Server, answer)
	}
	if err := c.r.Stats().Err; err != nil {
		b.Fatal(err)
	}
}

// BenchmarkDistinct is the same where every request has a target of its own.
func BenchmarkDistinct(b *testing.B) {
	c := newTestConn(b)
	answer := []byte(benchAnswer)
	var request []byte
	feed := func(side http1.Side, p []byte) {
		c.took(c.logRead(side, p, ""))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		request = fmt.Appendf(request[:0], "GET /v1.41/containers/%d/json?size=1 HTTP/1.1\r\nHost: docker\r\nUser-Agent: Docker-Client/20.10 (linux)\r\n\r\n", i)
		feed(http1.Client, request)
		feed(http1.Server, answer)
	}
	if err := c.r.Stats().Err; err != nil {
		b.Fatal(err)
	}
}

// benchStreamed returns a connection inside a chunked answer, and a chunk.
func benchStreamed(t testing.TB) (c *conn, chunk []byte) {
	c = newTestConn(t)
	c.took(c.logRead(http1.Client, []byte(benchRequest), ""))
	c.took(c.logRead(http1.Server, []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), ""))
	return c, []byte("3c\r\n" + `{"status":"Downloading","progressDetail":{},"id":"63940a51"}` + "\r\n")
}

// BenchmarkChunk measures a small chunk in a read of its own.
func BenchmarkChunk(b *testing.B) {
	c, chunk := benchStreamed(b)
	b.ReportAllocs()
	for b.Loop() {
		c.took(c.logRead(http1.Server, chunk, ""))
	}
	wantHTTP(b, c)
}

// wantHTTP fails if c was not understood.
func wantHTTP(t testing.TB, c *conn) {
	t.Helper()
	if c.sides[http1.Server].raw {
		t.Fatal("the chunks were not understood")
	}
}

// BenchmarkTurns measures a byte each way on a stream.
func BenchmarkTurns(b *testing.B) {
	c := newTestConn(b)
	c.took(c.logRead(http1.Client, []byte("\x16"), ""))
	one := []byte{1}
	b.ReportAllocs()
	for b.Loop() {
		c.took(c.logRead(http1.Client, one, ""))
		c.took(c.logRead(http1.Server, one, ""))
	}
}

// TestReadsDoNotAllocate counts over many reads: files take full buffers.
func TestReadsDoNotAllocate(t *testing.T) {
	c, chunk := benchStreamed(t)
	read := func() { c.took(c.logRead(http1.Server, chunk, "")) }
	for range 2000 {
		read() // more than stand in memory
	}
	if n := testing.AllocsPerRun(1000, read); n != 0 {
		t.Errorf("a read allocates %v times", n)
	}
	wantHTTP(t, c)
}
