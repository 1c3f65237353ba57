package endpoint

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"
)

// Lifecycle is the life-cycle of a server as http.Server has it: the server
// accepts clients, stops accepting them, waits for the open connections to end
// and then for its goroutines. C is the server's type of a connection. The zero
// value is ready to use, and its methods may be called at any time.
//
//	func (s *Server) Serve(l net.Listener) error {
//		return s.life.Serve(l, s.log, func(nc net.Conn) { s.life.Begin(nc, s.newConn, (*conn).serve) })
//	}
type Lifecycle[C comparable] struct {
	// Ended, if set, is called with each connection that has ended and with
	// those still open. No connection begins or ends meanwhile: Ended must be
	// quick and must not call the Lifecycle.
	Ended func(c C, open map[C]struct{})

	// mu is held while Ended and Begin's function are called: locks that these
	// take come after it.
	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	conns     map[C]struct{}
	accepted  int
	stopping  chan struct{} // closed when no client is accepted any more; nil until it is needed
	stopped   bool          // stopping is closed
	idle      chan struct{} // closed when the last connection ends; nil while nobody waits for that

	running sync.WaitGroup // goroutines
}

// Serve accepts connections on l and calls accept with each of them. It blocks
// until l fails or Stop is called, and then returns net.ErrClosed. It closes l in
// either case.
func (s *Lifecycle[C]) Serve(l net.Listener, log *slog.Logger, accept func(net.Conn)) error {
	defer l.Close()
	if !s.listen(l) {
		return net.ErrClosed
	}
	defer s.unlisten(l)
	return acceptAll(l, s.Stopping(), log, accept)
}

// listen adds l to the listeners that Stop closes. It reports false after Stop.
func (s *Lifecycle[C]) listen(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return false
	}
	if s.listeners == nil {
		s.listeners = map[net.Listener]struct{}{}
	}
	s.listeners[l] = struct{}{}
	return true
}

func (s *Lifecycle[C]) unlisten(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, l)
}

// Begin calls begin for the client nc and runs serve with its result in a
// goroutine; the connection is open until serve returns. Begin is given the
// number of the connection, counted from 1 by accept, and how many are open with
// it. No connection begins or ends while begin runs: it must not call the
// Lifecycle. After Stop, Begin closes nc and does nothing else.
func (s *Lifecycle[C]) Begin(nc net.Conn, begin func(nc net.Conn, number, open int) C, serve func(C)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		nc.Close()
		return
	}
	if s.conns == nil {
		s.conns = map[C]struct{}{}
	}
	s.accepted++
	c := begin(nc, s.accepted, len(s.conns)+1)
	s.conns[c] = struct{}{}
	s.running.Go(func() {
		serve(c)
		s.end(c)
	})
}

// end takes c off the open connections.
func (s *Lifecycle[C]) end(c C) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if s.Ended != nil {
		s.Ended(c, s.conns)
	}
	if len(s.conns) == 0 && s.idle != nil {
		close(s.idle)
		s.idle = nil
	}
}

// Go runs f in a goroutine that Wait waits for. After Stop it does nothing and
// reports false.
func (s *Lifecycle[C]) Go(f func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped {
		s.running.Go(f)
	}
	return !s.stopped
}

// Accepted returns the number of connections that have begun.
func (s *Lifecycle[C]) Accepted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

// Open appends the open connections to conns.
func (s *Lifecycle[C]) Open(conns []C) []C {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		conns = append(conns, c)
	}
	return conns
}

// Stopping returns a channel that Stop closes.
func (s *Lifecycle[C]) Stopping() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stoppingChan()
}

// stoppingChan returns s.stopping, which it makes at its first call. s.mu is held.
func (s *Lifecycle[C]) stoppingChan() chan struct{} {
	if s.stopping == nil {
		s.stopping = make(chan struct{})
	}
	return s.stopping
}

// Stop closes the listeners and has no client accepted any more. Connections go
// on. It returns errors of closing; a second call does nothing.
func (s *Lifecycle[C]) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped {
		s.stopped = true
		close(s.stoppingChan())
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

// Drain waits until no connection is open. It returns ctx's error if ctx is done
// before.
func (s *Lifecycle[C]) Drain(ctx context.Context) error {
	idle := s.untilIdle()
	select {
	case <-idle:
	case <-ctx.Done():
	}
	select { // both may have come
	case <-idle:
		return nil
	default:
		return ctx.Err()
	}
}

// untilIdle returns a channel that is closed once no connection is open.
func (s *Lifecycle[C]) untilIdle() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.conns) == 0 {
		none := make(chan struct{})
		close(none)
		return none
	}
	if s.idle == nil {
		s.idle = make(chan struct{})
	}
	return s.idle
}

// Wait waits for the goroutines of Begin and Go. Call it after Stop.
func (s *Lifecycle[C]) Wait() { s.running.Wait() }

// acceptAll accepts connections on l and calls handle with each, until l fails
// or stop is closed; it then returns net.ErrClosed. While the system is short of
// open files or memory, acceptAll logs that and tries again.
func acceptAll(l net.Listener, stop <-chan struct{}, log *slog.Logger, handle func(net.Conn)) error {
	for pause := time.Duration(0); ; {
		c, err := l.Accept()
		if err == nil {
			pause = 0
			handle(c)
			continue
		}
		select {
		case <-stop:
			return net.ErrClosed
		default:
		}
		if !passes(err) {
			return err
		}
		pause = min(max(5*time.Millisecond, 2*pause), time.Second)
		log.Warn("accept a connection", "err", err, "pause", pause)
		select {
		case <-stop:
			return net.ErrClosed
		case <-time.After(pause):
		}
	}
}

// passes reports whether an error of Accept goes by when one waits.
func passes(err error) bool {
	return slices.ContainsFunc(passing, func(e error) bool { return errors.Is(err, e) })
}
