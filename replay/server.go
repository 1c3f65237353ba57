package replay

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"
	"time"

	"github.com/wiretape/wiretape/internal/endpoint"
)

// init prepares the server at the first call of any method.
func (s *Server) init() error {
	s.once.Do(func() {
		s.log = s.Log
		if s.log == nil {
			s.log = slog.New(slog.DiscardHandler)
		}
		s.verbose = s.log.Enabled(context.Background(), slog.LevelDebug)
		s.listeners = map[net.Listener]struct{}{}
		s.conns = map[*conn]struct{}{}
		s.stop = make(chan struct{})
		s.ended = make(chan struct{}, 1)
		s.asking, s.hangUp = context.WithCancel(context.Background())
		s.index, s.err = s.newIndex()
	})
	return s.err
}

// newIndex indexes the cassettes, to be found as the rule for them says.
func (s *Server) newIndex() (*index, error) {
	r, err := resolveRule(s.Match, s.Cassettes, s.Preset)
	if err != nil {
		return nil, err
	}
	x, err := newIndex(s.Cassettes, r, s.Bind)
	if err == nil && x.stories != nil {
		x.stories.exchanged, x.stories.played = s.noteExchange, s.causes.count
	}
	return x, err
}

// Serve accepts connections on l and blocks until l fails or the server is
// closed; it then returns net.ErrClosed. It closes l in either case.
func (s *Server) Serve(l net.Listener) error {
	defer l.Close()
	if err := s.init(); err != nil {
		return err
	}
	if !s.listen(l) {
		return net.ErrClosed
	}
	defer s.unlisten(l)
	return endpoint.AcceptAll(l, s.stop, s.log, s.accept)
}

// listen notes that l is in use, and reports false if the server is closed.
func (s *Server) listen(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.listeners[l] = struct{}{}
	}
	return !s.closing
}

func (s *Server) unlisten(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, l)
}

// accept begins to serve a client.
func (s *Server) accept(nc net.Conn) {
	if s.ResetIdle {
		s.awaitEnds()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		nc.Close()
		return
	}
	s.accepted++
	c := newConn(s, s.accepted, nc)
	s.conns[c] = struct{}{}
	s.running.Go(func() {
		c.serve()
		s.forget(c)
	})
}

// endsMax is how long a new client waits for those before it to be gone.
const endsMax = 100 * time.Millisecond

// awaitEnds waits, if all clients have left, until that has been noticed: the
// next one may be here before. Clients of streams may have ended and stay.
func (s *Server) awaitEnds() {
	for end := time.Now().Add(endsMax); time.Now().Before(end); time.Sleep(100 * time.Microsecond) {
		clients := s.open()
		stays := func(c *conn) bool { return !c.isLeft() }
		if len(clients) == 0 || slices.ContainsFunc(clients, stays) {
			return
		}
	}
}

// isLeft reports whether c's client has left, as far as can be told.
func (c *conn) isLeft() bool {
	left := endpoint.HungUp(c.nc) || !c.streams.Load() && endpoint.PeerEnded(c.nc)
	return left || c.ending.Load() // now: of one that is closed the system tells nothing
}

// forget ends the account of a connection.
func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	s.leave(c.who)
	if len(s.conns) == 0 {
		select {
		case s.ended <- struct{}{}:
		default:
		}
		if s.ResetIdle && !s.closing {
			s.reset()
		}
	}
}

// Shutdown stops accepting, closes connections that wait for a request, waits
// until the others have ended or ctx is done, and then does what Close does.
// It returns ctx's error if it had to close connections.
func (s *Server) Shutdown(ctx context.Context) error {
	_ = s.init() // a server that cannot serve can be closed
	err := s.stopAccepting()
	for _, c := range s.open() {
		c.retire()
	}
	for len(s.open()) > 0 && ctx.Err() == nil {
		select {
		case <-s.ended:
		case <-ctx.Done():
		}
	}
	if len(s.open()) > 0 {
		err = errors.Join(err, ctx.Err())
	}
	return errors.Join(err, s.Close())
}

// Close closes listeners and connections and waits for all goroutines.
func (s *Server) Close() error {
	_ = s.init() // a server that cannot serve can be closed
	err := s.stopAccepting()
	for _, c := range s.open() {
		c.abort()
	}
	s.running.Wait()
	return err
}

func (s *Server) stopAccepting() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.closing = true
		close(s.stop)
		s.hangUp()
	}
	var errs []error
	for l := range s.listeners {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
		delete(s.listeners, l)
	}
	return errors.Join(errs...)
}

// open returns the open connections.
func (s *Server) open() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	var conns []*conn
	for c := range s.conns {
		conns = append(conns, c)
	}
	return conns
}
