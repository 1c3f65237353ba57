package record

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/redact"
)

// conn is what is recorded of a client's connection: it makes exchanges and turns of
// the reads in the log. Recorder.processing guards its fields. Its sockets are those of
// a link.
type conn struct {
	r       *Recorder
	n, peer int // numbers of the connection and of the client's process

	sides     [2]direction
	id        itemID // of the item that the client's next byte begins
	abandoned bool   // a bug has ended the recording of this connection
	spans     []redact.Span

	unanswered queue // the exchanges without a complete response
	// newest is the last exchange begun, until the next begins: a close may still
	// belong to it. quietSince is the time since when nothing has come of it.
	newest     *exchange
	quietSince time.Duration
	leftOut    bool // Keep refused the last exchange

	pending pendingUpgrade
	// turns takes the bytes of raw sides: an exchange that left HTTP, or an
	// item of its own.
	turns *exchange
}

func newConn(r *Recorder, n int) *conn {
	c := &conn{r: r, n: n}
	c.sides[http1.Server].parser.Side = http1.Server
	for side := range c.sides {
		c.sides[side].raw = r.Protocol == ProtocolRaw
	}
	return c
}

func (c *conn) log() *slog.Logger { return c.r.Log.With("conn", c.n) }

// process records a read or a mark.
func (c *conn) process(e *entry) {
	if !c.recording() {
		return
	}
	d := &c.sides[e.side]
	if len(e.data) > 0 && e.side == http1.Client && c.r.Keep == nil && d.isIdle() && !c.pending.waits() {
		// An id is taken at the first byte and not when the head is complete, so
		// that ids are in the order of sequence numbers. With Keep, only the
		// head tells whether there will be an item.
		c.id.reserve(c.r.Cassette)
	}
	rd := d.begin(e)
	c.guard(e.side, rd, e.mark, func() error { return c.handle(e.side, rd, e.mark) })
	d.rest = nil
}

// put queues x, which is finished, to be stored.
func (c *conn) put(x *exchange) { c.r.done = append(c.r.done, x) }

// recording reports whether entries of the connection are still recorded.
func (c *conn) recording() bool { return !c.abandoned && c.r.failed.Load() == nil }

// handle handles the rest of a read, or a mark.
func (c *conn) handle(side http1.Side, rd read, m cassettes.Mark) error {
	var err error
	if m != "" {
		err = c.handleMark(side, m, rd)
	} else {
		if c.r.fault != nil {
			c.r.fault(side, c.sides[side].rest)
		}
		err = c.feed(side, c.sides[side].rest, rd)
	}
	if err == nil && c.pending.notHTTP && c.unanswered.first == nil {
		return c.goRaw(true, nil) // no answer is left that could make it a stream
	}
	return err
}

// guard calls f, which handles a read. If f fails, the recording ends. If f
// panics, the connection is recorded as raw bytes from the first that f had not
// handled.
func (c *conn) guard(side http1.Side, rd read, m cassettes.Mark, f func() error) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		c.log().Error("bug in record: the connection is recorded as raw bytes from here",
			"dir", side.String(), "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
		defer func() { // the state after the bug may break goRaw, too
			if v := recover(); v != nil {
				c.abandoned = true
				c.log().Error("bug in record: nothing of the connection is recorded from here", "panic", fmt.Sprint(v))
			}
		}()
		c.r.fail(c.goRaw(true, []turn{{side, rd, c.sides[side].rest, m}}))
	}()
	c.r.fail(f())
}

// feed parses bytes that side sent, or makes turns of them.
func (c *conn) feed(side http1.Side, b []byte, rd read) error {
	d := &c.sides[side]
	for len(b) > 0 {
		d.rest = b
		if d.raw {
			return c.turn(turn{side, rd, b, ""})
		}
		// Asked at each event: a complete request may ask for an upgrade.
		if side == http1.Client && c.pending.waits() {
			return c.hold(turn{side, rd, b, ""})
		}
		ev, n := d.parser.Next(b)
		if err := c.event(side, ev, piece{rd, n}); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// finish stores the exchanges that the connection's end leaves unfinished.
func (c *conn) finish(end cassettes.End) {
	if c.recording() {
		c.guard(http1.Client, read{}, "", func() error { return c.close(end) })
	}
	if x := c.newest; x != nil && x.res.done && !x.req.done {
		c.put(x) // close did not cut it: a bug or a full disk came first
	}
	c.nextBegins()
	for x := c.unanswered.first; x != nil; x = x.next {
		c.put(x)
	}
	if c.turns != nil && !c.turns.req.begun {
		c.put(c.turns)
	}
	c.unanswered, c.turns = queue{}, nil
}

// close ends open messages as end says, and makes turns of bytes that belong to none.
func (c *conn) close(end cassettes.End) error {
	c.pending.full, c.pending.closing = true, true
	if !c.pending.notHTTP { // the kept bytes may complete a request
		if err := c.stayHTTP(); err != nil {
			return err
		}
	}
	var ts []turn
	for side := range c.sides {
		held, ps, err := c.cut(http1.Side(side), end)
		if err != nil {
			return err
		}
		ts = appendTurns(ts, http1.Side(side), held, ps)
	}
	for x := c.unanswered.first; x != nil; x = x.next {
		x.res.End = cassettes.NoEnd
		if x.res.begun && end == cassettes.Incomplete {
			x.res.End = cassettes.Complete // closing is how a stream ends
		}
	}
	if len(ts) == 0 && !c.pending.notHTTP {
		return nil
	}
	return c.goRaw(true, ts)
}

// storeSettled stores the newest exchange if it was complete settleTime ago. A close
// that comes later replaces it.
func (c *conn) storeSettled() {
	x := c.newest
	if x == nil || !x.complete() || !x.dirty || time.Since(c.r.start)-c.quietSince < settleTime {
		return
	}
	x.dirty = false
	c.r.append(x)
}
