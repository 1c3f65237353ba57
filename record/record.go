// Package record proxies connections between clients and a daemon and writes
// the bytes that cross them to a cassette.
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
// Each side reads exactly the bytes that the other sent, with half-closes and
// resets at their places, even if record does not understand the bytes or cannot
// store them. Each direction of a connection has a
// goroutine that reads, adds the read to a log and passes it on. The log holds
// the reads of all connections in order. It is parsed a moment later, or as soon
// as it is large, by whichever of these goroutines notices that; a read too
// large to be copied into the log is parsed before it is passed on.
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
	// Keep, if set, reports whether an exchange is stored, by its method and
	// target. The bytes of the others pass all the same, and take no id. Turns
	// outside any exchange are stored unless they follow an exchange that was
	// left out. Keep is called for one exchange after the other, in their
	// order; it must be quick.
	Keep func(method, target string) bool
	// Peer returns the process id of a client, and false if it is unknown; nil
	// asks the socket.
	Peer func(client net.Conn) (pid int, ok bool)
	// Protocol says whether to look for HTTP.
	Protocol Protocol
	// NoTimes leaves out all times.
	NoTimes bool
	// NoTags leaves out the tags that tell masked secrets apart. They are also
	// left out where the cassette's header has no salt.
	NoTags bool
	// Log receives warnings, errors and debug messages; nil discards them.
	Log *slog.Logger

	// Lock order, first to last; a goroutine that holds one takes only later ones
	// of its own line:
	//
	//	the lock of life, under which begin and ended run
	//	link.mu, then the lock of an endpoint.Reader
	//	processing, then reads.mu, masked.mu, or the locks of Cassette
	//
	// docs/architecture.md, under Locks, has them with what they guard.
	// No socket is read from or written to for a peer under any of them.

	once  sync.Once
	rules *redact.Rules // the rules of Cassette; nil masks nothing
	key   *redact.Key   // makes the digests of secrets for their tags; nil: none
	err   error         // why nothing can be recorded
	start time.Time     // when the recording began
	reads readLog

	// processing is held by the goroutine that processes reads. It guards the
	// recording state of connections, and done and full.
	processing sync.Mutex
	done       []*exchange // to be stored
	full       bool        // the buffer of Cassette is to be flushed

	items, unreachable atomic.Int64
	masked             tally
	failed             atomic.Pointer[failure]

	life    endpoint.Lifecycle[*link]
	busy    atomic.Bool // several connections are open
	peers   map[int]int // number of a client process, by its id; for begin alone
	dialing context.Context
	hangUp  context.CancelFunc // ends dialing

	ticking, stopping sync.Once // of startTicker and stopTicker
	ticker            *ticker.Ticker

	// fault, if set, is called in the place of a parser's bug by tests.
	fault func(side http1.Side, b []byte)
}

// failure is the disk error that ended the recording.
type failure struct{ err error }

// Stats counts connections, stored items and bytes.
type Stats struct {
	Connections int // accepted so far
	Open        int // connections open now
	Items       int // interactions stored
	// Unreachable counts connections for which there was no upstream.
	Unreachable int
	Bytes       [2]int64 // by side
	// Masked says what was masked, rule by rule, in the order of the first places.
	Masked []Masked
	// Err is the disk error that ended the recording, if one did; traffic
	// goes on.
	Err error
}

func (r *Recorder) init() {
	r.once.Do(func() {
		r.initMasks()
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
		r.life.Ended = r.ended
		r.peers = map[int]int{}
		r.dialing, r.hangUp = context.WithCancel(context.Background())
	})
}

// Serve accepts connections on l and blocks until l fails or the recorder is
// closed; it then returns net.ErrClosed. It closes l in either case.
func (r *Recorder) Serve(l net.Listener) error {
	defer l.Close()
	r.init()
	if r.err != nil {
		return r.err
	}
	if r.rules == nil && !r.Unmasked {
		return errUnmasked
	}
	r.ticking.Do(r.startTicker)
	return r.life.Serve(l, r.Log, func(client net.Conn) {
		r.life.Begin(client, r.begin, (*link).serve)
	})
}

// begin returns the connection of a client. The life-cycle calls it for one
// client after the other.
func (r *Recorder) begin(client net.Conn, number, open int) *link {
	endpoint.InlineUrgent(client)
	l := &link{r: r, conn: newConn(r, number)}
	l.ends[http1.Client] = client
	l.conn.peer = r.peer(client)
	r.busy.Store(open >= busyConns)
	return l
}

// busyConns is the number of open connections from which on system calls are
// the cost of recording; below, waking up is.
const busyConns = 4

// ended is called when a connection has ended.
func (r *Recorder) ended(_ *link, open map[*link]struct{}) { r.busy.Store(len(open) >= busyConns) }

// startTicker starts the goroutines that work at every beat, unless the recorder
// is closed.
func (r *Recorder) startTicker() {
	t, due := ticker.New(endpoint.BeatInterval), make(chan struct{}, 1)
	if r.life.Go(func() { r.beatLoop(t, due) }) {
		r.ticker = t
		r.life.Go(func() { r.storeLoop(due) })
	}
}

// stopTicker ends the goroutines of startTicker, and keeps a later Serve from
// starting them.
func (r *Recorder) stopTicker() {
	r.ticking.Do(func() {})
	r.stopping.Do(func() {
		if r.ticker != nil {
			r.ticker.Stop()
		}
	})
}

// Shutdown stops accepting, waits until open connections have ended or ctx
// is done, and then does what Close does. It returns ctx's error if it had to
// close connections.
func (r *Recorder) Shutdown(ctx context.Context) error {
	r.init()
	return errors.Join(r.life.Stop(), r.life.Drain(ctx), r.Close())
}

// Close closes listeners and connections, stores unfinished exchanges with end
// "none", and waits for all goroutines.
func (r *Recorder) Close() error {
	r.init()
	err := r.life.Stop()
	r.hangUp()
	for _, l := range r.life.Open(nil) {
		l.stop()
	}
	r.stopTicker()
	r.life.Wait()
	r.process()
	return err
}

// Stats returns the counts so far. It may be called at any time.
func (r *Recorder) Stats() Stats {
	s := Stats{
		Connections: r.life.Accepted(),
		Open:        len(r.life.Open(nil)),
		Items:       int(r.items.Load()),
		Unreachable: int(r.unreachable.Load()),
		Bytes:       r.reads.total(),
		Masked:      r.masked.list(),
	}
	if f := r.failed.Load(); f != nil {
		s.Err = f.err
	}
	return s
}
