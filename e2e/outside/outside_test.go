package outside

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/matchers"
	"github.com/wiretape/wiretape/record"
	"github.com/wiretape/wiretape/replay"
	"github.com/wiretape/wiretape/replay/replaytest"
)

// daemon answers with the path and the time of the request, on TCP.
func daemon(t *testing.T) (addr string) {
	t.Helper()
	times := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		times++
		fmt.Fprintf(w, "%s, answer %d", r.URL.Path, times)
	}))
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String()
}

// ask sends a request with a header field to the server at url.
func ask(t *testing.T, url string, header ...string) string {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
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

// recordOnTCP records requests to a daemon, masked by rules, and returns the path
// of the cassette. Do makes the requests, of the recorder at url.
func recordOnTCP(t *testing.T, rules []string, do func(url string)) string {
	t.Helper()
	addr := daemon(t)
	path := filepath.Join(t.TempDir(), "c.yaml")
	w, err := cassettes.Create(path, cassettes.Header{Upstream: "tcp://" + addr, Redaction: rules}, cassettes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := record.Listen("tcp://127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &record.Recorder{
		Dial:     func(ctx context.Context) (net.Conn, error) { return record.Dial(ctx, addr) },
		Cassette: w,
	}
	served := make(chan error, 1)
	go func() { served <- r.Serve(l) }()
	do("http://" + l.Addr().String())
	if err := r.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-served; !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// serve serves a cassette on TCP with s until the test ends, and returns the URL.
func serve(t *testing.T, path string, s *replay.Server) (url string) {
	t.Helper()
	c, err := cassettes.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s.Cassettes = []*cassettes.Cassette{c}
	l, err := replay.Listen("tcp://127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		<-served
		c.Close()
	})
	return "http://" + l.Addr().String()
}

// A secret is masked while it is recorded, by a rule of the stranger's own, and
// the cassette answers a request with another secret.
func TestSecretIsMaskedWhileRecording(t *testing.T) {
	path := recordOnTCP(t, []string{"default", "header:X-Team"}, func(url string) {
		ask(t, url+"/hello", "X-Team", "blue-blue-blue", "Authorization", "Basic dXNlcjpodW50ZXIy")
	})
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"blue", "dXNlcj"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the cassette holds %q:\n%s", secret, text)
		}
	}
	for s, err := range record.Secrets(strings.NewReader(string(text))) {
		t.Errorf("line %d looks like a %s (%v)", s.Line, s.Kind, err)
	}
	s := new(replay.Server)
	if got := ask(t, serve(t, path, s)+"/hello", "X-Team", "red"); got != "/hello, answer 1" {
		t.Errorf("got %q", got)
	}
}

// Whoever leaves the default rules out finds with Secrets what they would have
// masked.
func TestSecretsAreFound(t *testing.T) {
	path := recordOnTCP(t, []string{"header:X-Team"}, func(url string) {
		ask(t, url+"/hello", "Authorization", "Basic dXNlcjpodW50ZXIy")
	})
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for s, err := range record.Secrets(f) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if s.Line == 0 || s.Kind == "" || s.Len == 0 {
			t.Errorf("got %+v", s)
		}
	}
	if n == 0 {
		t.Error("the credentials were not found")
	}
}

// A stranger's own function, as go-vcr takes it, says which recording answers.
func TestOwnMatcher(t *testing.T) {
	path := recordOnTCP(t, []string{"default"}, func(url string) {
		ask(t, url+"/jobs/17/state")
		ask(t, url+"/jobs/17/log")
	})
	last := func(path string) string { return path[strings.LastIndexByte(path, '/'):] }
	own := matchers.Func(func(r *http.Request, recorded cassette.Request) bool {
		return r.Method == recorded.Method && last(r.URL.Path) == last(recorded.URL)
	})
	url := serve(t, path, &replay.Server{Matcher: own})
	for asked, want := range map[string]string{"/jobs/99/log": "/jobs/17/log, answer 2", "/v2/state": "/jobs/17/state, answer 1"} {
		if got := ask(t, url+asked); got != want {
			t.Errorf("%s: got %q, want %q", asked, got, want)
		}
	}
}

// A report says what was missed, what came near and what would help, without a
// text to parse.
func TestReportWithoutText(t *testing.T) {
	path := recordOnTCP(t, []string{"default"}, func(url string) { ask(t, url+"/list?since=1") })
	s := new(replay.Server)
	url := serve(t, path, s)
	ask(t, url+"/list?since=2")
	r := s.Report()
	if r.Played != 0 || r.Unplayed != 1 || len(r.Misses) != 1 {
		t.Fatalf("got %+v", r)
	}
	miss := r.Misses[0]
	if miss.Method != "GET" || miss.Target != "/list?since=2" || len(miss.Nearest) != 1 {
		t.Fatalf("got %+v", miss)
	}
	near := miss.Nearest[0]
	if near.ID != 0 || near.Method != "GET" || near.Played || len(near.Differences) != 1 || near.Differences[0].Where != "query since" {
		t.Errorf("got %+v", near)
	}

	// The remedy is followed without being understood.
	loose := &replay.Server{Match: miss.Remedy.Match}
	if got := ask(t, serve(t, path, loose)+"/list?since=2"); got != "/list, answer 1" {
		t.Errorf("with %v: got %q", miss.Remedy, got)
	}
	if left := loose.Unplayed(); len(left) != 0 {
		t.Errorf("not played: %v", left)
	}
}

// An option is read from a configuration by its name.
func TestOptionsByName(t *testing.T) {
	s := new(replay.Server)
	if err := s.Repeat.UnmarshalText([]byte("loop")); err != nil || s.Repeat != replay.RepeatLoop || s.Repeat.String() != "loop" {
		t.Errorf("got %v, %v", s.Repeat, err)
	}
	if err := s.Order.UnmarshalText([]byte("clock")); err == nil {
		t.Error("there is no order of that name")
	}
}

// A test records once, from a daemon or from the library, and has a URL for any
// client.
func TestRecordInATest(t *testing.T) {
	path, addr := filepath.Join(t.TempDir(), "c.yaml"), daemon(t)
	for range 2 {
		t.Run("run", func(t *testing.T) {
			srv := replaytest.Record(t, path, addr, &replaytest.Config{Network: "tcp", Redaction: []string{"default", "json:pin"}})
			if got := ask(t, srv.URL()+"/hello"); got != "/hello, answer 1" {
				t.Errorf("got %q", got)
			}
		})
	}
}
