package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestKill kills record at random moments under load: the cassette must load,
// and hold every exchange that had ended a second before.
func TestKill(t *testing.T) {
	moments := 6
	if long() {
		moments = 50
	}
	origin := serveOrigin(t, sizedOrExact)
	for i := range moments {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			killOnce(t, origin)
		})
	}
}

func killOnce(t *testing.T, origin string) {
	dir := folder(t)
	cassette := dir + "/c.yaml"
	r := serve(t, command("record"), "--upstream", origin, "--cassette", cassette)
	ctx, cancel := context.WithCancel(t.Context())
	load := &load{addr: r.addr, begun: make(chan struct{})}
	var workers sync.WaitGroup
	for w := range 4 {
		workers.Go(func() { load.work(ctx, w) })
	}
	select {
	case <-load.begun:
	case <-time.After(patience):
		t.Error("nothing came through record")
	}
	time.Sleep(time.Second + time.Millisecond + rand.N(1500*time.Millisecond))
	killed := time.Now()
	r.kill()
	cancel()
	workers.Wait()

	want := load.endedBefore(killed.Add(-time.Second))
	if len(want) == 0 {
		t.Fatal("nothing had ended a second before the kill")
	}
	shown := runs(t, command("cassette"), "show", cassette)
	if shown.status != 0 {
		t.Fatalf("cassette show exited %d:\n%s", shown.status, shown.stderr)
	}
	has := map[string]bool{}
	for _, word := range strings.Fields(string(shown.stdout)) {
		has[word] = true
	}
	for _, path := range want {
		if !has[path] {
			t.Errorf("%s had ended a second before the kill and is not in the cassette", path)
		}
	}
	if t.Failed() {
		t.Logf("cassette show:\n%s%s", firstLines(shown.stdout, 5), shown.stderr)
	}
	if got := runs(t, command("cassette"), "verify", "--repair", cassette); got.status != 0 {
		t.Errorf("cassette verify --repair exited %d:\n%s%s", got.status, got.stdout, got.stderr)
	}
	verifies(t, cassette)
}

func firstLines(b []byte, n int) []byte {
	var at int
	for range n {
		i := bytes.IndexByte(b[at:], '\n')
		if i < 0 {
			return b
		}
		at += i + 1
	}
	return b[:at]
}

// load asks for ever new paths and remembers when each was answered.
type load struct {
	addr  string
	begun chan struct{} // closed with the first answer
	mu    sync.Mutex
	done  []answered
}

type answered struct {
	path string
	at   time.Time
}

func (l *load) work(ctx context.Context, worker int) {
	client := &http.Client{Transport: transport(l.addr)}
	defer client.CloseIdleConnections()
	for i := 0; ctx.Err() == nil; i++ {
		path := fmt.Sprintf("/w%d/%d/%s", worker, i, [...]string{"small", "chunked", "large"}[i%3])
		resp, err := client.Get("http://x" + path)
		if err != nil {
			return
		}
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil {
			return
		}
		l.mu.Lock()
		if l.done = append(l.done, answered{path, time.Now()}); len(l.done) == 1 {
			close(l.begun)
		}
		l.mu.Unlock()
		time.Sleep(time.Millisecond)
	}
}

func (l *load) endedBefore(t time.Time) []string {
	var paths []string
	for _, a := range l.done {
		if a.at.Before(t) {
			paths = append(paths, a.path)
		}
	}
	return paths
}

// transport dials addr, as record and replay print it, whatever the URL says.
func transport(addr string) *http.Transport {
	at := dialAddr(addr)
	return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, at.Net, at.Addr)
	}}
}

// serveOrigin serves h on a Unix socket and returns its address.
func serveOrigin(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	l, err := net.Listen("unix", socketPath())
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return "unix://" + l.Addr().String()
}

// sizedOrExact answers with a body that fits the last word of the path.
func sizedOrExact(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasSuffix(r.URL.Path, "/large"):
		w.Write(bytes.Repeat([]byte(r.URL.Path+"\n"), 8<<10))
	case strings.HasSuffix(r.URL.Path, "/chunked"):
		for i := range 5 {
			fmt.Fprintf(w, "{\"part\":%d,\"of\":%q}\r\n", i, r.URL.Path)
			w.(http.Flusher).Flush()
		}
	default:
		fmt.Fprintf(w, "{\"path\":%q}\n", r.URL.Path)
	}
}
