package replay

import (
	"io"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/plan"
	"github.com/wiretape/wiretape/replay/internal/recorded"
	"github.com/wiretape/wiretape/replay/internal/rule"
)

// conn is a client's connection. One goroutine reads it, finds what answers
// each request, and writes the answers that wait for nothing. Plans are left
// to a second one, which is there while there are any.
type conn struct {
	srv *Server
	nc  net.Conn
	in  io.Reader // nc, or held
	log *slog.Logger
	who peer

	held *endpoint.Reader // holds back a byte for a reset; nil where there is none

	// The reading goroutine's own.
	parser http1.Parser
	keyer  rule.Keyer
	cur    *exchange // whose request or stream is arriving
	live   *relay    // the last one; nil: there was none
	host   []byte    // that its request went to
	spare  *exchange // to be used again
	asked  bool      // a request has come
	astray bool      // what comes that is no HTTP is not looked at any more
	opener opener    // the first bytes of what is not HTTP

	streams atomic.Bool  // it has left HTTP, for a stream
	moves   atomic.Int64 // grows with all that either side does in a stream
	active  atomic.Int32 // exchanges that have begun and not ended
	retired atomic.Bool  // it is to close when there are none
	ending  atomic.Bool  // nothing is answered any more, and what comes is dropped

	mu      sync.Mutex
	moved   sync.Cond // a client or the connection has got further
	queue   []*exchange
	writing bool // there is a goroutine for the queue
	dead    bool // the connection is closed: ending is set, too
}

// Sizes of the buffer that a connection is read into: the small one is what
// servers commonly read at once, so that a client's unread input stays
// unread; bodies make it grow.
const (
	smallBuffer = 4 << 10
	largeBuffer = 64 << 10
)

func newConn(s *Server, n int, nc net.Conn) *conn {
	c := &conn{srv: s, nc: nc, in: nc, log: s.log.With("conn", n), who: peerOf(nc), keyer: s.index.Keyer()}
	c.moved.L = &c.mu
	c.leaveUnread()
	return c
}

// serve reads the connection to its end.
func (c *conn) serve() {
	defer c.nc.Close()
	c.greet()
	buf := make([]byte, smallBuffer)
	for {
		n, err := c.in.Read(buf)
		if n > 0 {
			c.feed(buf[:n])
		}
		if err != nil {
			c.finish(err)
			return
		}
		if n == len(buf) && n < largeBuffer && c.cur != nil {
			buf = make([]byte, 4*n)
		}
	}
}

// greet begins what a server does before its client has said anything.
func (c *conn) greet() {
	x := c.srv.index
	if cl, ok := x.Streams.Greeting(); ok {
		c.converse(cl, 0)
		c.parser.Switch()
	}
	if x.Streams.Alone() {
		c.parser.Switch()
	}
}

// feed takes in what the client sent.
func (c *conn) feed(b []byte) {
	for len(b) > 0 && !c.ending.Load() && !c.live.takes(b) {
		ev, n := c.parser.Next(b)
		end := ev.End
		switch ev.Kind {
		case http1.Partial:
			c.partial(b[:n])
		case http1.Head:
			c.head(ev.Head)
		case http1.Body:
			c.body(ev.Data)
		case http1.Raw:
			c.raw(ev.Data)
		}
		c.passOn(ev, b[:n])
		if end {
			c.ended()
		}
		b = b[n:]
	}
}

// body takes in a piece of a request's body.
func (c *conn) body(b []byte) {
	x := c.cur
	if x == nil {
		return
	}
	if x.digest != nil {
		_, _ = x.digest.Write(b) // never fails
	}
	n := int64(len(b))
	if left, ok := x.untilTurns(); ok && n >= left {
		n = left
		c.parser.Switch()
	}
	c.advance(x, func(p *recorded.Point) { p.Body += n })
	if rest := b[n:]; len(rest) > 0 {
		c.hear(x, rest, false)
	}
	if x.missed && !x.queued && x.live.Body > drainMax {
		c.refuse(x)
	}
}

// advance notes how far the client has come.
func (c *conn) advance(x *exchange, f func(*recorded.Point)) {
	if !x.queued { // it is still the reading goroutine's
		f(&x.live)
		return
	}
	c.mu.Lock()
	f(&x.live)
	c.moved.Broadcast()
	c.mu.Unlock()
	c.tellGate(x)
}

