package replay

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/index"
	"github.com/wiretape/wiretape/replay/internal/plan"
	"github.com/wiretape/wiretape/replay/internal/recorded"
	"github.com/wiretape/wiretape/replay/internal/rule"
)

// head begins an exchange: it finds what answers the request, as far as the
// head can tell.
func (c *conn) head(h *http1.MessageHead) {
	x := c.begin(h)
	idx := c.srv.index
	x.group, x.refs = idx.Find(&c.keyer, h.Method, h.Target, c.host)
	switch {
	case x.group == nil:
		c.describe(x, h)
		c.missByHead(x, h)
	case idx.Rule.HasDetail():
		c.describe(x, h)
		x.digest = idx.NewDigest(h.Target, h.Raw)
		c.foresee(x)
	case x.live.Whole || x.group.Single():
		c.chooseByHead(x, h)
	default:
		c.describe(x, h)
		x.digest = idx.NewDigest(h.Target, h.Raw)
		c.foresee(x)
	}
}

// begin returns the exchange of a request.
func (c *conn) begin(h *http1.MessageHead) *exchange {
	x := c.spare
	if x == nil {
		x = new(exchange)
	}
	c.spare = nil
	x.bare = string(h.Method) == "HEAD"
	x.again = x.bare || string(h.Method) == "GET"
	x.close, x.old, x.expect, x.upgrade = h.Close, h.Minor == 0, h.Expect, h.Upgrade
	x.live.Whole = h.Framing == http1.None || h.Framing == http1.Length && h.Length == 0
	if h.Upgrade {
		x.key = string(h.Field("Sec-WebSocket-Key"))
	}
	c.cur, c.asked, c.astray, c.opener.head = x, true, false, c.opener.head[:0]
	c.host = append(c.host[:0], h.Field("Host")...)
	c.active.Add(1)
	return x
}

// describe keeps of a request what a miss is explained with.
func (c *conn) describe(x *exchange, h *http1.MessageHead) {
	line := fmt.Appendf(nil, "%s %s HTTP/1.1\r\n\r\n", h.Method, h.Target)
	c.srv.index.Rule.Masks().Head(line, nil)
	x.request = string(bytes.TrimSuffix(line, []byte(" HTTP/1.1\r\n\r\n")))
}

// chooseByHead chooses what answers a request whose body does not matter.
func (c *conn) chooseByHead(x *exchange, h *http1.MessageHead) {
	cl, ok := c.srv.index.Claim(x.group, index.Query{Body: rule.NoContent, Refs: x.refs}, c.srv.Repeat.of(x.again))
	if !ok {
		c.describe(x, h)
		c.miss(x)
		return
	}
	c.answer(x, cl)
}

// missByHead answers a request whose target nothing answers. Where the rule
// asks for its body the explanation does, too, unless the client waits to be
// asked for it.
func (c *conn) missByHead(x *exchange, h *http1.MessageHead) {
	idx := c.srv.index
	if !idx.Rule.HasDetail() {
		c.miss(x)
		return
	}
	x.digest = idx.NewDigest(h.Target, h.Raw)
	if idx.Rule.ComparesBody() && !h.Expect {
		return
	}
	c.miss(x)
	x.digest = nil
}

// choose chooses what answers a request with that body. Where nothing does it is
// a miss, unless the request was cut: nobody can know what was to come.
func (c *conn) choose(x *exchange, body rule.Content, cut bool) {
	d := x.digest
	defer d.Close()
	defer x.wire.Close()
	if x.group != nil {
		q := index.Query{Body: body, Text: d.Text(), Refs: slices.Concat(x.refs, index.Refs(d)), Cut: cut}
		if cl, ok := c.srv.index.Claim(x.group, q, c.srv.Repeat.of(x.again)); ok {
			x.digest = nil
			c.answer(x, cl)
			return
		}
	}
	if cut && x.group != nil {
		c.giveUpOn(x)
	} else {
		c.miss(x)
	}
	x.digest = nil
}

// foresee looks, before the body of a request has come, at the interaction
// that comes first of those that may answer it. An answer that came before the
// end of its request cannot wait for the body that decides, nor can a client
// that waits for a 100 Continue.
func (c *conn) foresee(x *exchange) {
	idx := c.srv.index
	pos, first := idx.Peek(x.group, x.refs)
	if !first && !x.expect {
		return
	}
	if !first {
		pos = x.group.First() // any will do to let the client go on
	}
	it, err := idx.Item(pos)
	if err != nil {
		return // it is reported when it is to be played
	}
	if first && recorded.AnswersEarly(it) && !x.group.Exact() {
		if cl, ok := idx.Take(x.group, pos); ok {
			x.digest = nil
			if !cl.Rewritten {
				cl.Item = it
			}
			c.answer(x, cl)
		}
		return
	}
	if x.expect {
		c.proceed(x, it)
	}
}

// proceed lets a client go on that waits for a 100 Continue: with the interim
// responses that were recorded before the body, else with one of ours, as the
// recorded server would have sent it had it been asked.
func (c *conn) proceed(x *exchange, it *cassettes.Interaction) {
	x.prelude, x.interims = recorded.Interims(it)
	if len(x.prelude) == 0 && !x.old && !recorded.ReadRequestInfo(it).Expects100 {
		x.prelude = []byte("HTTP/1.1 100 Continue\r\n\r\n")
		c.srv.tally.note("a client that expects 100 Continue, which was not recorded, got one")
	}
	if len(x.prelude) > 0 {
		c.enqueue(x)
	}
}

