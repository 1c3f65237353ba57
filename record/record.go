// Package record proxies connections between clients and a daemon and writes
// what crosses them to a cassette.
//
//	const daemon = "unix:///var/run/docker.sock"
//	header := cassettes.Header{Upstream: daemon, Redaction: []string{"default"}}
//	w, err := cassettes.Create("pull.yaml", header, cassettes.Options{})
//	…
//	l, err := record.Listen("tcp://127.0.0.1:2375")
//	…
//	r := &record.Recorder{
//		Dial:     func(ctx context.Context) (net.Conn, error) { return record.Dial(ctx, daemon) },
//		Cassette: w,
//	}
//	go r.Serve(l)
//	…
//	r.Close()
//	err = w.Close()
//
// The bytes come first: each side reads exactly what the other sent, with its
// half-closes and resets at their places, whether or not it was understood
// and whether or not it could be stored. Each direction of a connection has a
// goroutine that reads, takes note of what was read and passes it on. What the
// notes mean is worked out later, for all connections in the order in which
// it was read, by whichever of these goroutines finds that enough has come
// together, or a moment later; a large read, before it is passed on.
package record

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/internal/ticker"
)

// DefaultInlineMax is the size up to which a body stands in the cassette.
const DefaultInlineMax = 64 << 10

// Recorder is a recording proxy. Its life-cycle is http.Server's. Set the
// fields before the first call of Serve and leave them alone after.
type Recorder struct {
	// Dial connects to the daemon.
	Dial func(context.Context) (net.Conn, error)
	// Cassette receives the interactions. The redaction rules that its header
	// names mask secrets before they are stored; see Unmasked. The caller
	// closes it, after Close or Shutdown.
	Cassette *cassettes.Writer
	// Unmasked allows a cassette whose header names no redaction rules: secrets
	// are stored as they crossed. Serve refuses such a cassette otherwise.
	Unmasked bool
	// InlineMax is the size in bytes up to which a body stands in the cassette
	// and beyond which it goes to a file; 0 means DefaultInlineMax.
	InlineMax int
	// Keep, if set, says which exchanges are stored, by method and target.
	// The others pass all the same. An exchange left out takes no id. What no
	// exchange owns is stored, unless it follows one that was left out on its
	// connection. Keep is called for one exchange after the other, in their
	// order; it must be quick.
	Keep func(method, target string) bool
	// Peer says which process a client is, if it can; nil asks the socket.
	Peer func(client net.Conn) (pid int, ok bool)
	// Protocol says what connections are taken for.
	Protocol Protocol
	// NoTimes leaves out all times.
	NoTimes bool
	// Log receives what goes on; nil is silence.
	Log *slog.Logger

	once  sync.Once
	rules *redact.Rules // the rules of Cassette; nil masks nothing
	err   error         // why nothing can be recorded
	start time.Time     // when the recording began
	notes notes

	taking sync.Mutex  // is held by who takes in notes, and guards
	done   []*exchange // to be stored
	full   bool        // the cassette is to be flushed

	connections, items, unreachable atomic.Int64
	failed                          atomic.Pointer[failure]

	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	conns     map[*conn]struct{}
	busy      atomic.Bool // several connections are open
	peers     map[int]int // number of a client process, by its id
	closing   bool        // no connection is accepted any more
	ended     chan struct{}
	running   sync.WaitGroup // goroutines
	dialing   context.Context
	hangUp    context.CancelFunc // ends dialing
	stop      chan struct{}      // ends accepting
	ticker    *ticker.Ticker
	due       chan struct{} // says that what waits is to be stored

	// fault, if set, is called in the place of a parser's bug by tests.
	fault func(side http1.Side, b []byte)
}

// failure is the disk error that ended the recording.
type failure struct{ err error }

// Stats counts what passed.
type Stats struct {
	Connections, Open, Items int
	// Unreachable counts connections for which there was no upstream.
	Unreachable int
	Bytes       [2]int64 // by side
	// Err is the disk error that ended the recording, if one did; traffic
	// goes on.
	Err error
}