// ended is called when the request has.
func (c *conn) ended() {
	x := c.cur
	if x == nil {
		return
	}
	c.advance(x, func(p *recorded.Point) { p.Whole = true })
	if x.digest != nil {
		c.choose(x, x.digest.Content(), false)
	}
	c.keepUnread(x.item, !x.stream)
	if x.stream {
		c.parser.Switch()
		return
	}
	c.cur = nil
	if x.answer != nil && !x.queued {
		c.reply(x)
	}
}

// reply writes x's answer, at once if nothing else is to be written before.
func (c *conn) reply(x *exchange) {
	c.mu.Lock()
	if c.writing {
		c.mu.Unlock()
		c.enqueue(x)
		return
	}
	c.mu.Unlock()
	if c.give(x) {
		c.over(x)
	}
	if c.spare == nil {
		*x = exchange{}
		c.spare = x
	}
}

// finish ends the connection after the client has closed it, or it failed.
func (c *conn) finish(err error) {
	held := c.parser.Switch()
	if x := c.cur; x != nil {
		c.cutShort(x)
		defer x.match.Stop()
	} else {
		c.unheard(held)
	}
	c.mu.Lock()
	left := slices.Clone(c.queue)
	for _, x := range left {
		x.live.Closed = true
	}
	c.moved.Broadcast()
	c.mu.Unlock()
	for _, x := range left {
		c.tellGate(x)
		x.relay.closeWrite()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if endpoint.IsReset(err) || endpoint.HungUp(c.nc) {
		c.kill()
	}
	c.moved.Broadcast()
	for c.writing {
		c.moved.Wait()
	}
	c.kill()
}

// cutShort ends a request or stream whose client has left.
func (c *conn) cutShort(x *exchange) {
	switch {
	case x.digest == nil:
	case c.ending.Load():
		x.digest.Close()
		x.wire.Close()
	default:
		c.choose(x, x.digest.Content(), true)
	}
	if x.wantsAll() {
		c.srv.unclaim(x)
		c.giveUpOn(x)
	}
	c.advance(x, func(p *recorded.Point) { p.Closed = true })
	if x.answer != nil && !x.queued {
		c.reply(x)
	}
}

// giveUpOn answers x, whose client has left within it, with an end.
func (c *conn) giveUpOn(x *exchange) {
	c.srv.tally.note("a client ended within a request that was recorded whole, and got no answer")
	if x.queued {
		c.abort()
		return
	}
	x.answer = &plan.Answer{Mark: cassettes.EOF} // after those before it
}

// retire closes the connection if it waits for a request, and otherwise after
// the exchanges that have begun.
func (c *conn) retire() {
	c.retired.Store(true)
	if c.active.Load() == 0 && !c.ending.Load() {
		c.abort()
	}
}

// abort closes the connection at once.
func (c *conn) abort() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kill()
}

// kill closes the connection, with the mutex held.
func (c *conn) kill() {
	c.ending.Store(true)
	c.dead = true
	if c.held != nil {
		c.held.Release() // lest it look like a reset
	}
	c.nc.Close()
	for _, x := range c.queue {
		x.relay.close()
	}
	c.moved.Broadcast()
}

// lingerMax is how long a connection that we have closed goes on to be read:
// were it closed with input unread, the client might lose what it was sent.
const lingerMax = 5 * time.Second

// linger closes our side, and the connection when the client has closed its.
func (c *conn) linger() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ending.Store(true)
	if err := endpoint.CloseWrite(c.nc); err != nil {
		c.kill()
		return
	}
	// An error means that the connection is closed already.
	_ = c.nc.SetReadDeadline(time.Now().Add(lingerMax))
}

// mark does what a recorded mark says.
func (c *conn) mark(x *exchange, m cassettes.Mark) {
	c.mu.Lock()
	whole, stream := x.live.Whole || x.live.Closed, x.stream
	c.mu.Unlock()
	switch {
	case m == cassettes.Reset:
		c.reset()
	case m == cassettes.EOF && stream:
		// The client may go on. An error means that it is gone.
		_ = endpoint.CloseWrite(c.nc)
	case m == cassettes.EOF || !whole && !stream:
		c.linger()
	default:
		c.abort()
	}
}

// drainWait is how long a reset waits until what was sent before it is
// delivered.
const drainWait = time.Second

// reset resets the connection when the client has got all that was sent.
func (c *conn) reset() {
	endpoint.Drain(c.nc, drainWait)
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = endpoint.Reset(c.nc) // an error means that it is closed already
	c.kill()
}
