package replay

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/explain"
	"github.com/wiretape/wiretape/replay/internal/index"
	"github.com/wiretape/wiretape/replay/internal/plan"
	"github.com/wiretape/wiretape/replay/internal/recorded"
	"github.com/wiretape/wiretape/replay/internal/rule"
	"github.com/wiretape/wiretape/replay/internal/socket"
)

// matcher finds the interaction that answers a request, claims it, and leaves its
// plan or its prepared answer to the queue. All of it belongs to the reading
// goroutine.
type matcher struct {
	srv    *Server
	log    *slog.Logger
	client peer
	live   *liveClient
	asker  *index.Client
	sock   *socket.Socket
	out    *queue

	keyer rule.Keyer
	host  []byte // that the last request went to
}

// head finds what answers the request of x, as far as its head can tell.
func (m *matcher) head(x *exchange, h *http1.MessageHead) {
	m.host = append(m.host[:0], h.Field("Host")...)
	idx := m.srv.index
	x.group, x.refs = idx.Find(&m.keyer, h.Method, h.Target, m.host)
	if x.group != nil {
		x.traits = idx.Traits(x.group, h.Target, h.Raw, m.host)
	}
	switch {
	case x.group == nil:
		m.describe(x, h)
		m.missByHead(x, h)
	case x.live.Whole && (!idx.Rule.HasDetail() || idx.Rule.BodyAlone()), !idx.Rule.HasDetail() && x.group.Single():
		m.chooseByHead(x, h)
	default:
		m.describe(x, h)
		x.digest = idx.NewDigest(h.Target, h.Raw)
		x.traits.Identify(idx, x.digest)
		m.foresee(x)
	}
}

// describe keeps the parts of a request that explain a miss.
func (m *matcher) describe(x *exchange, h *http1.MessageHead) {
	line := fmt.Appendf(nil, "%s %s HTTP/1.1\r\n\r\n", h.Method, h.Target)
	m.srv.index.Rule.Masks().Head(line, nil)
	x.request = string(bytes.TrimSuffix(line, []byte(" HTTP/1.1\r\n\r\n")))
}

// chooseByHead chooses the answer to a request whose body does not count.
func (m *matcher) chooseByHead(x *exchange, h *http1.MessageHead) {
	cl, ok := m.srv.index.Claim(x.group, index.Query{Body: rule.NoContent, Refs: x.refs, Traits: x.traits, Client: m.asker}, m.srv.Repeat.of(x.repeatable))
	if !ok {
		m.describe(x, h)
		x.refusal = cl.Refusal
		m.miss(x)
		return
	}
	m.answer(x, cl)
}

// missByHead answers a request whose target nothing answers. Where the rule
// compares bodies the explanation does, too, unless the client waits to be asked
// for its body, or says not how long it is: it may wait for the answer before it
// ends.
func (m *matcher) missByHead(x *exchange, h *http1.MessageHead) {
	idx := m.srv.index
	if !idx.Rule.HasDetail() {
		m.miss(x)
		return
	}
	short := x.live.Whole || h.Framing == http1.Length && h.Length <= drainMax
	if idx.Rule.BodyAlone() && !short {
		m.miss(x)
		return
	}
	x.digest = idx.NewDigest(h.Target, h.Raw)
	if idx.Rule.ComparesBody() && !h.Expect && !x.live.Whole {
		return
	}
	m.miss(x)
	x.digest = nil
}

// choose chooses the answer to a request by the body that has come. Where there
// is none it is a miss, unless the request was cut: nobody knows its missing part.
func (m *matcher) choose(x *exchange, cut bool) {
	d := x.digest
	defer d.Close()
	defer x.wire.Close()
	if x.group != nil {
		x.traits.AddBody(m.srv.index, d)
		q := index.Query{Digest: d, Refs: x.refs, Cut: cut, Seen: x.seen, Agrees: m.srv.index.Agreement(d), Traits: x.traits, Client: m.asker}
		cl, ok := m.srv.index.Claim(x.group, q, m.srv.Repeat.of(x.repeatable))
		if ok {
			x.digest = nil
			m.answer(x, cl)
			return
		}
		x.refusal = cl.Refusal
	}
	if cut && x.group != nil {
		m.out.giveUp(x)
	} else {
		d.Content() // ends the body, which the explanation reads
		m.miss(x)
	}
	x.digest = nil
}

// foresee looks, before the body of a request has come, at the first interaction
// that may answer it. An answer that was recorded before the end of its request
// cannot wait for the body that decides, nor can a client that waits for a 100
// Continue.
func (m *matcher) foresee(x *exchange) {
	idx := m.srv.index
	pos, first := idx.Peek(x.group, x.refs)
	if !first && !x.expects100 {
		return
	}
	if !first {
		pos = x.group.First() // any will do to let the client go on
	}
	it, err := idx.Item(pos)
	if err != nil {
		if x.group.Single() {
			x.digest = nil
			m.unreadable(x, idx.ReadError(pos, err))
		}
		return // the error comes again when it is played
	}
	x.seen = index.Seen{Pos: pos, Item: it}
	// A request that was not recorded to its end is not waited for, nor compared.
	cut := it.Request.End == cassettes.Incomplete
	if first && (recorded.AnswersEarly(it) || cut) && (!idx.Rule.HasDetail() || idx.Rule.BodyAlone()) {
		if cl, ok := idx.Take(x.group, pos, m.asker); ok {
			if idx.Rule.HasDetail() && !cut {
				x.late = x.digest
			}
			x.digest = nil
			if !cl.Rewritten {
				cl.Item = it
			}
			m.answer(x, cl)
		}
		return
	}
	if x.expects100 {
		m.proceed(x, it)
	}
}

