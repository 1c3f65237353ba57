package session

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/record"
	"github.com/wiretape/wiretape/replay"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// daemon answers every request with its path, on TCP.
func daemon(t *testing.T) endpoint.Addr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "this is "+r.URL.Path)
	})}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return endpoint.AddrOf(l.Addr())
}

// serve serves s on a private socket until the test ends or close is called.
func serve(t *testing.T, s *Session) (get func(path string) string, closeSession func()) {
	t.Helper()
	l, err := endpoint.ListenPrivate()
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	get = func(path string) string {
		t.Helper()
		c, err := endpoint.Dial(t.Context(), endpoint.AddrOf(l.Addr()))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	closeSession = func() {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-served; !errors.Is(err, net.ErrClosed) {
			t.Errorf("Serve: got %v, want net.ErrClosed", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("Close after Shutdown: %v", err)
		}
	}
	return get, closeSession
}

// Record-once records where there is no cassette, and then plays it, with the
// daemon gone.
func TestOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "once.yaml")
	r := Recording{Path: path, Upstream: Upstream{Addr: daemon(t)}, Recorder: &record.Recorder{}}
	s, err := Once(r, &replay.Server{})
	if err != nil {
		t.Fatal(err)
	}
	get, closeSession := serve(t, s)
	if got := get("/a"); got != "this is /a" {
		t.Errorf("recording: got %q", got)
	}
	closeSession()
	if st, ok := s.Recorded(); !ok || st.Items != 1 || st.Connections != 1 {
		t.Errorf("got %+v, %v; want one item of one connection", st, ok)
	}
	if err := s.Verdict(true); err != nil {
		t.Errorf("verdict on a recording: %v", err)
	}

	r.Upstream, r.Recorder = Upstream{Addr: endpoint.Addr{Network: "unix", Address: "/no/such.sock"}}, &record.Recorder{}
	if s, err = Once(r, &replay.Server{}); err != nil {
		t.Fatal(err)
	}
	get, closeSession = serve(t, s)
	if err := s.Verdict(false); err != nil {
		t.Errorf("verdict before anything was played: %v", err)
	}
	if err := s.Verdict(true); !errors.Is(err, ErrUnplayed) {
		t.Errorf("strict verdict before anything was played: got %v, want ErrUnplayed", err)
	}
	if got := get("/a"); got != "this is /a" {
		t.Errorf("replay: got %q", got)
	}
	if err := s.Verdict(true); err != nil {
		t.Errorf("verdict when all was played: %v", err)
	}
	if got := get("/b"); !strings.Contains(got, "/b") || strings.HasPrefix(got, "this is") {
		t.Errorf("what was not recorded: got %q, want an explanation", got)
	}
	closeSession()
	if err := s.Verdict(false); !errors.Is(err, ErrMiss) {
		t.Errorf("verdict after a miss: got %v, want ErrMiss", err)
	}
	if got, want := s.Summary(), "1 played, 0 not played, 1 without a match"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A failed recording is not kept, so that the next run records again; a recording
// that is not to be whole is.
func TestDiscard(t *testing.T) {
	for _, tt := range []struct{ whole, keeps bool }{{true, false}, {false, true}} {
		path := filepath.Join(t.TempDir(), "c.yaml")
		r := Recording{Path: path, Upstream: Upstream{Addr: daemon(t)}, Recorder: &record.Recorder{}, Whole: tt.whole}
		s, err := r.Start()
		if err != nil {
			t.Fatal(err)
		}
		get, closeSession := serve(t, s)
		get("/a")
		if s.Discard() == tt.keeps {
			t.Errorf("whole is %v: Discard returned %v", tt.whole, tt.keeps)
		}
		closeSession()
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil || (len(entries) > 0) != tt.keeps {
			t.Errorf("whole is %v: left %v, %v", tt.whole, entries, err)
		}
	}
}

// A whole recording that the disk has no room for is not kept, and says so.
func TestNotWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	// A file is in the place of the folder of bodies.
	if err := os.WriteFile(strings.TrimSuffix(path, ".yaml")+".bodies", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	r := Recording{Path: path, Upstream: Upstream{Addr: daemon(t)}, Recorder: &record.Recorder{InlineMax: 1}}
	s, err := Once(r, &replay.Server{})
	if err != nil {
		t.Fatal(err)
	}
	get, _ := serve(t, s)
	if got := get("/a"); got != "this is /a" {
		t.Errorf("got %q", got)
	}
	if err := s.Close(); !errors.Is(err, ErrNotWhole) {
		t.Errorf("got %v, want ErrNotWhole", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it was kept: %v", err)
	}
}

// Where there was no daemon, or nobody asked it, nothing is kept that would be
// played from then on.
func TestOnceWithoutADaemon(t *testing.T) {
	for name, asks := range map[string]bool{"unreachable": true, "unasked": false} {
		path := filepath.Join(t.TempDir(), "c.yaml")
		upstream := Upstream{Addr: endpoint.Addr{Network: "unix", Address: "/no/such.sock"}}
		s, err := Once(Recording{Path: path, Upstream: upstream, Recorder: &record.Recorder{}}, &replay.Server{})
		if err != nil {
			t.Fatal(err)
		}
		l, err := endpoint.ListenPrivate()
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		if asks {
			c, err := endpoint.Dial(t.Context(), endpoint.AddrOf(l.Addr()))
			if err != nil {
				t.Fatal(err)
			}
			c.Read(make([]byte, 1)) // until it is closed
			c.Close()
		}
		if err := s.Close(); errors.Is(err, ErrNotWhole) != asks {
			t.Errorf("%s: got %v", name, err)
		}
		<-served
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: it was kept: %v", name, err)
		}
	}
}

// Cassettes can stand in for the daemon.
func TestEmbeddedUpstream(t *testing.T) {
	dir := t.TempDir()
	first := Recording{Path: filepath.Join(dir, "first.yaml"), Upstream: Upstream{Addr: daemon(t)}, Recorder: &record.Recorder{}}
	s, err := first.Start()
	if err != nil {
		t.Fatal(err)
	}
	get, closeSession := serve(t, s)
	want := get("/a")
	closeSession()

	played, err := cassettes.OpenFile(first.Path)
	if err != nil {
		t.Fatal(err)
	}
	second := Recording{
		Path: filepath.Join(dir, "second.yaml"), Recorder: &record.Recorder{NoTimes: true},
		Upstream: Upstream{Name: "cassette:first.yaml", Cassettes: []*cassettes.Cassette{played}},
		API:      cassettes.API{Product: "daemon", Version: "1"},
	}
	if s, err = second.Start(); err != nil {
		t.Fatal(err)
	}
	get, closeSession = serve(t, s)
	if got := get("/a"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	closeSession()
	c, err := cassettes.OpenFile(second.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	h := c.Header
	if h.Upstream != "cassette:first.yaml" || h.API != second.API || h.Source != "recorded" || !h.Recorded.IsZero() {
		t.Errorf("got header %+v", h)
	}
}

// A session that cannot start leaves nothing behind.
func TestNothingIsLeft(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "there.yaml")
	if err := os.WriteFile(there, []byte("not a cassette\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	upstream := Upstream{Addr: endpoint.Addr{Network: "unix", Address: "/no/such.sock"}}
	r := Recording{Path: there, Upstream: upstream, Recorder: &record.Recorder{}}
	if _, err := r.Start(); !errors.Is(err, fs.ErrExist) {
		t.Errorf("record over a file: got %v, want fs.ErrExist", err)
	}
	if _, err := Once(r, &replay.Server{}); err == nil {
		t.Error("record-once played what is no cassette")
	}
	r.Path = filepath.Join(there, "below.yaml")
	if _, err := Once(r, &replay.Server{}); err == nil {
		t.Error("record-once in a folder that is a file: got no error")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("got %v, want there.yaml alone", entries)
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 999_940: "999.9 kB", 999_960: "1.0 MB", 5 << 30: "5.4 GB"} {
		if got := size(n); got != want {
			t.Errorf("size(%d): got %q, want %q", n, got, want)
		}
	}
}

func TestEmbedded(t *testing.T) {
	for in, want := range map[string]string{
		"library:docker/v1.24/pull": "library:docker/v1.24/pull", "cassette:a.yaml": "a.yaml",
		"cassette:library:x": "library:x", "unix:///x": "", "localhost:80": "",
	} {
		got, ok := Embedded(in)
		if ok != (want != "") || ok && got != want {
			t.Errorf("Embedded(%q): got %q, %v; want %q", in, got, ok, want)
		}
	}
}