func (r *Recorder) init() {
	r.once.Do(func() {
		r.rules, r.err = rulesOf(r.Cassette)
		r.start = time.Now()
		if r.InlineMax == 0 {
			r.InlineMax = DefaultInlineMax
		}
		if r.Log == nil {
			r.Log = slog.New(slog.DiscardHandler)
		}
		if r.Peer == nil {
			r.Peer = endpoint.PeerPID
		}
		r.listeners = map[net.Listener]struct{}{}
		r.conns = map[*conn]struct{}{}
		r.peers = map[int]int{}
		r.ended = make(chan struct{}, 1)
		r.stop = make(chan struct{})
		r.dialing, r.hangUp = context.WithCancel(context.Background())
	})
}

// Serve accepts connections on l and blocks until l fails or the recorder is
// closed; it then returns net.ErrClosed. It returns an error at once where the
// header of Cassette names an unknown redaction rule, or none and Unmasked is
// not set. It closes l in any case.
func (r *Recorder) Serve(l net.Listener) error {
	r.init()
	defer l.Close()
	if r.err != nil {
		return r.err
	}
	if r.rules == nil && !r.Unmasked {
		return errUnmasked
	}
	if !r.listen(l) {
		return net.ErrClosed
	}
	defer r.unlisten(l)
	return endpoint.AcceptAll(l, r.stop, r.Log, r.accept)
}

// listen notes that l is in use, and reports false if the recorder is closed.
func (r *Recorder) listen(l net.Listener) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing {
		return false
	}
	if r.ticker == nil {
		r.ticker, r.due = ticker.New(endpoint.BeatInterval), make(chan struct{}, 1)
		r.running.Go(r.beat)
		r.running.Go(r.tidy)
	}
	r.listeners[l] = struct{}{}
	return true
}

func (r *Recorder) unlisten(l net.Listener) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.listeners, l)
}

func (r *Recorder) isClosing() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closing
}

// accept begins to serve a client.
func (r *Recorder) accept(client net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing {
		client.Close()
		return
	}
	endpoint.InlineUrgent(client)
	c := newConn(r, int(r.connections.Add(1)))
	c.ends[http1.Client] = client
	c.peer = r.peer(client)
	r.conns[c] = struct{}{}
	r.busy.Store(len(r.conns) >= busyConns)
	r.running.Go(c.serve)
}

// busyConns is the number of open connections from which on system calls are
// what recording costs; below, it is waking up.
const busyConns = 4

// forget is what a connection calls when it has ended.
func (r *Recorder) forget(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, c)
	r.busy.Store(len(r.conns) >= busyConns)
	if len(r.conns) == 0 {
		select {
		case r.ended <- struct{}{}:
		default:
		}
	}
}

// Shutdown stops accepting, waits until open connections have ended or ctx
// is done, and then does what Close does. It returns ctx's error if it had to
// close connections.
func (r *Recorder) Shutdown(ctx context.Context) error {
	r.init()
	err := r.stopAccepting()
	for r.open() > 0 {
		select {
		case <-r.ended:
			continue
		case <-ctx.Done():
			err = errors.Join(err, ctx.Err())
		}
		break
	}
	return errors.Join(err, r.Close())
}

// Close closes listeners and connections, stores what is unfinished with end
// "none", and waits for all goroutines.
func (r *Recorder) Close() error {
	r.init()
	err := r.stopAccepting()
	r.hangUp()
	for _, c := range r.all(nil) {
		c.stop()
	}
	r.mu.Lock()
	select {
	case <-r.stop:
	default:
		close(r.stop)
		if r.ticker != nil {
			r.ticker.Stop()
		}
	}
	r.mu.Unlock()
	r.running.Wait()
	r.catchUp()
	return err
}

func (r *Recorder) stopAccepting() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closing = true
	var errs []error
	for l := range r.listeners {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
		delete(r.listeners, l)
	}
	return errors.Join(errs...)
}

// all appends the open connections to conns.
func (r *Recorder) all(conns []*conn) []*conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns {
		conns = append(conns, c)
	}
	return conns
}

func (r *Recorder) open() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.conns)
}

// Stats returns the counts so far. It may be called at any time.
func (r *Recorder) Stats() Stats {
	s := Stats{
		Connections: int(r.connections.Load()),
		Open:        r.open(),
		Items:       int(r.items.Load()),
		Unreachable: int(r.unreachable.Load()),
		Bytes:       r.notes.total(),
	}
	if f := r.failed.Load(); f != nil {
		s.Err = f.err
	}
	return s
}
