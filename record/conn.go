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

// together is the time that may pass between two reads of one frame.
const together = time.Millisecond

// direction is what is known of the bytes that one side sends.
type direction struct {
	parser http1.Parser
	last   read     // the one before
	pieces []piece  // that the parser's unfinished thing came in
	open   *message // the one that goes on
	head   headMemo
	raw    bool   // what comes is turns
	closed bool   // its side has closed
	rest   []byte // of the read that is taken in: what is not yet
}

// conn is the connection of a client, with the one to the daemon for it. What
// follows its link is for whoever holds the recorder's taking.
type conn struct {
	link
	r       *Recorder
	n, peer int // numbers of the connection and of the client's process

	sides [2]direction
	id    int  // taken for what the client's next byte begins; -1 for none
	blind bool // nothing is taken in any more
	spans []redact.Span

	// unheard is the first exchange whose answer is not complete, lastUnheard
	// the last; they are linked by next. newest is the last exchange begun,
	// until the next begins, quiet the time from which nothing has come of it.
	unheard, lastUnheard *exchange
	newest               *exchange
	quiet                time.Duration
	leftOut              bool // the last exchange is not kept

	early
	overflow bool // too much was early: an answer is not waited for any more
	closing  bool // nor because there will be none
	// turns takes the bytes of raw sides: an exchange that left HTTP, or an
	// item of its own.
	turns *exchange
}

func newConn(r *Recorder, n int) *conn {
	c := &conn{r: r, n: n, id: -1}
	c.sides[http1.Server].parser.Side = http1.Server
	if r.Protocol == ProtocolRaw {
		c.speaksRaw()
	}
	return c
}

func (c *conn) log() *slog.Logger { return c.r.Log.With("conn", c.n) }

// observe takes in a read or a mark.
func (c *conn) observe(n *note) {
	if !c.recording() {
		return
	}
	if len(n.data) > 0 && n.side == http1.Client && c.id < 0 && c.r.Keep == nil && c.begins() {
		c.id = c.r.Cassette.NextID() // so that ids count up with numbers
	}
	d := &c.sides[n.side]
	rd := read{seq: n.seq, at: n.at}
	rd.joined = rd.seq == d.last.seq+1 && rd.at-d.last.at <= together
	d.last = rd
	d.rest = n.data
	c.guard(n.side, rd, n.mark, func() error { return c.takeIn(n.side, rd, n.mark) })
	d.rest = nil
}

// put puts x, to which nothing comes any more, where it will be stored from.
func (c *conn) put(x *exchange) { c.r.done = append(c.r.done, x) }

// recording reports whether notes are still taken in.
func (c *conn) recording() bool { return !c.blind && c.r.failed.Load() == nil }

// begins reports whether the client's next byte begins an item.
func (c *conn) begins() bool {
	d := &c.sides[http1.Client]
	return !d.raw && d.open == nil && len(d.pieces) == 0 && !c.holds()
}

// takeID returns the id for what begins.
func (c *conn) takeID() int {
	id := c.id
	if c.id = -1; id < 0 {
		id = c.r.Cassette.NextID()
	}
	return id
}

// takeIn takes in the rest of a read, or a mark.
func (c *conn) takeIn(side http1.Side, rd read, m cassettes.Mark) error {
	var err error
	if m != "" {
		err = c.takeMark(side, m, rd)
	} else {
		if c.r.fault != nil {
			c.r.fault(side, c.sides[side].rest)
		}
		err = c.feed(side, c.sides[side].rest, rd)
	}
	if err == nil && c.lost && c.unheard == nil {
		return c.goRaw(true, nil) // no answer will make it a stream
	}
	return err
}

// guard calls f, which takes in a read. If f fails, the recording ends. If it
// panics, the connection goes on as raw bytes, from what f had not taken in.
func (c *conn) guard(side http1.Side, rd read, m cassettes.Mark, f func() error) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		c.log().Error("bug in record: the connection is recorded as raw bytes from here",
			"dir", side.String(), "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
		defer func() {
			if v := recover(); v != nil {
				c.blind = true
				c.log().Error("bug in record: nothing of the connection is recorded from here", "panic", fmt.Sprint(v))
			}
		}()
		c.check(c.goRaw(true, []turn{{side, rd, c.sides[side].rest, m}}))
	}()
	c.check(f())
}

func (c *conn) check(err error) {
	if err != nil {
		c.r.fail(err)
	}
}

// feed takes in bytes that side sent.
func (c *conn) feed(side http1.Side, b []byte, rd read) error {
	d := &c.sides[side]
	for len(b) > 0 {
		d.rest = b
		if d.raw {
			return c.turn(turn{side, rd, b, ""})
		}
		if side == http1.Client && c.holds() {
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

// finish ends what the connection's end leaves unfinished.
func (c *conn) finish(end cassettes.End) {
	if c.recording() {
		c.guard(http1.Client, read{}, "", func() error { return c.close(end) })
	}
	if x := c.newest; x != nil && x.res.done && !x.req.done {
		c.put(x) // not cut: a bug or a full disk came first
	}
	c.begun()
	for x := c.unheard; x != nil; x = x.next {
		c.put(x)
	}
	if c.turns != nil && !c.turns.req.begun {
		c.put(c.turns)
	}
	c.unheard, c.turns = nil, nil
}

// close ends what is open.
func (c *conn) close(end cassettes.End) error {
	c.overflow, c.closing = true, true
	if !c.lost {
		if err := c.stay(); err != nil {
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
	for x := c.unheard; x != nil; x = x.next {
		x.res.End = cassettes.NoEnd
		if x.res.begun && end == cassettes.Incomplete {
			x.res.End = cassettes.Complete // closing is how a stream ends
		}
	}
	if len(ts) == 0 && !c.lost {
		return nil
	}
	return c.goRaw(true, ts)
}

// tidy stores the newest exchange if it was complete a while ago.
func (c *conn) tidy() {
	x := c.newest
	if x == nil || !x.complete() || !x.dirty || time.Since(c.r.start)-c.quiet < settle {
		return
	}
	x.dirty = false
	c.r.append(x)
}
