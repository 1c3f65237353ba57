// Package replaytest serves a cassette to one Go test.
//
//	func TestPull(t *testing.T) {
//		srv := replaytest.Start(t, "testdata/pull.yaml", nil)
//		resp, err := srv.Client().Get(srv.URL() + "/v1.41/images/json")
//		…
//	}
//
// A client that takes an address, as Docker's, is given srv.Addr(). Servers
// share nothing: tests may run in parallel, with one cassette too.
package replaytest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/session"
	"github.com/wiretape/wiretape/record"
	"github.com/wiretape/wiretape/replay"
)

// Config says how a cassette is served. The zero value asks a test to play all
// of it.
type Config struct {
	// Replay has the options of the replay, for this test alone. Its Cassettes
	// are set by Start. Nil: the defaults.
	Replay *replay.Server
	// AllowUnplayed lets a test pass that leaves interactions unplayed.
	AllowUnplayed bool
}

// Server serves a cassette on a private Unix socket until its test ends.
type Server struct {
	addr    endpoint.Addr
	client  *http.Client
	session *session.Session
	player  *replay.Server
	config  Config
	served  chan error
}

// grace is how long connections may take to end once the test has.
const grace = 2 * time.Second

// Start serves the cassette at path, as c says. When the test ends, it closes
// the server and fails the test where a request had no match or an interaction
// was not played. It ends the test where the cassette cannot be served.
func Start(t testing.TB, path string, c *Config) *Server {
	t.Helper()
	s := newServer(c)
	opened, err := cassettes.OpenFile(path)
	if err != nil {
		t.Fatalf("replay %s: %v", path, err)
	}
	s.player.Cassettes = []*cassettes.Cassette{opened}
	s.session = session.Play(s.player)
	s.start(t)
	return s
}

// Record serves the cassette at path as Start does where it is there. Where it
// is not, or the environment has WIRETAPE=record, it records what the test
// asks of upstream, an address as record's --upstream takes, into it, masked by
// the default rules. What a test records that fails or skips is not kept: what
// was there before stays.
func Record(t testing.TB, path, upstream string) *Server {
	t.Helper()
	s := newServer(nil)
	var err error
	if s.session, err = s.record(path, upstream); err != nil {
		t.Fatalf("record %s: %v", path, err)
	}
	s.start(t)
	return s
}

func newServer(c *Config) *Server {
	s := new(Server)
	if c != nil {
		s.config = *c
	}
	s.player = s.config.Replay
	if s.player == nil {
		s.player = new(replay.Server)
	}
	if s.player.Hint == nil {
		s.player.Hint = func(r replay.Remedy) string { return "in Config.Replay set " + r.String() }
	}
	return s
}

// record returns the session that records upstream, or plays its recording.
func (s *Server) record(path, upstream string) (*session.Session, error) {
	a, err := endpoint.Parse(upstream)
	if err != nil {
		return nil, err
	}
	r := session.Recording{
		Path:      path,
		Upstream:  session.Upstream{Addr: a},
		Redaction: []string{"default"},
		Recorder:  &record.Recorder{},
		Whole:     true,
	}
	if os.Getenv("WIRETAPE") == "record" {
		r.Options.Overwrite = true
		return r.Start()
	}
	return session.Once(r, s.player)
}

// start listens and serves the session until the test ends.
func (s *Server) start(t testing.TB) {
	t.Helper()
	l, err := endpoint.ListenPrivate()
	if err != nil {
		s.session.Close()
		t.Fatal(err)
	}
	s.addr = endpoint.AddrOf(l.Addr())
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) { return endpoint.Dial(ctx, s.addr) }
	s.client = &http.Client{Transport: &http.Transport{DialContext: dial, DisableCompression: true}}
	s.served = make(chan error, 1)
	go func() { s.served <- s.session.Serve(l) }()
	t.Cleanup(func() {
		t.Helper()
		s.end(t)
	})
}

// end closes the server and says what is wrong with what was asked of it.
func (s *Server) end(t testing.TB) {
	t.Helper()
	s.client.CloseIdleConnections()
	if (t.Failed() || t.Skipped()) && s.session.Discard() {
		t.Logf("what the test recorded is not kept; the next run records again")
	}
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := s.session.Shutdown(ctx); err != nil {
		t.Errorf("close the server: %v", err)
	}
	if err := <-s.served; !errors.Is(err, net.ErrClosed) {
		t.Errorf("serve: %v", err)
	}
	report, ok := s.session.Played()
	if !ok {
		return // it was a recording
	}
	for _, miss := range report.Misses {
		t.Errorf("%s", miss.Text)
	}
	if s.config.AllowUnplayed || report.Unplayed == 0 {
		return
	}
	t.Errorf("interactions were not played: %d of %d", report.Unplayed, report.Played+report.Unplayed)
	const most = 20
	for i, left := range s.player.Unplayed() {
		if i == most {
			break
		}
		t.Logf("not played: %v", left)
	}
}

// Addr returns the address, "unix:///…/s.sock", as DOCKER_HOST has it.
func (s *Server) Addr() string { return s.addr.String() }

// URL returns what begins the URLs that Client asks for. Its host is of no
// account.
func (s *Server) URL() string { return "http://localhost" }

// Client returns a client that asks the server, whatever host a URL has.
func (s *Server) Client() *http.Client { return s.client }

// Report returns what was played so far. It is empty for a recording.
func (s *Server) Report() replay.Report {
	r, _ := s.session.Played()
	return r
}

// Reset makes a replay begin anew: every interaction is unplayed again.
func (s *Server) Reset() { s.session.Reset() }
