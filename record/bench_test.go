package record

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// newTestLink returns a link without sockets, to be fed by hand.
func newTestLink(t testing.TB) *link {
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
	return &link{r: r, conn: newConn(r, 1)}
}

// took processes the log as logRead has said.
func (l *link) took(due urgency) {
	if due != processLater {
		l.r.process()
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
	l := newTestLink(b)
	request, answer := []byte(benchRequest), []byte(benchAnswer)
	feed := func(side http1.Side, p []byte) {
		l.took(l.logRead(side, p, ""))
	}
	b.ReportAllocs()
	for b.Loop() {
		feed(http1.Client, request)
		feed(http1.Server, answer)
	}
	if err := l.r.Stats().Err; err != nil {
		b.Fatal(err)
	}
}

// BenchmarkDistinct is the same where every request has a target of its own.
func BenchmarkDistinct(b *testing.B) {
	l := newTestLink(b)
	answer := []byte(benchAnswer)
	var request []byte
	feed := func(side http1.Side, p []byte) {
		l.took(l.logRead(side, p, ""))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		request = fmt.Appendf(request[:0], "GET /v1.41/containers/%d/json?size=1 HTTP/1.1\r\nHost: docker\r\nUser-Agent: Docker-Client/20.10 (linux)\r\n\r\n", i)
		feed(http1.Client, request)
		feed(http1.Server, answer)
	}
	if err := l.r.Stats().Err; err != nil {
		b.Fatal(err)
	}
}

// benchStreamed returns a link inside a chunked answer, and a chunk.
func benchStreamed(t testing.TB) (l *link, chunk []byte) {
	l = newTestLink(t)
	l.took(l.logRead(http1.Client, []byte(benchRequest), ""))
	l.took(l.logRead(http1.Server, []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), ""))
	return l, []byte("3c\r\n" + `{"status":"Downloading","progressDetail":{},"id":"63940a51"}` + "\r\n")
}

// BenchmarkChunk measures a small chunk in a read of its own.
func BenchmarkChunk(b *testing.B) {
	l, chunk := benchStreamed(b)
	b.ReportAllocs()
	for b.Loop() {
		l.took(l.logRead(http1.Server, chunk, ""))
	}
	wantHTTP(b, l)
}

// wantHTTP fails if its bytes were not understood.
func wantHTTP(t testing.TB, l *link) {
	t.Helper()
	if l.conn.sides[http1.Server].raw {
		t.Fatal("the chunks were not understood")
	}
}

// BenchmarkTurns measures a byte each way on a stream.
func BenchmarkTurns(b *testing.B) {
	l := newTestLink(b)
	l.took(l.logRead(http1.Client, []byte("\x16"), ""))
	one := []byte{1}
	b.ReportAllocs()
	for b.Loop() {
		l.took(l.logRead(http1.Client, one, ""))
		l.took(l.logRead(http1.Server, one, ""))
	}
}

// TestReadsDoNotAllocate counts over many reads: files take full buffers.
func TestReadsDoNotAllocate(t *testing.T) {
	l, chunk := benchStreamed(t)
	read := func() { l.took(l.logRead(http1.Server, chunk, "")) }
	for range 2000 {
		read() // more than stand in memory
	}
	if n := testing.AllocsPerRun(1000, read); n != 0 {
		t.Errorf("a read allocates %v times", n)
	}
	wantHTTP(t, l)
}
