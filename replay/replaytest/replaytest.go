// Package replaytest serves a cassette to one Go test.
//
//	func TestPull(t *testing.T) {
//		srv := replaytest.Start(t, "testdata/pull.yaml", nil)
//		resp, err := srv.Client().Get(srv.URL() + "/v1.41/images/json")
//		…
//	}
//
// Give a client that takes an address, as Docker's does, srv.Addr(). A client that
// takes a URL and dials it itself needs a server on TCP and srv.URL():
//
//	srv := replaytest.Start(t, "testdata/pull.yaml", &replaytest.Config{Network: "tcp"})
//
// Servers share nothing: tests may run in parallel, with one cassette too.
//
// To serve a cassette that comes with wiretape, set Config.Library. Only test
// binaries that import the library carry its files:
//
//	import "github.com/wiretape/wiretape/cassettes/library"
//
//	srv := replaytest.Start(t, "library:docker/v1.41/pull", &replaytest.Config{Library: library.FS})
package replaytest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/session"
	"github.com/wiretape/wiretape/record"
	"github.com/wiretape/wiretape/replay"
)

// Config says how a cassette is served and recorded. The zero value listens on a
// Unix socket, asks a test to play the whole cassette, and masks secrets by the
// default rules.
type Config struct {
	// Replay has the options of the replay, for this test alone. Start and
	// Record set its Cassettes. Nil means the defaults.
	Replay *replay.Server
	// Recorder has the options of the recording, for this test alone. Record
	// sets its Dial and Cassette. Nil means the defaults.
	Recorder *record.Recorder
	// Redaction names the rules that mask secrets in a recording, as the header
	// of a cassette does. Nil is {"default"}, unless Recorder.Unmasked is set.
	Redaction []string
	// Network is "unix" or "" for a Unix socket in a folder of its own, and
	// "tcp" for a free port of 127.0.0.1.
	Network string
	// Library holds the cassettes that "library:" names: library.FS of the
	// package cassettes/library. Nil means that there are none.
	Library fs.FS
	// AllowUnplayed lets a test pass that leaves interactions unplayed.
	AllowUnplayed bool
}

// Server serves a cassette until its test ends.
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

// Start serves the cassette at path as c says; nil is the zero value. Path is a
// file, a folder whose *.yaml are played as one, or library:NAME. When the test
// ends, Start closes the server and fails the test where a request had no match
// or an interaction was not played. It ends the test where the cassette cannot
// be served.
func Start(t testing.TB, path string, c *Config) *Server {
	t.Helper()
	s := newServer(c)
	opened, err := s.catalog().Open(path)
	if err != nil {
		t.Fatalf("replay %s: %v", path, err)
	}
	s.player.Cassettes = opened
	s.session = session.Play(s.player)
	s.start(t)
	return s
}

// Record serves the cassette file at path as Start does where it exists. Where
// it does not, or the environment has WIRETAPE=record, it records the test's
// requests to upstream and their answers into it. Upstream is the address of a
// daemon, unix:///path or tcp://host:port, or library:NAME or cassette:FILE,
// which is played in the daemon's place. The recording of a test that fails or skips is not kept, and a
// cassette that was there before stays.
func Record(t testing.TB, path, upstream string, c *Config) *Server {
	t.Helper()
	s := newServer(c)
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

// catalog finds cassettes by name.
func (s *Server) catalog() catalog.Catalog { return catalog.Catalog{Library: s.config.Library} }

// record returns the session that records upstream, or plays its recording.
func (s *Server) record(path, upstream string) (*session.Session, error) {
	r := session.Recording{Path: path, Redaction: s.config.Redaction, Recorder: s.config.Recorder, Whole: true}
	if r.Recorder == nil {
		r.Recorder = new(record.Recorder)
	}
	if r.Redaction == nil && !r.Recorder.Unmasked {
		r.Redaction = []string{"default"}
	}
	var err error
	if r.Upstream, err = session.ParseUpstream(upstream, s.catalog()); err != nil {
		return nil, err
	}
	if os.Getenv("WIRETAPE") == "record" {
		r.Options.Overwrite = true
		return r.Start()
	}
	return session.Once(r, s.player)
}

// listen listens as Config.Network says.
func (s *Server) listen() (net.Listener, error) {
	switch s.config.Network {
	case "", "unix":
		return endpoint.ListenPrivate()
	case "tcp":
		return endpoint.ListenLocal("tcp://127.0.0.1:0")
	}
	return nil, fmt.Errorf("replaytest: Config.Network is %q: want unix or tcp", s.config.Network)
}

// start listens and serves the session until the test ends.
func (s *Server) start(t testing.TB) {
	t.Helper()
	l, err := s.listen()
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

// end closes the server and reports its misses and other failures to the test.
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
	failMisses(t, report.Misses)
	if s.config.AllowUnplayed || report.Unplayed == 0 {
		return
	}
	t.Errorf("interactions were not played: %d of %d", report.Unplayed, report.Played+report.Unplayed)
	const most = 20
	left := s.player.Unplayed()
	for i, it := range left {
		if i == most {
			t.Logf("not played: %d more", len(left)-most)
			break
		}
		t.Logf("not played: %v", it)
	}
}

// failMisses fails the test with each miss, once: clients ask again.
func failMisses(t testing.TB, misses []replay.Miss) {
	t.Helper()
	times := map[string]int{}
	for _, miss := range misses {
		times[miss.Text]++
	}
	for _, miss := range misses {
		switch n := times[miss.Text]; {
		case n == 1:
			t.Errorf("%v", miss)
		case n > 1:
			t.Errorf("%v\nasked %d times", miss, n)
		}
		times[miss.Text] = 0
	}
}

// Addr returns the address as DOCKER_HOST has it: "unix:///…/s.sock", or
// "tcp://127.0.0.1:PORT" where Config.Network is "tcp".
func (s *Server) Addr() string { return s.addr.String() }

// URL returns the beginning of the URLs of the server, without a slash at its
// end. Where Config.Network is "tcp" it is "http://127.0.0.1:PORT", for any
// client; on a Unix socket it is "http://localhost", for Client alone, which
// connects to the server whatever host a URL has.
func (s *Server) URL() string {
	if s.addr.Network == "tcp" {
		return "http://" + s.addr.Address
	}
	return "http://localhost"
}

// Client returns a client that asks the server, whatever host a URL has.
func (s *Server) Client() *http.Client { return s.client }

// Report returns the replay's report so far. It is empty for a recording.
func (s *Server) Report() replay.Report {
	r, _ := s.session.Played()
	return r
}

// Reset makes a replay begin anew: every interaction is unplayed again.
func (s *Server) Reset() { s.session.Reset() }
