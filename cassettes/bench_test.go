package cassettes

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/wiretape/wiretape/internal/http1"
)

// smallItem is a small GET with its answer, as a daemon gives it.
func smallItem(id int) *Interaction {
	request := fmt.Sprintf("GET /v1.41/containers/%08x/json?size=1 HTTP/1.1\r\nHost: docker\r\nUser-Agent: Docker-Client/20.10.24 (linux)\r\n\r\n", id)
	body := "{\"Id\":\"" + fmt.Sprintf("%064x", id) + "\",\"State\":{\"Status\":\"running\"}}\n"
	return &Interaction{
		ID: id, Conn: 1, Peer: 1, Timed: true,
		Request: &Message{Seq: int64(4 * id), Start: time.Duration(id) * 1234567, Head: []byte(request), End: Complete},
		Response: &Message{
			Seq: int64(4*id + 1), Start: 412345, End: Complete, Framing: http1.Length,
			Head: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\nDocker-Experimental: false\r\n"+
				"Ostype: linux\r\nServer: Docker/20.10.24 (linux)\r\nDate: Fri, 20 Nov 2026 23:55:13 GMT\r\nContent-Length: %d\r\n\r\n", len(body)),
			Body:   Body{Data: []byte(body)},
			Frames: Frames{List: []Frame{{Size: int64(len(body)), Seq: int64(4*id + 1)}}},
		},
	}
}

func BenchmarkAppend(b *testing.B) {
	w, err := Create(filepath.Join(b.TempDir(), "c.yaml"), testHeader(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	it := smallItem(1)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		it.ID = i
		if err := w.Append(it); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(w.end) / int64(b.N))
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkSinks fills sinks and appends an interaction, as a recorder does for a small exchange.
func BenchmarkSinks(b *testing.B) {
	w, err := Create(filepath.Join(b.TempDir(), "c.yaml"), testHeader(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	it := smallItem(1)
	data := it.Response.Body.Data
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		it.ID = i
		body := w.NewBody(i, "response", 64<<10)
		body.Write(data)
		frames := w.NewFrames(i, http1.Server, it.Request.Seq)
		frames.Add(Frame{Size: int64(len(data)), Seq: it.Response.Seq})
		it.Response.Body, _ = body.Finish()
		frames.Finish(it.Response)
		if err := w.Append(it); err != nil {
			b.Fatal(err)
		}
		it.Release()
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkFrameSink(b *testing.B) {
	w, err := Create(filepath.Join(b.TempDir(), "c.yaml"), testHeader(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	s := w.NewFrames(1, http1.Server, 100)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		f := Frame{Size: 60, Seq: int64(100 + i/20)}
		if i%20 == 0 {
			f.Wait = 123456
		}
		if err := s.Add(f); err != nil {
			b.Fatal(err)
		}
	}
	var m Message
	if err := s.Finish(&m); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	w.Close()
}

func BenchmarkSegments(b *testing.B) {
	w, err := Create(filepath.Join(b.TempDir(), "c.yaml"), testHeader(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	const n = 100_000
	s := w.NewFrames(1, http1.Server, 100)
	for i := range n {
		s.Add(Frame{Size: 60, Seq: int64(100 + i/20), Wait: time.Duration(i%20/19) * 123456})
	}
	m := Message{Framing: http1.Chunked}
	if err := s.Finish(&m); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		got := 0
		for _, err := range m.Segments() {
			if err != nil {
				b.Fatal(err)
			}
			got++
		}
		if got != n {
			b.Fatalf("got %d segments", got)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/frame")
}

// big writes a cassette of n items.
func big(b testing.TB, n int) string {
	path := filepath.Join(b.TempDir(), "c.yaml")
	w, err := Create(path, testHeader(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	for i := range n {
		if err := w.Append(smallItem(i)); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

func BenchmarkOpen100000(b *testing.B) {
	path := big(b, 100_000)
	info, _ := os.Stat(path)
	b.SetBytes(info.Size())
	b.ReportAllocs()
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		c, err := OpenFile(path)
		if err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(c)
		c.Close()
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB-held")
}

func BenchmarkItem(b *testing.B) {
	c, err := OpenFile(big(b, 1000))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := c.Interaction(i % 1000); err != nil {
			b.Fatal(err)
		}
	}
}
