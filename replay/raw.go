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
	head []byte // may still become a request's head
	wire []byte // the bytes as they were sent, for a live server
}

// add adds b, masked.
func (o *opener) add(rules *redact.Rules, b []byte) {
	o.prepare(rules)
	at := len(o.sent)
	o.sent = append(o.sent, b...)
	if o.mask != nil {
		o.mask.Mask(o.sent[at:])
		o.mask.Take()
	}
}

func (o *opener) prepare(rules *redact.Rules) {
	if o.mask == nil {
		o.mask = rules.Lines()
	}
}

// greet begins a recorded connection whose server spoke first, if it is the turn
// of one.
func (r *reader) greet() {
	streams := r.srv.index.Streams
	if cl, ok := streams.Greeting(); ok {
		r.converse(cl, 0)
		r.parser.Switch()
	}
	if streams.Alone() {
		r.parser.Switch()
	}
}

// raw takes bytes that are not HTTP: of a stream, of a request that was not
// understood to its end, or of a connection that never was HTTP.
func (r *reader) raw(b []byte) {
	r.out.moves.Add(1)
	switch {
	case r.deaf:
		return
	case r.cur != nil:
		r.rawIn(r.cur, b)
		return
	}
	r.opener.add(r.masks(), b)
	if r.srv.OnMiss != nil {
		r.opener.wire = append(r.opener.wire, b...)
	}
	if !r.recognize(r.opener.sent, false) {
		r.unknown(r.opener.sent)
	}
}

func (r *reader) masks() *redact.Rules { return r.srv.index.Rule.Masks() }

// rawIn takes bytes that are not HTTP, in x.
func (r *reader) rawIn(x *exchange, b []byte) {
	if x.digest != nil { // of as much of the body as was understood
		r.choose(x, false)
	}
	switch {
	case x.open:
		r.track(x, b)
	case x.relay != nil:
		x.relay.LeaveHTTP()
	case x.item != nil && x.item.Turns != nil || x.stream:
		r.compare(x, b, false)
	default:
		r.endInside(x)
	}
}

// endInside ends x, whose request was not understood to its end although the
// recorded one was: it will not end, and the next one cannot be found.
func (r *reader) endInside(x *exchange) {
	r.out.advance(x, func(p *recorded.Point) { p.Whole = true })
	r.out.closeAfter(x)
	r.reply(x)
	r.cur, r.deaf = nil, true
}

// compare compares bytes of the stream of x with the recorded ones. Masked says
// that they are masked.
func (r *reader) compare(x *exchange, b []byte, masked bool) {
	if x.probe {
		return
	}
	if x.match == nil && x.item != nil && x.item.Turns != nil {
		r.opener.prepare(r.masks())
		x.match = stream.NewMatch(x.item, stream.Rule(r.srv.StreamMatch), r.opener.mask)
	}
	to := x.live.Turns + int64(len(b))
	if x.match != nil {
		var wrong *stream.Mismatch
		if to, wrong = x.match.Take(b, masked); wrong != nil {
			r.match.missed(r.srv.mismatch(x, wrong))
		}
	}
	r.out.advance(x, func(p *recorded.Point) { p.Turns = to })
}

// partial looks at bytes that may still become a request's head: a recorded
// server may have answered them as they were.
func (r *reader) partial(b []byte) {
	if r.cur != nil || r.deaf || len(r.srv.index.Streams.All()) == 0 {
		return
	}
	if len(r.opener.head) > recorded.OpeningMax {
		return
	}
	r.opener.head = append(r.opener.head, b...)
	sent := bytes.Clone(r.opener.head)
	if lines := r.masks().Lines(); lines != nil {
		lines.Mask(sent)
	}
	if r.srv.index.Streams.IsDue(sent) {
		r.raw(r.parser.Switch())
	}
}

// recognize begins a recorded connection if the client's first bytes tell which
// one it is, and reports whether they do or still may. Over says that the client
// has closed.
func (r *reader) recognize(sent []byte, over bool) bool {
	cl, ok, open := r.srv.index.Streams.Recognize(sent, over)
	if ok {
		n := int64(len(sent))
		if cl.Probe {
			n = math.MaxInt64
		}
		r.converse(cl, n)
	}
	return ok || open
}

