package replay

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"
	"gopkg.in/dnaeon/go-vcr.v3/recorder"

	"github.com/wiretape/wiretape/cassettes"
)

const (
	benchRequest = "GET /v1.41/images/json HTTP/1.1\r\nHost: docker\r\nUser-Agent: Docker-Client/20.10.24 (linux)\r\n\r\n"
	benchBody    = `{"Id":"sha256:beae173ccac6ad749f76713cf4440fe3d21d1043fe616dfbe30775815d1d0f6a","RepoTags":["busybox:latest"]}` + "\n"
)

var benchResponse = fmt.Sprintf("HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\nDate: Sat, 21 Nov 2026 10:00:00 GMT\r\nContent-Length: %d\r\n\r\n%s", len(benchBody), benchBody)

// BenchmarkSmallGet compares replay with go-vcr behind net/http, and with the
// least that a server can do. Client and server share the processors.
func BenchmarkSmallGet(b *testing.B) {
	for _, conns := range []int{1, 64} {
		for name, serve := range map[string]func(*testing.B, net.Listener, string){"replay": serveReplay, "vcr": serveVCR, "bare": serveBare} {
			b.Run(fmt.Sprintf("%s/%d", name, conns), func(b *testing.B) {
				l, err := net.Listen("unix", filepath.Join(shortDir(b), "s"))
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(func() { l.Close() })
				serve(b, l, writeTape(b, cassettes.Header{Redaction: []string{"default"}}, plain(b, benchRequest, benchResponse)))
				b.ReportAllocs()
				b.ResetTimer()
				askAll(b, l.Addr(), conns)
			})
		}
	}
}

func serveReplay(b *testing.B, l net.Listener, path string) {
	s := &Server{Cassettes: []*cassettes.Cassette{openTape(b, path)}}
	go s.Serve(l)
	b.Cleanup(func() { s.Close() })
}

func serveVCR(b *testing.B, l net.Listener, path string) {
	name := strings.TrimSuffix(path, ".yaml")
	rec, err := recorder.NewWithOptions(&recorder.Options{CassetteName: name, Mode: recorder.ModeReplayOnly})
	if err != nil {
		b.Fatal(err)
	}
	rec.SetReplayableInteractions(true)
	rec.SetMatcher(func(r *http.Request, i cassette.Request) bool {
		return r.Method == i.Method && r.URL.String() == i.URL
	})
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Scheme, r.URL.Host = "http", r.Host
		resp, err := rec.RoundTrip(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotImplemented)
			return
		}
		defer resp.Body.Close()
		for k, v := range resp.Header {
			w.Header()[k] = v
		}
		w.WriteHeader(resp.StatusCode)
		io.Copy(w, resp.Body)
	})}
	go s.Serve(l)
	b.Cleanup(func() { s.Close() })
}

func serveBare(b *testing.B, l net.Listener, _ string) {
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				buf := make([]byte, 4096)
				for {
					if _, err := c.Read(buf); err != nil {
						return
					}
					if _, err := io.WriteString(c, benchResponse); err != nil {
						return
					}
				}
			}()
		}
	}()
}

// askAll sends b.N requests over conns connections.
func askAll(b *testing.B, addr net.Addr, conns int) {
	var wg sync.WaitGroup
	for k := range conns {
		n := b.N / conns
		if k < b.N%conns {
			n++
		}
		wg.Go(func() {
			if err := askSome(addr, n); err != nil {
				b.Error(err)
			}
		})
	}
	wg.Wait()
}

func askSome(addr net.Addr, n int) error {
	c, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		return err
	}
	defer c.Close()
	request, r := []byte(benchRequest), bufio.NewReader(c)
	for range n {
		if _, err := c.Write(request); err != nil {
			return err
		}
		line, err := r.ReadSlice('\n')
		for ; err == nil && len(line) > 2; line, err = r.ReadSlice('\n') {
			if bytes.HasPrefix(line, []byte("HTTP/1.1 5")) {
				return fmt.Errorf("answer %q", line)
			}
		}
		if err != nil {
			return err
		}
		if _, err := r.Discard(len(benchBody)); err != nil {
			return err
		}
	}
	return nil
}
