package session

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/record"
	"github.com/wiretape/wiretape/replay"
)

// recordA records GET /a of a daemon and returns the cassette's path.
func recordA(t *testing.T, addr endpoint.Addr) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.yaml")
	s, err := Recording{Path: path, Upstream: Upstream{Addr: addr}, Redaction: []string{"default"}, Recorder: &record.Recorder{}}.Start()
	if err != nil {
		t.Fatal(err)
	}
	get, closeSession := serve(t, s)
	get("/a")
	closeSession()
	return path
}

// playOver plays the cassette at path over a live daemon.
func playOver(t *testing.T, path string, l Live) *Session {
	t.Helper()
	c, err := cassettes.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := PlayOver(l, &replay.Server{Cassettes: []*cassettes.Cassette{c}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A miss goes to the live daemon, and its answer to the cassette, which answers
// the next time without the daemon.
func TestPlayOverAppends(t *testing.T) {
	addr := daemon(t)
	path := recordA(t, addr)
	s := playOver(t, path, Live{Addr: addr, Append: path})
	get, closeSession := serve(t, s)
	for _, target := range []string{"/a", "/b?token=hunter2", "/c"} {
		if got, want := get(target), "this is "+strings.TrimSuffix(target, "?token=hunter2"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	closeSession()
	if r, _ := s.Played(); r.Played != 1 || len(r.Proxied) != 2 || len(r.Misses) != 0 {
		t.Errorf("got %+v, want one played and two proxied", r)
	}
	if s.Verdict(false) != nil || s.Verdict(true) == nil {
		t.Errorf("got the verdicts %v and, strict, %v", s.Verdict(false), s.Verdict(true))
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(text), "hunter2") {
		t.Errorf("the secret is not masked in\n%s", text)
	}

	s = playOver(t, path, Live{Addr: endpoint.Addr{Network: "unix", Address: "/no/such.sock"}})
	get, closeSession = serve(t, s)
	for _, target := range []string{"/c", "/a", "/b?token=hunter2"} {
		if got := get(target); !strings.HasPrefix(got, "this is ") {
			t.Errorf("got %q", got)
		}
	}
	closeSession()
	if err := s.Verdict(true); err != nil {
		t.Errorf("the second run: %v", err)
	}
}

// A cassette that has nothing added is left as it was.
func TestPlayOverAddsNothing(t *testing.T) {
	addr := daemon(t)
	path := recordA(t, addr)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	get, closeSession := serve(t, playOver(t, path, Live{Addr: addr, Append: path}))
	get("/a")
	closeSession()
	after, err := os.ReadFile(path)
	if err != nil || string(after) != string(before) {
		t.Errorf("the cassette was\n%s\nand is\n%s", before, after)
	}
}

// A daemon that is not there is a miss, says so, and leaves no mark.
func TestPlayOverNobody(t *testing.T) {
	path := recordA(t, daemon(t))
	c, err := cassettes.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const nobody = "/no/such.sock"
	text = []byte(strings.Replace(string(text), c.Header.Upstream, "unix://"+nobody, 1))
	c.Close()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s := playOver(t, path, Live{Addr: endpoint.Addr{Network: "unix", Address: nobody}, Append: path})
	get, closeSession := serve(t, s)
	if got := get("/b"); !strings.Contains(got, "live server: dial unix:///no/such.sock") {
		t.Errorf("got %q, want why", got)
	}
	closeSession()
	after, err := os.ReadFile(path)
	if err != nil || string(after) != string(text) {
		t.Errorf("the cassette is now\n%s", after)
	}
}

// Another daemon's answers do not go into a cassette.
func TestPlayOverAnother(t *testing.T) {
	path := recordA(t, daemon(t))
	c, err := cassettes.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = PlayOver(Live{Addr: daemon(t), Append: path}, &replay.Server{Cassettes: []*cassettes.Cassette{c}})
	if err == nil || !strings.Contains(err.Error(), "it was recorded from") {
		t.Errorf("got %v", err)
	}
}
