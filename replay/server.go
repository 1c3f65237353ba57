package replay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"time"

	"github.com/wiretape/wiretape/replay/internal/index"
	"github.com/wiretape/wiretape/replay/internal/plan"
	"github.com/wiretape/wiretape/replay/internal/rule"
)

// init prepares the server at the first call of any method.
func (s *Server) init() error {
	s.once.Do(func() {
		s.log = s.Log
		if s.log == nil {
			s.log = slog.New(slog.DiscardHandler)
		}
		s.verbose = s.log.Enabled(context.Background(), slog.LevelDebug)
		s.life.Ended = s.ended
		s.asking, s.hangUp = context.WithCancel(context.Background())
		s.index, s.err = s.newIndex()
	})
	return s.err
}

// newIndex indexes the cassettes, to be found as the rule for them says.
func (s *Server) newIndex() (*index.Index, error) {
	if s.MissStatus != 0 && (s.MissStatus < 400 || s.MissStatus > 599) {
		return nil, fmt.Errorf("MissStatus is %d: want 0, or a status from 400 to 599", s.MissStatus)
	}
	r, err := rule.Resolve(s.Match, s.Matcher, s.Cassettes, s.Preset)
	if err != nil {
		return nil, err
	}
	x, err := index.New(s.Cassettes, r, index.Options{
		Bind: s.Bind != BindNone && s.Matcher == nil, Guess: s.Bind == BindAll, Strict: s.Strict, Swapped: s.noteSwap, Marked: s.causes.count,
	})
	if err != nil {
		return nil, err
	}
	s.kept = plan.NewCache(x.Len())
	return x, nil
}

// Serve accepts connections on l and blocks until l fails or the server is
// closed; it then returns net.ErrClosed. It closes l in either case.
func (s *Server) Serve(l net.Listener) error {
	defer l.Close()
	if err := s.init(); err != nil {
		return err
	}
	return s.life.Serve(l, s.log, s.accept)
}

// accept begins to serve a client.
func (s *Server) accept(nc net.Conn) {
	if s.ResetIdle {
		s.awaitEnds()
	}
	s.life.Begin(nc, s.begin, (*conn).serve)
}

// begin returns the connection of a client.
func (s *Server) begin(nc net.Conn, number, _ int) *conn { return newConn(s, number, nc) }

// endsMax is how long a new client waits for those before it to be gone.
const endsMax = 100 * time.Millisecond

// awaitEnds waits, if all clients have left, until that has been noticed: the
// next one may be here before. Clients of streams may have ended and stay.
func (s *Server) awaitEnds() {
	for end := time.Now().Add(endsMax); time.Now().Before(end); time.Sleep(100 * time.Microsecond) {
		clients := s.life.Open(nil)
		stays := func(c *conn) bool { return !c.hasLeft() }
		if len(clients) == 0 || slices.ContainsFunc(clients, stays) {
			return
		}
	}
}

// ended ends the account of a connection. No client is accepted meanwhile, so
// that a reset lies between the last connection and the next.
func (s *Server) ended(c *conn, open map[*conn]struct{}) {
	s.idle.forget(c.client, open)
	s.clients.leave(c.live)
	if len(open) == 0 && s.ResetIdle && s.asking.Err() == nil {
		s.reset()
	}
}

// Shutdown stops accepting, closes connections that wait for a request, waits
// until the others have ended or ctx is done, and then does what Close does.
// It returns ctx's error if it had to close connections.
func (s *Server) Shutdown(ctx context.Context) error {
	_ = s.init() // a server that cannot serve can be closed
	err := s.stopAccepting()
	for _, c := range s.life.Open(nil) {
		c.end.retire()
	}
	return errors.Join(err, s.life.Drain(ctx), s.Close())
}

// Close closes listeners and connections and waits for all goroutines.
func (s *Server) Close() error {
	_ = s.init() // a server that cannot serve can be closed
	err := s.stopAccepting()
	for _, c := range s.life.Open(nil) {
		c.end.abort()
	}
	s.life.Wait()
	s.causes.waits.Wait()
	return err
}

func (s *Server) stopAccepting() error {
	s.hangUp() // first: a server that is closed does not reset
	return s.life.Stop()
}