// converse begins a recorded connection of which the client has sent n bytes.
func (r *reader) converse(cl index.Claim, n int64) {
	r.match.count(cl)
	it, err := r.srv.index.Item(cl.Pos)
	if err != nil {
		r.log.Error("replay a connection", "err", err)
		r.out.abort()
		return
	}
	r.sock.KeepUnread(it, false)
	r.out.active.Add(1)
	x := &exchange{pos: cl.Pos, run: cl.Run, item: it, stream: true, matched: true, live: recorded.Point{Turns: n, Whole: true}}
	x.open = !cl.Repeat && !cl.Probe && it.Turns.Len() > 0
	x.probe = cl.Probe
	r.cur = x
	if sent := r.opener.sent; !x.open && len(sent) > 0 {
		r.compare(x, sent, true)
	}
	r.out.enqueue(x)
}

// track takes more bytes of x, a connection that may yet turn out to be another
// recorded one: several may begin alike. It is served as the first of them and,
// when its client goes on otherwise, as the first that agrees with everything
// that both sides have sent. Nothing is tracked beyond recorded.OpeningMax bytes.
func (r *reader) track(x *exchange, b []byte) {
	at := len(r.opener.sent)
	r.opener.add(r.masks(), b)
	sent := r.opener.sent
	if x.match == nil {
		x.match, at = stream.NewMatch(x.item, stream.Exact, nil), 0
	}
	switch {
	case len(sent) > recorded.OpeningMax:
		x.open = false
	case !x.match.Agrees(sent[at:]):
		x.open = r.turnTo(x, sent)
	}
	if x.open {
		r.out.advance(x, func(p *recorded.Point) { p.Turns += int64(len(b)) })
		return
	}
	x.match.Stop()
	x.match = nil
	r.compare(x, sent, true) // from the beginning, by the server's rule
}

// turnTo makes x another recorded connection, if there is one that agrees.
func (r *reader) turnTo(x *exchange, sent []byte) bool {
	idx := r.srv.index
	old := x.run != idx.Run() // a Reset left all to the clients that came after it
	for _, o := range idx.Streams.All() {
		if !bytes.HasPrefix(o.Client, sent) && !bytes.HasPrefix(sent, o.Client) || idx.Played(o.Pos) && !old {
			continue
		}
		it, err := idx.Item(o.Pos)
		if err != nil {
			continue // the error comes again when it is played
		}
		m := stream.NewMatch(it, stream.Exact, nil)
		if !m.Agrees(sent) || !r.out.become(x, o.Pos, it) {
			m.Stop()
			continue
		}
		x.match.Stop()
		x.match = m
		r.sock.KeepUnread(it, false)
		return true
	}
	r.srv.tally.note("a connection that is not HTTP went on in another way than any that was recorded")
	return false
}

// sameServed reports whether the servers of two connections sent the same first
// n bytes.
func sameServed(a, b *cassettes.Interaction, n int64) bool {
	was, err := recorded.Served(a, n)
	if err != nil {
		return false // the error comes again when it is played
	}
	is, err := recorded.Served(b, n)
	return err == nil && bytes.Equal(was, is)
}

// unknown closes a connection that is like none that was recorded, or leaves it
// to the live server.
func (r *reader) unknown(sent []byte) {
	m := r.srv.missRaw(sent)
	r.deaf = true
	if r.srv.OnMiss != nil {
		err := r.askRaw(r.opener.wire)
		if err == nil {
			r.match.proxied(m)
			return
		}
		m.Text += "\nlive server: " + err.Error()
	}
	r.match.missed(m)
	r.out.active.Add(1)
	r.reply(&exchange{missed: true, matched: true, answer: &plan.Answer{Mark: cassettes.EOF}})
}

// unheard ends a connection whose client has closed it between exchanges. The
// bytes that it had begun to send, or that it sent none, may have been recorded.
func (r *reader) unheard(begun []byte) {
	if r.out.ended.Load() || r.deaf || r.asked && len(begun) == 0 {
		return
	}
	r.opener.add(r.masks(), begun)
	r.opener.wire = append(r.opener.wire, begun...)
	if !r.recognize(r.opener.sent, true) && !r.asked && len(r.opener.sent) > 0 {
		r.unknown(r.opener.sent)
	}
}