// verify compares the body of a request that was answered before it ended, as it was
// recorded: another one is a miss all the same.
func (m *matcher) verify(x *exchange) {
	d := x.late
	x.late = nil
	defer d.Close()
	if m.srv.index.HasContent(x.pos, d) {
		return
	}
	e := explain.Explainer{Index: m.srv.index, Repeat: index.Never}
	method, target, _ := strings.Cut(x.request, " ")
	why := m.srv.explained(e.Miss(method, target, d))
	why.Text += "\nits answer had begun before its body ended, as recorded, and was not taken back"
	m.missed(why)
}

// proceed lets a client go on that waits for a 100 Continue: with the interim
// responses that were recorded before the body, else with one that the recorded
// server would have sent, had it been asked.
func (m *matcher) proceed(x *exchange, it *cassettes.Interaction) {
	x.prelude, x.interims = recorded.Interims(it)
	if len(x.prelude) == 0 && !x.oldClient && !recorded.ReadRequestInfo(it).Expects100 {
		x.prelude = []byte("HTTP/1.1 100 Continue\r\n\r\n")
		m.srv.tally.note("a client that expects 100 Continue, which was not recorded, got one")
	}
	if len(x.prelude) > 0 {
		m.out.enqueue(x)
	}
}

// answer answers x with a claimed interaction.
func (m *matcher) answer(x *exchange, cl index.Claim) {
	m.count(cl)
	x.pos, x.claimed, x.run = cl.Pos, !cl.Repeat, cl.Run
	_, x.deaf = m.srv.index.Leftover(cl.Pos)
	if kept := m.srv.kept.Load(cl.Pos); kept != nil && !cl.Rewritten && x.isCommon() && !x.expects100 && !x.queued {
		x.answer, x.matched = kept, true
		x.close = x.close && !kept.StaysOpen
		return
	}
	it, a, err := m.prepare(x, cl)
	if err != nil {
		m.unreadable(x, err)
		return
	}
	asksFirst := x.expects100 && (a != nil || !recorded.ReadRequestInfo(it).Expects100 && !recorded.AnswersEarly(it))
	if x.part != nil {
		a = nil // its writes go through the gate
	}
	m.out.settle(x, it, a)
	if asksFirst && !x.queued {
		m.proceed(x, it)
	}
	if x.part != nil {
		m.join(x)
	}
	if a == nil && !x.queued {
		m.out.enqueue(x)
	}
}

// join begins x on the timeline: through the gate at once, where nothing has to be
// written before.
func (m *matcher) join(x *exchange) {
	if len(x.prelude) > 0 || !m.out.isIdle() {
		x.tellGate()
		return
	}
	x.playback = newPlayback(m.out, x)
	x.playback.enter()
}

// prepare reads a claimed interaction, gives x its part on the timeline, and
// prepares the answer, if that is small and waits for the request alone.
func (m *matcher) prepare(x *exchange, cl index.Claim) (*cassettes.Interaction, *plan.Answer, error) {
	it := cl.Item
	if it == nil {
		var err error
		if it, err = m.srv.index.Item(cl.Pos); err != nil {
			return nil, nil, err
		}
	}
	staysOpen := m.adapt(x, cl.Pos, it)
	own := m.localize(cl.Pos, it) || cl.Rewritten
	m.sock.KeepUnread(it, false)
	a, err := plan.Prepare(it, x.planOptions(m.srv))
	if err != nil {
		return nil, nil, m.srv.index.ReadError(cl.Pos, err)
	}
	ordered := m.srv.hasCauses(cl.Pos, it)
	if ordered && !cl.Repeat {
		x.part = m.srv.causes.timeline.Part(cl.Pos, &m.live.seen)
	}
	if a != nil {
		a.StaysOpen = staysOpen
		if !own && !ordered && x.isCommon() {
			m.srv.kept.Store(cl.Pos, a)
		}
	}
	return it, a, nil
}

// adapt compares how the live and the recorded client asked, and has x served as
// the recorded client was where both asked alike. StaysOpen says that the
// recorded connection stayed open although its client asked for a close.
func (m *matcher) adapt(x *exchange, pos int32, it *cassettes.Interaction) (staysOpen bool) {
	was := recorded.ReadRequestInfo(it)
	x.oldClient = x.oldClient && !was.OldClient
	staysOpen = was.Closes && m.srv.index.WentOn(pos)
	x.close = x.close && !staysOpen
	if x.oldClient && it.Response != nil && it.Response.Framing == http1.Chunked {
		m.srv.tally.note("an HTTP/1.0 client got a chunked body that ends with the connection")
	}
	return staysOpen
}

// unclaim marks x's interaction unplayed again: its client left before anything
// was sent.
func (s *Server) unclaim(x *exchange) {
	if x.claimed && s.index.Unclaim(x.pos, x.run) {
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
