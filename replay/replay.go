// Package replay serves recorded cassettes over sockets.
package replay

import (
	"context"
	"log/slog"
	"net"

	"github.com/wiretape/wiretape/cassettes"
)

// Server replays cassettes. Its life-cycle is http.Server's. Set the fields
// before the first call of Serve and leave them alone after.
type Server struct {
	// Cassettes are played as one, in this order. The caller closes them after
	// the server.
	Cassettes []*cassettes.Cassette
	// Reframe says how bodies are cut into chunks; the zero value keeps the
	// recorded ones.
	Reframe Reframe
	// Log receives misses and what goes on; nil is silence.
	Log *slog.Logger
}

// Reframe is a way to cut a body into chunks.
type Reframe struct{}

// ParseReframe reads exact, one, bytes=N or record.
func ParseReframe(s string) (Reframe, error) { panic("not written") }

// Serve accepts connections on l and blocks until l fails or the server is
// closed; it then returns net.ErrClosed.
func (s *Server) Serve(l net.Listener) error { panic("not written") }

// Shutdown stops accepting, waits until open connections have ended or ctx is
// done, and then does what Close does.
func (s *Server) Shutdown(ctx context.Context) error { panic("not written") }

// Close closes listeners and connections and waits for all goroutines.
func (s *Server) Close() error { panic("not written") }

// Report says what was played.
type Report struct {
	Played, Unplayed int
	Misses           []Miss
}

// Miss is a request that no interaction answered.
type Miss struct {
	Request string // method and target
	Text    string // the explanation, as the client got it
}

// Report returns what was played so far. It may be called at any time.
func (s *Server) Report() Report { panic("not written") }
