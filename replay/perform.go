package replay

import (
	"iter"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/causal"
	"github.com/wiretape/wiretape/internal/endpoint"
)

// performance carries out the plan of an exchange that has a part in what is
// recorded of causes. Its steps leave through the gate, which puts those of all
// connections in the recorded order: it writes what a socket takes at once. The
// rest, and what may take time, is left to the connection's writing goroutine.
// Only one of the two has the performance at any time.
type performance struct {
	c     *conn
	x     *exchange
	next  func() (write, error, bool)
	stop  func()
	step  write         // the one to leave next
	frame *causal.Frame // with which it is offered
	over  bool          // there are no more steps
	err   error         // from a file, or from the connection

	left bool // it is the writing goroutine's turn; guarded by the connection's mutex
}

// handOver is the size from which on the step after is made by the writing
// goroutine: what reads files keeps nobody else waiting.
const handOver = 16 << 10

// newPerformance returns the performance of x, with no step offered.
func (c *conn) newPerformance(x *exchange, it *cassettes.Item) *performance {
	p := &performance{c: c, x: x}
	p.next, p.stop = iter.Pull2(plan(it, x.terms(c.srv)))
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
	p.x.part.gate.Enter(p.frame, bytes, more)
}

// offer makes the next step and offers it to the gate.
func (p *performance) offer() {
	if p.pull() {
		p.x.part.gate.Offer(p.frame)
		return
	}
	p.leave()
}

// pull makes the next step, and reports whether there is one.
func (p *performance) pull() bool {
	from := int64(0)
	if p.frame != nil {
		from = p.frame.Seq
	}
	for {
		w, err, ok := p.next()
		if !ok || err != nil {
			p.over, p.err = true, err
			return false
		}
		if len(w.data) == 0 && w.n == 0 && w.mark == "" {
			continue
		}
		p.step = w
		p.frame = &causal.Frame{
			Exchange: p.x.part.number,
			From:     from,
			Seq:      max(from, w.seq+p.x.part.base),
			Due:      p.due,
			Send:     p.send,
		}
		return true
	}
}

// due reports whether the own client has come as far as the step asks for.
func (p *performance) due() bool {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	return p.x.live.reached(p.step.after)
}

// send is called by the gate: see causal.Frame.
func (p *performance) send() *causal.Frame {
	p.c.moves.Add(1)
	size := len(p.step.data)
	n, err := endpoint.TryWrite(p.c.nc, p.step.data)
	p.step.data = p.step.data[n:]
	switch {
	case err != nil, len(p.step.data) > 0, p.step.n > 0, p.step.mark == cassettes.Reset:
		p.leave() // which comes upon the error, too
		return nil
	case p.step.mark != "":
		p.c.mark(p.x, p.step.mark)
		p.step.mark = ""
	}
	if size >= handOver || !p.pull() {
		p.leave()
		return nil
	}
	return p.frame
}

// leave leaves the performance to the writing goroutine.
func (p *performance) leave() {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	p.left = true
	p.c.moved.Broadcast()
}

// take takes it from the gate.
func (p *performance) take() {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	p.left = false
}

// run is the writing goroutine's part: it writes what the gate leaves to it,
// until the plan is carried out or the connection has ended.
func (p *performance) run() {
	for p.c.await(func() bool { return p.left }) {
		if p.over {
			p.end()
			return
		}
		p.take()
		if !p.c.send(p.step) {
			return
		}
		if p.step.mark != "" {
			p.c.mark(p.x, p.step.mark)
		}
		p.offer()
	}
}

// end ends the exchange.
func (p *performance) end() {
	if p.err != nil {
		p.c.log.Error("replay an interaction", "err", p.c.srv.index.readError(p.x.pos, p.err))
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
	p.x.part.gate.Cancel(func() *causal.Frame {
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
		x.part.gate.Progress(x.part.number, bytes)
	} else {
		x.part.gate.End(x.part.number)
	}
}

// come returns how many bytes have come from the client of x, of what may be a
// cause, and whether more may.
func (x *exchange) come() (bytes int64, more bool) {
	switch p := x.live; {
	case p.closed, p.whole && !x.stream:
		return 0, false
	case x.stream:
		return p.turns, true
	default:
		return p.body, true
	}
}
