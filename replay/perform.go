package replay

import (
	"iter"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/replay/internal/causal"
	"github.com/wiretape/wiretape/replay/internal/plan"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// performance carries out the plan of an exchange that has a part in what is
// recorded of causes. Its steps leave through the gate, which puts those of all
// connections in the recorded order: it writes what a socket takes at once. The
// rest, and what may take time, is left to the connection's writing goroutine.
// Only one of the two has the performance at any time.
type performance struct {
	c     *conn
	x     *exchange
	next  func() (plan.Write, error, bool)
	stop  func()
	files bool          // making a step may take time: it may come from a file
	step  plan.Write    // the next one to leave
	frame *causal.Frame // with which it is offered; nil: it is not made yet
	from  int64         // read of the step before
	rest  plan.Write    // of the step before, for the writing goroutine
	room  []byte        // for a step's data
	over  bool          // there are no more steps
	err   error         // from a file, or from the connection

	// Guarded by the connection's mutex.
	left bool // it is the writing goroutine's turn
	last bool // all has left
}

// aheadMax is the size in bytes of the largest step that is kept while the next
// one is made.
const aheadMax = 4 << 10

// newPerformance returns the performance of x, with no step offered.
func (c *conn) newPerformance(x *exchange, it *cassettes.Interaction) *performance {
	p := &performance{c: c, x: x, files: recorded.NeedsFiles(it), room: make([]byte, 0, aheadMax)}
	p.next, p.stop = iter.Pull2(plan.Of(it, x.planOptions(c.srv)))
	return p
}

// enter tells the gate of x and offers its first step, at once lest others
// overtake the one or the other.
func (p *performance) enter() {
	if !p.pull() {
		p.leave()
		p.c.tellGate(p.x)
		return
	}
	bytes, more := p.x.come()
	p.x.part.Enter(p.frame, bytes, more)
}

// offer offers the next step to the gate.
func (p *performance) offer() {
	if p.pull() {
		p.x.part.Offer(p.frame)
		return
	}
	p.leave()
}

// pull makes the next step, if it is not there, and reports whether there is
// one.
func (p *performance) pull() bool {
	for p.frame == nil && !p.over {
		w, err, ok := p.next()
		if !ok || err != nil {
			p.over, p.err = true, err
			break
		}
		if w.Empty() {
			continue
		}
		p.step = w
		p.frame = &causal.Frame{
			From: p.from,
			Seq:  max(p.from, p.x.part.At(w.Seq)),
			Due:  p.due,
			Send: p.send,
		}
	}
	return !p.over
}

// due reports whether the own client has come as far as the step asks for.
func (p *performance) due() bool {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	return p.x.live.Reached(p.step.After)
}

// send is called by the gate: see causal.Frame. The step after is made before
// this one is written: once a client has all, it may ask on.
func (p *performance) send() *causal.Frame {
	p.c.moves.Add(1)
	w := p.step
	p.from, p.frame = p.frame.Seq, nil
	more := false
	if !p.files && len(w.Data) <= cap(p.room) {
		w.Data = append(p.room[:0], w.Data...) // it is valid until the next is made
		if more = p.pull(); !more {
			p.setLast()
		}
	}
	n, err := endpoint.TryWrite(p.c.nc, w.Data)
	w.Data = w.Data[n:]
	switch {
	case err != nil, len(w.Data) > 0, w.N > 0, w.Mark == cassettes.Reset:
		p.rest = w
		p.leave() // which comes upon the error, too
		return nil
	case w.Mark != "":
		p.c.mark(p.x, w.Mark)
	}
	if !more {
		p.leave()
		return nil
	}
	return p.frame
}

// setLast says that the step which is about to leave is the last.
func (p *performance) setLast() {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	p.last = true
}

// leave leaves the performance to the writing goroutine.
func (p *performance) leave() {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	p.left = true
	p.last = p.last && len(p.rest.Data) == 0 && p.rest.N == 0
	p.c.moved.Broadcast()
}

// take takes it from the gate.
func (p *performance) take() {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	p.left = false
}

// ends reports whether all has left, so that the writing goroutine is about to
// be done. It is called with the connection's mutex held, and may be of nil.
func (p *performance) ends() bool { return p != nil && p.last }

// run is the writing goroutine's part: it writes what the gate leaves to it,
// until the plan is carried out or the connection has ended.
func (p *performance) run() {
	for p.c.await(func() bool { return p.left }) {
		p.take()
		if !p.c.send(p.rest) {
			return
		}
		if p.rest.Mark != "" {
			p.c.mark(p.x, p.rest.Mark)
		}
		p.rest = plan.Write{}
		if !p.pull() {
			p.end()
			return
		}
		p.x.part.Offer(p.frame)
	}
}

// end ends the exchange.
func (p *performance) end() {
	if p.err != nil {
		p.c.log.Error("replay an interaction", "err", p.c.srv.index.ReadError(p.x.pos, p.err))
		p.c.abort()
		return
	}
	p.c.over(p.x)
}

// cancel takes back what was offered and not sent. It may be called of nil,
// and again.
func (p *performance) cancel() {
	if p == nil {
		return
	}
	p.x.part.Cancel(func() *causal.Frame {
		p.stop()
		return p.frame
	})
}

// tellGate tells the gate how far the client of x has come.
func (c *conn) tellGate(x *exchange) {
	if x.part == nil {
		return
	}
	if bytes, more := x.come(); more {
		x.part.Progress(bytes)
	} else {
		x.part.End()
	}
}

// come returns how many bytes have come from the client of x, of what may be a
// cause, and whether more may.
func (x *exchange) come() (bytes int64, more bool) {
	switch p := x.live; {
	case p.Closed, p.Whole && !x.stream:
		return 0, false
	case x.stream:
		return p.Turns, true
	default:
		return p.Body, true
	}
}
