package replaytest_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay"
	"github.com/wiretape/wiretape/replay/replaytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// daemon answers every request with its path and how often it was asked.
func daemon(t *testing.T) (addr string, asked func() int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	n := 0
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		n++
		fmt.Fprintf(w, "%s %d", r.URL.Path, n)
	})}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return "tcp://" + l.Addr().String(), func() int {
		mu.Lock()
		defer mu.Unlock()
		return n
	}
}

func get(t testing.TB, s *replaytest.Server, path string) string {
	t.Helper()
	resp, err := s.Client().Get(s.URL() + path)
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

// recording is a test whose failures are kept, and whose end is when end is
// called.
type recording struct {
	testing.TB
	failures []string
	cleanups []func()
}

func (r *recording) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}
func (r *recording) Failed() bool        { return len(r.failures) > 0 }
func (r *recording) Logf(string, ...any) {}
func (r *recording) Cleanup(f func())    { r.cleanups = append(r.cleanups, f) }

func (r *recording) end() string {
	for _, f := range r.cleanups {
		f()
	}
	return strings.Join(r.failures, "\n")
}

// recorded returns a cassette of three answers.
func recorded(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c.yaml")
	addr, _ := daemon(t)
	r := &recording{TB: t}
	s := replaytest.Record(r, path, addr, nil)
	for _, path := range []string{"/a", "/b", "/b"} {
		get(t, s, path)
	}
	if failed := r.end(); failed != "" {
		t.Fatal(failed)
	}
	return path
}

func TestRecordOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	addr, asked := daemon(t)
	run := func(want string) {
		t.Helper()
		r := &recording{TB: t}
		if got := get(t, replaytest.Record(r, path, addr, nil), "/a"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if failed := r.end(); failed != "" {
			t.Error(failed)
		}
	}
	run("/a 1")
	run("/a 1")
	if n := asked(); n != 1 {
		t.Errorf("the daemon was asked %d times", n)
	}
	t.Setenv("WIRETAPE", "record")
	run("/a 2")
	if err := os.Unsetenv("WIRETAPE"); err != nil {
		t.Fatal(err)
	}
	run("/a 2")
}

// TestFailedRecording checks that the recording of a failed test is not kept, and
// that an older cassette is.
func TestFailedRecording(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	addr, _ := daemon(t)
	run := func(fails bool) {
		t.Helper()
		r := &recording{TB: t}
		get(t, replaytest.Record(r, path, addr, nil), "/a")
		if fails {
			r.Errorf("as a test would")
		}
		if failed := r.end(); (failed != "") != fails {
			t.Errorf("the test failed with %q", failed)
		}
	}
	run(true)
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
	run(false)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("WIRETAPE", "record")
	run(true)
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("a recording that failed changed the cassette, %v", err)
	}
	run(false)
	if after, err := os.ReadFile(path); err != nil || string(after) == string(before) {
		t.Errorf("the cassette was not recorded anew, %v", err)
	}
}

func TestFailures(t *testing.T) {
	path := recorded(t)
	for _, tt := range []struct {
		name   string
		config *replaytest.Config
		ask    []string
		want   []string
	}{
		{"all", nil, []string{"/a", "/b", "/b"}, nil},
		{"repeated", nil, []string{"/a", "/a", "/b", "/b"}, nil},
		{"unplayed", nil, []string{"/a", "/b"}, []string{"interactions were not played: 1 of 3"}},
		{"unplayed is allowed", &replaytest.Config{AllowUnplayed: true}, []string{"/a"}, nil},
		{"miss", nil, []string{"/a", "/b", "/b", "/c?x"}, []string{"no recorded interaction answers GET /c?x\nnearest: #0 GET /a"}},
		{"hint followed", &replaytest.Config{Replay: &replay.Server{Match: cassettes.Match{IgnoreQuery: []string{"x"}}}}, []string{"/a?x", "/b", "/b"}, nil},
		{"never repeated", &replaytest.Config{Replay: &replay.Server{Repeat: replay.RepeatNever}}, []string{"/a", "/b", "/b", "/b"}, []string{"already played", "hint: in Config.Replay set Repeat = replay.RepeatLast"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &recording{TB: t}
			s := replaytest.Start(r, path, tt.config)
			for _, target := range tt.ask {
				get(t, s, target)
			}
			failed := r.end()
			if (failed == "") != (tt.want == nil) {
				t.Errorf("the test failed with %q", failed)
			}
			for _, want := range tt.want {
				if !strings.Contains(failed, want) {
					t.Errorf("%q is missing in\n%s", want, failed)
				}
			}
		})
	}
}

func TestReset(t *testing.T) {
	s := replaytest.Start(t, recorded(t), nil)
	for range 3 {
		s.Reset()
		if got := get(t, s, "/b") + get(t, s, "/b") + get(t, s, "/a"); got != "/b 2/b 3/a 1" {
			t.Errorf("got %q", got)
		}
	}
}

func TestRepeatLoop(t *testing.T) {
	s := replaytest.Start(t, recorded(t), &replaytest.Config{AllowUnplayed: true, Replay: &replay.Server{Repeat: replay.RepeatLoop}})
	for _, want := range []string{"/b 2", "/b 3", "/b 2", "/b 3", "/b 2"} {
		if got := get(t, s, "/b"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestParallelServers share a cassette, and nothing else: a hundred serve at
// the same time.
func TestParallelServers(t *testing.T) {
	path := recorded(t)
	var servers [100]*replaytest.Server
	for i := range servers {
		servers[i] = replaytest.Start(t, path, nil)
	}
	var clients sync.WaitGroup
	for i, s := range servers {
		clients.Go(func() {
			var got string
			for _, target := range []string{"/b", "/a", "/b"} {
				resp, err := s.Client().Get(s.URL() + target)
				if err != nil {
					t.Errorf("%d: %v", i, err)
					return
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil {
					t.Errorf("%d: %v", i, err)
				}
				got += string(body)
			}
			if got != "/b 2/a 1/b 3" {
				t.Errorf("%d: got %q", i, got)
			}
			if r := s.Report(); r.Played != 3 || r.Repeats != 0 {
				t.Errorf("%d: the report is %+v", i, r)
			}
		})
	}
	clients.Wait()
}