// answer answers x with an interaction.
func (c *conn) answer(x *exchange, cl index.Claim) {
	c.count(cl)
	x.pos, x.plays = cl.Pos, !cl.Repeat
	if _, silent := c.srv.index.Leftover(cl.Pos); silent {
		c.astray = true // what comes that is no HTTP was not answered
	}
	if kept := c.srv.kept.Load(cl.Pos); kept != nil && !cl.Rewritten && x.isCommon() && !x.expect && !x.queued {
		x.answer, x.matched = kept, true
		x.close = x.close && !kept.StaysOpen
		return
	}
	it, a, err := c.prepare(x, cl)
	if err != nil {
		c.unreadable(x, err)
		return
	}
	asksFirst := x.expect && (a != nil || !recorded.ReadRequestInfo(it).Expects100 && !recorded.AnswersEarly(it))
	if x.part != nil {
		a = nil // the gate has a say in it
	}
	c.settle(x, it, a)
	if left, ok := x.untilTurns(); ok && left <= 0 {
		c.parser.Switch()
	}
	if asksFirst && !x.queued {
		c.proceed(x, it)
	}
	if x.part != nil {
		c.take(x, it)
	}
	if a == nil && !x.queued {
		c.enqueue(x)
	}
}

// take lets x take its part in what is recorded of causes.
func (c *conn) take(x *exchange, it *cassettes.Interaction) {
	if len(x.prelude) > 0 || !c.idle() {
		c.tellGate(x)
		return
	}
	x.show = c.newPerformance(x, it)
	x.show.enter()
}

// idle reports whether nothing is to be written before what comes next. It
// waits for a writing goroutine that has nothing left to do: a client may ask
// again before that has ended.
func (c *conn) idle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.writing && len(c.queue) == 1 && c.queue[0].show.ends() && !c.dead {
		c.moved.Wait()
	}
	return !c.writing
}

// count keeps account of a claim.
func (c *conn) count(cl index.Claim) {
	c.tell(cl)
	if cl.Repeat {
		c.srv.tally.repeats.Add(1)
		return
	}
	c.srv.tally.played.Add(1 + c.srv.index.PlayLeftover(cl.Pos))
}

// unclaim marks x's interaction unplayed again: its client left before anything
// was sent.
func (s *Server) unclaim(x *exchange) {
	if x.plays && s.index.Unclaim(x.pos) {
		s.tally.played.Add(-1)
	}
}

// noteSwap notes that clients swapped the values that they were issued.
func (s *Server) noteSwap(pos int32, guess bool) {
	if !guess {
		s.tally.exchanges.Add(1)
		return
	}
	s.tally.guess(interactionAt(s.index, pos))
}

// tell logs a claim, for who wants to follow what is played.
func (c *conn) tell(cl index.Claim) {
	if !c.srv.verbose {
		return
	}
	e := c.srv.index.Entry(cl.Pos)
	c.log.Debug("play", "interaction", e.ID, "method", e.Method, "url", e.URL, "repeat", cl.Repeat)
}

// prepare reads an interaction, gives x its part in causes, and makes an answer
// of the interaction, if it is one.
func (c *conn) prepare(x *exchange, cl index.Claim) (*cassettes.Interaction, *plan.Answer, error) {
	it := cl.Item
	if it == nil {
		var err error
		if it, err = c.srv.index.Item(cl.Pos); err != nil {
			return nil, nil, err
		}
	}
	was := recorded.ReadRequestInfo(it)
	if x.old && was.OldClient {
		x.old = false // so was the recorded one: it gets what that got
	}
	stays := was.Closes && c.srv.index.WentOn(cl.Pos)
	x.close = x.close && !stays
	if x.old && it.Response != nil && it.Response.Framing == http1.Chunked {
		c.srv.tally.note("an HTTP/1.0 client got a chunked body that ends with the connection")
	}
	own := c.localize(cl.Pos, it) || cl.Rewritten
	c.keepUnread(it, false)
	a, err := plan.Prepare(it, x.planOptions(c.srv))
	if err != nil {
		return nil, nil, c.srv.index.ReadError(cl.Pos, err)
	}
	ordered := c.srv.hasCauses(cl.Pos, it)
	if ordered && !cl.Repeat {
		x.part = c.srv.causes.timeline.Part(cl.Pos)
	}
	if a != nil {
		a.StaysOpen = stays
		if !own && !ordered && x.isCommon() {
			c.srv.kept.Store(cl.Pos, a)
		}
	}
	return it, a, nil
}

// isCommon reports whether what x is answered with can be given to others that
// are common: nothing of how it was asked is in it.
func (x *exchange) isCommon() bool {
	return x.again && !x.old && x.interims == 0 && x.key == ""
}

// planOptions returns what the plan of x depends on, beside its interaction.
func (x *exchange) planOptions(s *Server) plan.Options {
	return plan.Options{Splitter: s.Reframe.splitter, OldClient: x.old, Interims: x.interims, WebSocketKey: x.key}
}

// settle makes it known what x is answered with.
func (c *conn) settle(x *exchange, it *cassettes.Interaction, a *plan.Answer) {
	if x.queued {
		c.mu.Lock()
		defer c.mu.Unlock()
		defer c.moved.Broadcast()
	}
	x.item, x.answer, x.matched = it, a, true
	x.stream = a == nil && recorded.LeavesHTTP(it)
}
