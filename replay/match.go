package replay

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/plan"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// head begins an exchange: it finds what answers the request, as far as the
// head can tell.
func (c *conn) head(h *http1.MessageHead) {
	x := c.begin(h)
	idx := c.srv.index
	x.group, x.refs = idx.find(&c.masker, h, c.host)
	switch {
	case x.group == nil:
		c.describe(x, h)
		c.missByHead(x, h)
	case idx.rule.detail != nil:
		c.describe(x, h)
		x.digest = idx.newDigest(h.Target, h.Raw)
		c.foresee(x)
	case x.live.Whole || x.group.more == nil:
		c.chooseByHead(x, h)
	default:
		c.describe(x, h)
		x.digest = idx.newDigest(h.Target, h.Raw)
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
	c.srv.index.rules.Head(line, nil)
	x.request = string(bytes.TrimSuffix(line, []byte(" HTTP/1.1\r\n\r\n")))
}

// chooseByHead chooses what answers a request whose body does not matter.
func (c *conn) chooseByHead(x *exchange, h *http1.MessageHead) {
	cl, ok := c.srv.index.claim(x.group, wanted{body: noContent, refs: x.refs}, c.srv.Repeat.of(x.again))
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
	if idx.rule.detail == nil {
		c.miss(x)
		return
	}
	x.digest = idx.newDigest(h.Target, h.Raw)
	if idx.rule.body && !h.Expect {
		return
	}
	c.miss(x)
	x.digest = nil
}

// choose chooses what answers a request with that body. Where nothing does it is
// a miss, unless the request was cut: nobody can know what was to come.
func (c *conn) choose(x *exchange, body content, cut bool) {
	d := x.digest
	defer d.close()
	defer x.wire.close()
	if x.group != nil {
		want := wanted{body, d.text, slices.Concat(x.refs, d.refs()), cut}
		if cl, ok := c.srv.index.claim(x.group, want, c.srv.Repeat.of(x.again)); ok {
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
	pos, first := idx.peek(x.group, x.refs)
	if !first && !x.expect {
		return
	}
	if !first {
		pos = x.group.first // any will do to let the client go on
	}
	it, err := idx.item(pos)
	if err != nil {
		return // it is reported when it is to be played
	}
	if first && recorded.AnswersEarly(it) && !x.group.exact() {
		if cl, ok := idx.take(x.group, pos); ok {
			x.digest = nil
			if !cl.own {
				cl.item = it
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
func (c *conn) answer(x *exchange, cl claim) {
	c.count(cl)
	x.pos, x.plays = cl.pos, !cl.repeat
	if r := c.srv.index.rests[cl.pos]; r != nil && len(r.silent) > 0 {
		c.astray = true // what comes that is no HTTP was not answered
	}
	if kept := c.srv.index.kept.Load(cl.pos); kept != nil && !cl.own && x.isCommon() && !x.expect && !x.queued {
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
func (c *conn) count(cl claim) {
	c.tell(cl)
	if cl.repeat {
		c.srv.tally.repeats.Add(1)
		return
	}
	c.srv.tally.played.Add(1 + c.srv.index.playRest(cl.pos))
}

// takeBack takes back that what answers x was played, because its client has left
// and nothing was sent.
func (s *Server) takeBack(x *exchange) {
	idx := s.index
	if !x.plays || idx.rests[x.pos] != nil {
		return
	}
	if idx.stories != nil {
		idx.stories.mu.Lock()
		defer idx.stories.mu.Unlock()
	}
	idx.count(x.pos, false)
	s.causes.count(x.pos, false)
	s.tally.played.Add(-1)
}

// tell logs a claim, for who wants to follow what is played.
func (c *conn) tell(cl claim) {
	if !c.srv.verbose {
		return
	}
	e := c.srv.index.entry(cl.pos)
	c.log.Debug("play", "interaction", e.ID, "method", e.Method, "url", e.URL, "repeat", cl.repeat)
}

// prepare reads an interaction, gives x its part in causes, and makes an answer
// of the interaction, if it is one.
func (c *conn) prepare(x *exchange, cl claim) (*cassettes.Interaction, *plan.Answer, error) {
	it := cl.item
	if it == nil {
		var err error
		if it, err = c.srv.index.item(cl.pos); err != nil {
			return nil, nil, err
		}
	}
	was := recorded.ReadRequestInfo(it)
	if x.old && was.OldClient {
		x.old = false // so was the recorded one: it gets what that got
	}
	stays := was.Closes && c.srv.index.wentOn(cl.pos)
	x.close = x.close && !stays
	if x.old && it.Response != nil && it.Response.Framing == http1.Chunked {
		c.srv.tally.note("an HTTP/1.0 client got a chunked body that ends with the connection")
	}
	own := c.localize(cl.pos, it) || cl.own
	c.keepUnread(it, false)
	a, err := plan.Prepare(it, x.planOptions(c.srv))
	if err != nil {
		return nil, nil, c.srv.index.readError(cl.pos, err)
	}
	ordered := c.srv.hasCauses(cl.pos, it)
	if ordered && !cl.repeat {
		x.part = c.srv.causes.timeline.Part(cl.pos)
	}
	if a != nil {
		a.StaysOpen = stays
		if !own && !ordered && x.isCommon() {
			c.srv.index.kept.Store(cl.pos, a)
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
