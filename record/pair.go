package record

import (
	"cmp"
	"slices"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// event handles an event of side's parser; p is the piece that completed it.
func (c *conn) event(side http1.Side, ev *http1.Event, p piece) error {
	d := &c.sides[side]
	d.pieces = append(d.pieces, p)
	if ev.Kind == http1.Partial {
		// The first byte of a request is enough: no close can belong to the
		// exchange before it any more.
		if side == http1.Client && d.open == nil {
			c.nextBegins()
		}
		return nil
	}
	ps := d.pieces
	d.pieces = ps[:0]
	var err error
	switch {
	case ev.Kind == http1.Raw:
		return c.notHTTP(side, appendTurns(nil, side, ev.Data, ps))
	case ev.Kind != http1.Head:
		err = d.open.add(ev, ps, p.read)
	case side == http1.Client:
		err = c.request(ev.Head, ps)
	default:
		err = c.response(ev.Head, ps)
	}
	if err == nil && ev.End {
		c.endMessage(side, p.at)
	}
	return err
}

// request begins an exchange.
func (c *conn) request(h *http1.MessageHead, ps []piece) error {
	c.nextBegins()
	x := c.newExchange()
	x.keep = c.r.Keep == nil || c.r.Keep(string(h.Method), string(h.Target))
	if x.keep {
		x.item.ID = c.id.take(c.r.Cassette)
	}
	x.target = append(x.target[:0], h.Target...)
	c.unanswered.push(x)
	c.newest, c.leftOut = x, !x.keep
	if h.Upgrade {
		c.pending.upgrade = x
	}
	c.sides[http1.Client].open = &x.req
	c.sides[http1.Server].parser.Expect(h.Method, h.Upgrade)
	return x.req.head(h, ps)
}

// response begins an answer, or has a 1xx response before it.
func (c *conn) response(h *http1.MessageHead, ps []piece) error {
	x := c.unanswered.first
	if x == nil || len(x.res.Interim) > maxInterim {
		return c.notHTTP(http1.Server, appendTurns(nil, http1.Server, h.Raw, ps))
	}
	if h.Interim {
		x.res.interim(h, ps)
		return nil
	}
	c.sides[http1.Server].open = &x.res
	if err := x.res.head(h, ps); err != nil {
		return err
	}
	switch {
	case h.Framing == http1.Stream:
		return c.leaveHTTP(x)
	case c.pending.upgrade == x:
		return c.stayHTTP()
	}
	return nil
}

// nextBegins is called when the client begins something new. The newest exchange is
// finished then if it is complete.
func (c *conn) nextBegins() {
	x := c.newest
	c.newest = nil
	if x != nil && x.complete() && x.dirty {
		c.put(x)
	}
}

// endMessage ends side's message, which is complete.
func (c *conn) endMessage(side http1.Side, at time.Duration) {
	m := c.sides[side].open
	m.done, m.End = true, cassettes.Complete
	c.leaveMessage(side, at)
}

// leaveMessage closes side's message, of which nothing more comes. A complete exchange
// is finished, unless it is the newest.
func (c *conn) leaveMessage(side http1.Side, at time.Duration) {
	x := c.sides[side].open.x
	c.sides[side].open = nil
	if side == http1.Server {
		c.unanswered.pop()
	}
	if x.complete() {
		if x == c.newest {
			x.dirty, c.quietSince = true, at
		} else {
			c.put(x)
		}
	}
}

// cut ends side's message before its time, if one is open. It returns the
// bytes that the parser held back and that belong to no message.
func (c *conn) cut(side http1.Side, end cassettes.End) (held []byte, ps []piece, err error) {
	d := &c.sides[side]
	missing, held, ps := d.drain()
	if d.open == nil {
		return held, ps, nil
	}
	taken, err := d.open.cut(end, missing, held, ps)
	if taken {
		held, ps = nil, nil
	}
	c.leaveMessage(side, d.last.at)
	return held, ps, err
}

// handleMark handles the close of side.
func (c *conn) handleMark(side http1.Side, m cassettes.Mark, rd read) error {
	d := &c.sides[side]
	switch {
	case d.raw:
		return c.turn(turn{side, rd, nil, m})
	case side == http1.Client && c.pending.waits():
		return c.hold(turn{side, rd, nil, m})
	}
	x := c.marked(side) // before closeMessage, which may end x
	if !d.closed {
		d.closed = true
		held, ps, err := c.closeMessage(side, m, rd)
		if err != nil {
			return err
		}
		if len(held) > 0 {
			return c.notHTTP(side, append(appendTurns(nil, side, held, ps), turn{side, rd, nil, m}))
		}
	}
	switch {
	case x == nil:
		return c.goRaw(true, []turn{{side, rd, nil, m}})
	case side == http1.Server && !x.res.begun:
		return x.turn(turn{side, rd, nil, m})
	}
	x.dirty, c.quietSince = true, rd.at
	if side == http1.Server {
		x.res.mark(m, rd)
	} else {
		x.req.mark(m, rd)
	}
	return nil
}

// marked returns the exchange that a close of side belongs to: the one that
// it is in, or has not answered, or that came last; nil where there is none.
func (c *conn) marked(side http1.Side) *exchange {
	if side == http1.Server && c.unanswered.first != nil {
		return c.unanswered.first
	}
	return c.newest
}

// closeMessage ends side's message, if one is open, as m does. Its results are those
// of cut.
func (c *conn) closeMessage(side http1.Side, m cassettes.Mark, rd read) (held []byte, ps []piece, err error) {
	d := &c.sides[side]
	if d.open != nil && m != cassettes.Reset {
		if complete, _ := d.parser.EOF(); complete {
			c.endMessage(side, rd.at)
		}
	}
	return c.cut(side, cassettes.Incomplete)
}

// notHTTP handles bytes of side that are not HTTP.
func (c *conn) notHTTP(side http1.Side, ts []turn) error {
	if side == http1.Server { // no later response can be told from such bytes
		return c.goRaw(true, ts)
	}
	c.nextBegins()
	if c.sides[http1.Client].open != nil {
		if _, _, err := c.cut(http1.Client, cassettes.Incomplete); err != nil {
			return err
		}
	}
	if none := c.unanswered.first == nil; none || c.pending.full && !c.pending.closing {
		return c.goRaw(none, ts)
	}
	// Answers may still come, and one of them may make this a stream.
	c.pending.notHTTP = true
	return c.hold(ts...)
}

// goRaw makes the client's bytes turns from here on, and the server's too if
// server is set: those in ts, those held back, and all that come. Where the
// server's parser holds bytes back they become turns in any case: they were
// sent before what follows.
func (c *conn) goRaw(server bool, ts []turn) error {
	c.nextBegins()
	server = server || len(c.sides[http1.Server].pieces) > 0
	ts = append(ts, c.pending.take()...)
	for side := range c.sides {
		d := &c.sides[side]
		if d.raw || side == int(http1.Server) && !server {
			continue
		}
		d.raw = true
		c.noteRaw(http1.Side(side), c.turns != nil)
		held, ps, err := c.cut(http1.Side(side), cassettes.Incomplete)
		if err != nil {
			return err
		}
		ts = appendTurns(ts, http1.Side(side), held, ps)
	}
	slices.SortStableFunc(ts, func(a, b turn) int { return cmp.Compare(a.seq, b.seq) })
	for _, t := range ts {
		if err := c.turn(t); err != nil {
			return err
		}
	}
	return nil
}

// turn adds a turn to the exchange that left HTTP, or to an item without an exchange.
// Bytes that the server's parser holds back go before it.
func (c *conn) turn(t turn) error {
	if d := &c.sides[http1.Server]; !d.raw && len(d.pieces) > 0 {
		return c.goRaw(true, []turn{t})
	}
	if c.turns == nil {
		x := c.newExchange()
		if x.keep = !c.leftOut; x.keep {
			x.item.ID = c.id.take(c.r.Cassette)
		}
		c.turns = x
	}
	return c.turns.turn(t)
}
