package replay

import (
	"iter"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/replay/internal/causal"
	"github.com/wiretape/wiretape/replay/internal/plan"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// playback carries out the plan of an exchange that has a part on the timeline.
// Its steps leave through the gate, which puts those of all connections in
// recorded order and writes as much as a socket takes at once. The rest, and
// everything that may take time, is left to the queue's goroutine. Only one of
// the two has the playback at any time:
//
//	     offer                  gate, in recorded order
//	next ─────▶ frame at gate ─────────────────────────▶ send ──┐ next step is ready:
//	  ▲                            ▲                            │ the gate has it again
//	  │                            └────────────────────────────┤
//	  └── run writes the rest ◀── the queue's goroutine's turn ◀┘ leave
type playback struct {
	q     *queue
	x     *exchange
	pull  func() (plan.Write, error, bool)
	stop  func()
	files bool          // making a step may take time: it may come from a file
	step  plan.Write    // the next one to leave
	frame *causal.Frame // offers step; nil: step is not made yet
	from  int64         // read of the step before
	rest  plan.Write    // of the step before, for the queue's goroutine
	room  []byte        // for a step's data
	over  bool          // there are no more steps
	err   error         // from a file

	// Guarded by the connection's mutex.
	left bool // it is the queue's goroutine's turn
	last bool // all has left
}

// aheadMax is the size in bytes of the largest step that is kept while the next
// one is made.
const aheadMax = 4 << 10

// newPlayback returns the playback of x, with no step offered.
func newPlayback(q *queue, x *exchange) *playback {
	p := &playback{q: q, x: x, files: recorded.NeedsFiles(x.item), room: make([]byte, 0, aheadMax)}
	p.pull, p.stop = iter.Pull2(plan.Of(x.item, x.planOptions(q.srv)))
	return p
}

// enter tells the gate of x and offers its first step. Both happen at once, so
// that neither can overtake the other.
func (p *playback) enter() {
	if !p.next() {
		p.leave()
		p.x.tellGate()
		return
	}
	bytes, more := p.x.reached()
	p.x.part.Enter(p.frame, bytes, more)
}

// offer offers the next step to the gate.
func (p *playback) offer() {
	if p.next() {
		p.x.part.Offer(p.frame)
		return
	}
	p.leave()
}

// next makes the next step, unless it is made, and reports whether there is one.
func (p *playback) next() bool {
	for p.frame == nil && !p.over {
		w, err, ok := p.pull()
		if !ok || err != nil {
			p.over, p.err = true, err
			break
		}
		if w.Empty() {
			continue
		}
		p.step = w
		p.frame = &causal.Frame{
			From:  p.from,
			Seq:   max(p.from, p.x.part.At(w.Seq)),
			Due:   p.isDue,
			Send:  p.send,
			Line:  p.q.sock,
			Time:  gap(p.x.item, 0, w.At),
			Apart: w.Apart,
		}
	}
	return !p.over
}

// isDue reports whether the own client has come as far as the step asks for. The
// gate calls it with its lock held.
func (p *playback) isDue() bool {
	p.q.mu.Lock()
	defer p.q.mu.Unlock()
	return p.x.live.Reached(p.step.After)
}

// send is called by the gate: see causal.Frame. It makes the step after this one
// first: a client that has got all may ask on before send returns.
func (p *playback) send() *causal.Frame {
	p.q.moves.Add(1)
	w := p.step
	p.from, p.frame = p.frame.Seq, nil
	more := false
	if !p.files && len(w.Data) <= cap(p.room) {
		w.Data = append(p.room[:0], w.Data...) // valid only until the next is made
		if more = p.next(); !more {
			p.setLast()
		}
	}
	n, err := endpoint.TryWrite(p.q.sock.Conn, w.Data)
	w.Data = w.Data[n:]
	switch {
	case err != nil, len(w.Data) > 0, w.N > 0, w.Mark == cassettes.Reset:
		p.rest = w
		p.leave() // the queue's goroutine comes upon the error, too
		return nil
	case w.Mark != "":
		p.q.close(p.x, w.Mark, w.Idle)
	}
	if !more {
		p.leave()
		return nil
	}
	return p.frame
}

// setLast says that the step which is about to leave is the last.
func (p *playback) setLast() {
	p.q.mu.Lock()
	defer p.q.mu.Unlock()
	p.last = true
}

// leave leaves the playback to the queue's goroutine.
func (p *playback) leave() {
	p.q.mu.Lock()
	defer p.q.mu.Unlock()
	p.left = true
	p.last = p.last && len(p.rest.Data) == 0 && p.rest.N == 0
	p.q.moved.Broadcast()
}

// isLast reports whether all has left, so that the queue's goroutine is about to
// be done with it. It is called with the mutex held, and may be called of nil.
func (p *playback) isLast() bool { return p != nil && p.last }

// run is the part of the queue's goroutine: it writes the steps that the gate
// leaves to it, until the plan is carried out or the connection has ended.
func (p *playback) run() {
	for p.q.await(p.take) {
		if !p.q.writeStep(&p.rest) {
			return
		}
		if p.rest.Mark != "" {
			p.q.close(p.x, p.rest.Mark, p.rest.Idle)
		}
		p.rest = plan.Write{}
		if !p.next() {
			p.finish()
			return
		}
		p.x.part.Offer(p.frame)
	}
}

// take takes the playback, if it was left, with the mutex held.
func (p *playback) take() bool {
	left := p.left
	p.left = false
	return left
}

// finish ends the exchange.
func (p *playback) finish() {
	if p.err != nil {
		p.q.broken(p.x.pos, p.err)
		return
	}
	p.q.answered(p.x)
}

// cancel withdraws a step that was offered and not sent. It may be called of nil,
// and again.
func (p *playback) cancel() {
	if p == nil {
		return
	}
	p.x.part.Cancel(func() *causal.Frame {
		p.stop()
		return p.frame
	})
}
