package replay

import (
	"bytes"
	"math"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/replay/internal/index"
	"github.com/wiretape/wiretape/replay/internal/plan"
	"github.com/wiretape/wiretape/replay/internal/recorded"
	"github.com/wiretape/wiretape/replay/internal/stream"
)

// opener collects the first bytes of a connection that is not HTTP, until they
// tell which recorded one it is.
type opener struct {
	sent []byte // masked
	mask *redact.Lines
	head []byte // what may still become a request's head
	wire []byte // what was sent, as it was, for a live server
}

// raw takes in bytes that are not HTTP: of a stream, of a request that was
// not understood to its end, or of a connection that never was HTTP.
func (c *conn) raw(b []byte) {
	c.moves.Add(1)
	switch {
	case c.astray:
		return
	case c.cur != nil:
		c.rawIn(c.cur, b)
		return
	}
	c.opener.add(c.srv.index.Rule.Masks(), b)
	if c.srv.OnMiss != nil {
		c.opener.wire = append(c.opener.wire, b...)
	}
	if !c.recognize(c.opener.sent, false) {
		c.unknown(c.opener.sent)
	}
}

// add adds b, masked.
func (o *opener) add(rules *redact.Rules, b []byte) {
	if o.mask == nil {
		o.mask = rules.Lines()
	}
	at := len(o.sent)
	o.sent = append(o.sent, b...)
	if o.mask != nil {
		o.mask.Mask(o.sent[at:])
		o.mask.Take()
	}
}

// rawIn takes in bytes that are not HTTP, in x.
func (c *conn) rawIn(x *exchange, b []byte) {
	if x.digest != nil { // of as much of the body as was understood
		c.choose(x, x.digest.Content(), false)
	}
	if x.open {
		c.follow(x, b)
		if x.open {
			c.advance(x, func(p *recorded.Point) { p.Turns += int64(len(b)) })
			return
		}
		c.hear(x, c.opener.sent, true) // nobody has compared it yet
		return
	}
	if x.relay != nil {
		x.relay.way.Store(offHTTP)
		return
	}
	if x.item != nil && x.item.Turns != nil || x.stream {
		c.hear(x, b, false)
		return
	}
	// The recorded request was understood. This one will not end, and what
	// comes after it cannot be found.
	c.advance(x, func(p *recorded.Point) { p.Whole = true })
	c.closeAfter(x)
	if x.answer != nil && !x.queued {
		c.reply(x)
	}
	c.cur, c.astray = nil, true
}

// partial looks at bytes that may still become a request's head: a recorded
// server may have answered them as they were.
func (c *conn) partial(b []byte) {
	if c.cur != nil || c.astray || len(c.srv.index.Streams.All()) == 0 {
		return
	}
	if len(c.opener.head) > recorded.OpeningMax {
		return
	}
	c.opener.head = append(c.opener.head, b...)
	sent := bytes.Clone(c.opener.head)
	if lines := c.srv.index.Rule.Masks().Lines(); lines != nil {
		lines.Mask(sent)
	}
	if c.srv.index.Streams.IsDue(sent) {
		c.raw(c.parser.Switch())
	}
}

// recognize begins a recorded connection if the client's first bytes tell
// which one it is, and reports whether they do or still may.
func (c *conn) recognize(sent []byte, over bool) bool {
	cl, ok, open := c.srv.index.Streams.Recognize(sent, over)
	if ok {
		n := int64(len(sent))
		if cl.Probe {
			n = math.MaxInt64
		}
		c.converse(cl, n)
	}
	return ok || open
}

// converse begins a recorded connection of which the client has sent n bytes.
func (c *conn) converse(cl index.Claim, n int64) {
	c.count(cl)
	it, err := c.srv.index.Item(cl.Pos)
	if err != nil {
		c.log.Error("replay a connection", "err", err)
		c.abort()
		return
	}
	c.keepUnread(it, false)
	c.active.Add(1)
	c.cur = &exchange{pos: cl.Pos, item: it, stream: true, matched: true, live: recorded.Point{Turns: n, Whole: true}}
	c.cur.open = !cl.Repeat && !cl.Probe && it.Turns.Len() > 0
	c.cur.probe = cl.Probe
	if sent := c.opener.sent; !c.cur.open && len(sent) > 0 {
		c.hear(c.cur, sent, true)
	}
	c.enqueue(c.cur)
}

// unknown closes a connection that is like none that was recorded, or leaves it
// to the live server.
func (c *conn) unknown(sent []byte) {
	request := "a connection that begins " + stream.Quote(sent)
	m := Miss{Request: request, Nearest: nearRaw(c.srv.index, sent), Text: explainRaw(c.srv.index, request, sent)}
	c.astray = true
	if c.srv.OnMiss != nil {
		err := c.askRaw(c.opener.wire)
		if err == nil {
			c.proxied(m)
			return
		}
		m.Text += "\nlive server: " + err.Error()
	}
	c.missed(m)
	c.active.Add(1)
	c.reply(&exchange{missed: true, matched: true, answer: &plan.Answer{Mark: cassettes.EOF}})
}

// unheard ends a connection whose client has closed it where no exchange was
// going on. What it had begun to say, or that it said nothing at all, may have
// been recorded.
func (c *conn) unheard(begun []byte) {
	if c.ending.Load() || c.astray || c.asked && len(begun) == 0 {
		return
	}
	c.opener.add(c.srv.index.Rule.Masks(), begun)
	c.opener.wire = append(c.opener.wire, begun...)
	if !c.recognize(c.opener.sent, true) && !c.asked && len(c.opener.sent) > 0 {
		c.unknown(c.opener.sent)
	}
}
