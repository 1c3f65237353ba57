package replaytest_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes/library"
	"github.com/wiretape/wiretape/record"
	"github.com/wiretape/wiretape/replay/replaytest"
)

// On TCP the URL is one that any client can ask for.
func TestURLForAnyClient(t *testing.T) {
	s := replaytest.Start(t, recorded(t), &replaytest.Config{Network: "tcp", AllowUnplayed: true})
	if !strings.HasPrefix(s.Addr(), "tcp://127.0.0.1:") {
		t.Errorf("the address is %s", s.Addr())
	}
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	resp, err := client.Get(s.URL() + "/a")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "/a 1" {
		t.Errorf("got %q, %v", body, err)
	}
}

// A cassette of the library is played where the test brings the library, and
// stands in for a daemon.
func TestLibraryByName(t *testing.T) {
	const version = "library:docker/v1.41/version"
	config := &replaytest.Config{Library: library.FS, AllowUnplayed: true}
	want := get(t, replaytest.Start(t, version, config), "/v1.41/version")
	if !strings.Contains(want, "ApiVersion") {
		t.Fatalf("got %q", want)
	}
	path := filepath.Join(t.TempDir(), "c.yaml")
	for range 2 { // recorded, and played
		r := &recording{TB: t}
		if got := get(t, replaytest.Record(r, path, version, config), "/v1.41/version"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if failed := r.end(); failed != "" {
			t.Error(failed)
		}
	}
}

// The test's rules mask a recording, and the default rules where it names none.
func TestRedactionOfARecording(t *testing.T) {
	for _, tt := range []struct {
		config *replaytest.Config
		masked bool
	}{
		{nil, true},
		{&replaytest.Config{}, true},
		{&replaytest.Config{Redaction: []string{"default", "header:X-Own"}}, true},
		{&replaytest.Config{Redaction: []string{"header:X-Own"}}, false},
		{&replaytest.Config{Recorder: &record.Recorder{Unmasked: true}}, false},
	} {
		path := filepath.Join(t.TempDir(), "c.yaml")
		addr, _ := daemon(t)
		r := &recording{TB: t}
		s := replaytest.Record(r, path, addr, tt.config)
		req, err := http.NewRequest("GET", s.URL()+"/a", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Api-Key", "hunter2hunter2")
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if failed := r.end(); failed != "" {
			t.Error(failed)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if masked := !strings.Contains(string(text), "hunter2"); masked != tt.masked {
			t.Errorf("%+v: masked is %v:\n%s", tt.config, masked, text)
		}
	}
}

// A request that is made three times is one failure, in words of Go.
func TestMissIsPrintedOnce(t *testing.T) {
	r := &recording{TB: t}
	s := replaytest.Start(r, recorded(t), &replaytest.Config{AllowUnplayed: true})
	for range 3 {
		get(t, s, "/a?x=1")
	}
	failed := r.end()
	if len(r.failures) != 1 || !strings.Contains(failed, `hint: in Config.Replay set Match.IgnoreQuery = []string{"x"}`) || !strings.Contains(failed, "asked 3 times") {
		t.Errorf("%d failures:\n%s", len(r.failures), failed)
	}
	if strings.Contains(failed, "--") {
		t.Errorf("a Go test has no flags:\n%s", failed)
	}
	misses := s.Report().Misses
	if len(misses) != 3 || misses[0].Target != "/a?x=1" || misses[0].Remedy.Match.IgnoreQuery[0] != "x" {
		t.Errorf("the misses are %+v", misses)
	}
}
