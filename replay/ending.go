package replay

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/replay/internal/relay"
	"github.com/wiretape/wiretape/replay/internal/socket"
)

// ending is how a connection ends, and the mutex of all that its goroutines
// share. It passes three states:
//
//	open    requests are answered
//	ended   nothing is answered any more, and input is dropped: we have closed
//	        our side (linger) and wait for the client to close its own
//	dead    the socket is closed
//
// A client that closes first makes an open connection dead without linger.
type ending struct {
	sock    *socket.Socket
	client  *liveClient
	ended   atomic.Bool
	retired atomic.Bool  // the connection is to close when no exchange is active
	active  atomic.Int32 // exchanges that have begun and not ended
	reads   atomic.Int64 // from the connection

	// mu guards the fields below, the queue, and the fields of queued exchanges
	// that say so. It comes after the gate's lock and before the tape's, which
	// become takes: see Locks in docs/architecture.md. Our side may be closed while
	// it is held; nothing is written to the socket.
	mu     sync.Mutex
	moved  sync.Cond // the client, the queue or the connection has got further
	dead   bool
	relays map[*relay.Relay]struct{} // to be closed with the connection
	idle   idleClose
}

// await waits until ready, which is called with the mutex held. It reports
// false when the connection is dead.
func (e *ending) await(ready func() bool) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for !ready() && !e.dead {
		e.moved.Wait()
	}
	return !e.dead
}

// finished is called when an exchange has ended.
func (e *ending) finished() {
	if e.active.Add(-1) == 0 && e.retired.Load() && !e.ended.Load() {
		e.abort()
	}
}

// retire closes the connection if it waits for a request, and otherwise after
// the exchanges that have begun.
func (e *ending) retire() {
	e.retired.Store(true)
	if e.active.Load() == 0 && !e.ended.Load() {
		e.abort()
	}
}

// abort closes the connection at once.
func (e *ending) abort() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.kill()
}

// kill closes the connection, with the mutex held.
func (e *ending) kill() {
	e.ended.Store(true)
	e.dead = true
	e.idle.stop()
	e.sock.Close()
	for r := range e.relays {
		r.Close()
	}
	e.moved.Broadcast()
}

// add has r closed with the connection. The mutex is held.
func (e *ending) add(r *relay.Relay) {
	if e.relays == nil {
		e.relays = map[*relay.Relay]struct{}{}
	}
	e.relays[r] = struct{}{}
	if e.dead {
		r.Close()
	}
}

// closeRelay closes r, which may be nil.
func (e *ending) closeRelay(r *relay.Relay) {
	if r == nil {
		return
	}
	r.Close()
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.relays, r)
}

// lingerMax is how long we go on reading after we have closed our side. A socket
// that is closed with input unread is reset, and the client may lose the answer.
const lingerMax = 5 * time.Second

// linger closes our side, and the connection when the client has closed its.
func (e *ending) linger() { e.lingerAfter(e.sock.CloseWrite) }

// lingerAfter calls close, which closes our side, and does the rest of linger.
func (e *ending) lingerAfter(close func() error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended.Store(true)
	if err := close(); err != nil {
		e.kill()
		return
	}
	// An error means that the connection is closed already.
	_ = e.sock.Conn.SetReadDeadline(time.Now().Add(lingerMax))
}

// drainWait is how long a reset waits for the delivery of the bytes sent before
// it.
const drainWait = time.Second

// reset resets the connection when the client has got all that was sent.
func (e *ending) reset() {
	endpoint.Drain(e.sock.Conn, drainWait)
	e.mu.Lock()
	defer e.mu.Unlock()
	_ = endpoint.Reset(e.sock.Conn) // an error means that it is closed already
	e.kill()
}

// mark carries out a recorded mark of x.
func (e *ending) mark(x *exchange, m cassettes.Mark) {
	e.mu.Lock()
	whole, stream := x.live.Whole || x.live.Closed, x.stream
	e.mu.Unlock()
	switch {
	case m == cassettes.EOF && stream:
		_ = e.sock.CloseWrite() // the client may go on; an error means that it is closed already
	case m == cassettes.Cut && stream:
		_ = e.sock.Cut() // as above
	case m != cassettes.Reset && m != cassettes.Cut && !whole && !stream:
		e.linger()
	default:
		e.carryOut(m)
	}
}

// carryOut ends the connection as m says.
func (e *ending) carryOut(m cassettes.Mark) {
	switch m {
	case cassettes.Reset:
		e.reset()
	case cassettes.Cut:
		e.lingerAfter(e.sock.Cut)
	case cassettes.EOF:
		e.linger()
	default:
		e.abort()
	}
}
