package causal

import (
	"container/heap"
	"math"
	"slices"
	"sync"
	"time"
)

// Gate is the live side of a Graph: a server tells it of its clients' requests
// and bytes, and it lets frames go when their causes have come. It is safe for
// concurrent use.
//
// Its mutex comes before the mutexes of connections: Frame.Due and Frame.Send
// run under it and may take the mutex of the frame's connection. Whoever holds a
// connection's mutex must not call the gate. GaveUp runs without locks.
type Gate struct {
	graph *Graph
	// Timeout is how long a frame waits for another exchange's cause before
	// it goes without; 0 is for ever. Set it before the first call.
	Timeout time.Duration
	// GaveUp, if set, is called without locks held when that happens.
	GaveUp func(Wait)
	// Go runs a function in a goroutine; set it before the first call.
	Go func(func())

	mu      sync.Mutex
	met     []bool
	next    []int            // by exchange: its first event that is not met
	parts   []*Part          // by exchange: who plays it
	waiting map[int][]*Frame // by event
	ready   frameHeap
}

// Part is the part of an exchange that is played. One that was taken back is
// past: what its client does counts no more, and its frames wait for that
// client alone.
type Part struct {
	gate     *Gate
	exchange int
	base     int64 // of its recording, on a timeline
	client   *Client
	past     bool
	own      *Frame // waits for its client
}

// Wait names a frame and the cause that did not come.
type Wait struct {
	Exchange int   // whose frame
	Seq      int64 // of the frame
	Cause    int   // exchange whose client did not do it
	CauseSeq int64 // of the read that held the cause
}

// Frame is a write that waits for its causes. A connection offers its next
// one when the one before has been written.
type Frame struct {
	// From and Seq are the reads of the exchange's frame before (0 for none)
	// and of this one.
	From, Seq int64
	// Due reports whether the exchange's own client has done what one had done
	// before the frame; nil is always. It is called with the gate's lock held,
	// again whenever the gate is told of that client.
	Due func() bool
	// Send writes the frame and returns the connection's next one, if there
	// is one already. It is called once, in the order of all frames, and must
	// neither block nor call the gate: where the socket does not take all,
	// the rest, and the offer of the next frame, are for somebody else to do,
	// and Send returns nil.
	Send func() (next *Frame)
	// Line is the connection. Nil is one on which nobody has to have read.
	Line Line
	// Time is when the frame was recorded, since its recording began; less than
	// 0 if that is not known.
	Time time.Duration
	// Apart says that the client has to have read what was written to Line
	// before.
	Apart bool

	part  *Part
	waits int // event that it waits for, while it does
	timer *time.Timer
}

// NewGate returns a gate on which nothing has happened yet.
func NewGate(g *Graph) *Gate {
	gate := &Gate{graph: g, Go: func(f func()) { go f() }}
	gate.reset()
	return gate
}

func (g *Gate) reset() {
	g.met = make([]bool, len(g.graph.events))
	g.next = slices.Clone(g.graph.first[:len(g.graph.exchanges)])
	g.parts = make([]*Part, len(g.graph.exchanges))
	g.waiting = map[int][]*Frame{}
}

// Part returns the part of exchange i, which is going to be played to a client.
func (g *Gate) Part(i int, to *Client) *Part {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := &Part{gate: g, exchange: i, client: to}
	g.retire(i)
	g.parts[i] = p
	return p
}

func (g *Gate) retire(i int) {
	if p := g.parts[i]; p != nil {
		p.past, g.parts[i] = true, nil
	}
}

// Enter says that the exchange's request has been matched, that so many bytes
// of its body or stream have come, and whether more may; and it offers the
// first frame. Neither does that overtake what waited for the exchange, nor the
// other way round.
func (p *Part) Enter(f *Frame, bytes int64, more bool) {
	if !more {
		bytes = math.MaxInt64
	}
	p.come(bytes, f)
}

// Progress says that so many bytes of the exchange's body or stream have come
// from its client, its request before them.
func (p *Part) Progress(bytes int64) { p.come(bytes, nil) }

// End says that the client will send nothing more: its request is complete, or
// its stream was closed or reset.
func (p *Part) End() { p.come(math.MaxInt64, nil) }

// Offer hands over the next frame.
func (p *Part) Offer(f *Frame) {
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.gate.place(p, f)
	p.gate.run()
}

// Cancel takes back a frame that was offered and has not been sent, because the
// connection has ended. Last returns that frame, if there is one, and sees to
// it that no other follows; no Send runs meanwhile.
func (p *Part) Cancel(last func() *Frame) {
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	if f := last(); f != nil {
		f.stop()
		p.gate.forget(f)
	}
}

// come notes that so many bytes have come from the client, and lets the frames
// go that waited for them, and the first frame, if there is one.
func (p *Part) come(bytes int64, first *Frame) {
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	if !p.past {
		g.meet(p.exchange, bytes)
	}
	if f := p.own; f != nil && f.Due() {
		p.own = nil
		g.place(p, f)
	}
	if first != nil {
		g.place(p, first)
	}
	g.run()
}

// Done says that exchange i has been played, by whomever.
func (g *Gate) Done(i int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.retire(i)
	g.meet(i, math.MaxInt64)
	g.run()
}

// Undo makes exchange i one that has not begun.
func (g *Gate) Undo(i int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.retire(i)
	for n := g.graph.first[i]; n < g.graph.first[i+1]; n++ {
		g.met[n] = false
	}
	g.next[i] = g.graph.first[i]
}

// Reset makes every exchange one that has not begun. Exchanges under way go on,
// and wait for no other client any more: their causes belonged to the old run.
func (g *Gate) Reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range g.parts {
		g.retire(i)
	}
	for _, frames := range g.waiting {
		for _, f := range frames {
			f.stop()
			heap.Push(&g.ready, f)
		}
	}
	g.reset()
	g.run()
}

// meet marks exchange i's events as met up to so many bytes.
func (g *Gate) meet(i int, bytes int64) {
	first := g.graph.first[i]
	for n := g.next[i]; n < g.graph.first[i+1] && (n == first || g.graph.events[n].bytes <= bytes); n++ {
		g.next[i] = n + 1
		g.met[n] = true
		frames := g.waiting[n]
		delete(g.waiting, n)
		for _, f := range frames {
			f.stop()
			g.place(f.part, f)
		}
	}
}

// place puts a frame where it belongs: among the ready ones, to its own
// client, or to the first event that it waits for. A frame waiting for its
// own client never times out: a person may be typing.
func (g *Gate) place(p *Part, f *Frame) {
	f.part = p
	if f.Due != nil && !f.Due() {
		p.own = f
		return
	}
	n := g.unmet(f)
	if n < 0 {
		heap.Push(&g.ready, f)
		return
	}
	f.waits = n
	g.waiting[n] = append(g.waiting[n], f)
	if g.Timeout > 0 {
		f.timer = time.AfterFunc(g.Timeout, func() { g.giveUp(f, n) })
	}
}

// unmet returns an event of another exchange's that f waits for, or -1.
func (g *Gate) unmet(f *Frame) (event int) {
	event = -1
	if f.part.past {
		return event
	}
	g.graph.causes(f.part.exchange, f.From, f.Seq, func(n int) bool {
		if !g.met[n] {
			event = n
		}
		return event < 0
	})
	return event
}

// run lets the ready frames go, lowest seq first, but for those that wait until
// their client has read something.
func (g *Gate) run() {
	for len(g.ready) > 0 {
		f := heap.Pop(&g.ready).(*Frame)
		if !g.hold(f) {
			g.send(f)
		}
	}
}

// send lets f go.
func (g *Gate) send(f *Frame) {
	next := f.Send()
	f.part.client.wrote(f)
	if next != nil {
		g.place(f.part, next)
	}
}

// giveUp lets f go although event n has not come.
func (g *Gate) giveUp(f *Frame, n int) {
	g.mu.Lock()
	if f.waits != n || !g.forgetWaiting(f) { // the event came while the timer fired
		g.mu.Unlock()
		return
	}
	heap.Push(&g.ready, f)
	g.run()
	g.mu.Unlock()
	if g.GaveUp != nil {
		e := g.graph.events[n]
		g.GaveUp(Wait{f.part.exchange, f.Seq, e.exchange, e.seq})
	}
}

// forget removes f from what waits, and reports whether it was there.
func (g *Gate) forget(f *Frame) bool {
	if f.part != nil && f.part.own == f {
		f.part.own = nil
		return true
	}
	if f.part != nil && f.part.client.drop(f) {
		return true
	}
	return g.forgetWaiting(f)
}

// forgetWaiting does the same for a frame that waits for an event.
func (g *Gate) forgetWaiting(f *Frame) bool {
	frames := g.waiting[f.waits]
	k := slices.Index(frames, f)
	if k >= 0 {
		g.waiting[f.waits] = slices.Delete(slices.Clone(frames), k, k+1)
	}
	return k >= 0
}

func (f *Frame) stop() {
	if f.timer != nil {
		f.timer.Stop()
	}
}

// frameHeap orders frames by seq.
type frameHeap []*Frame

func (h frameHeap) Len() int           { return len(h) }
func (h frameHeap) Less(a, b int) bool { return h[a].Seq < h[b].Seq }
func (h frameHeap) Swap(a, b int)      { h[a], h[b] = h[b], h[a] }
func (h *frameHeap) Push(f any)        { *h = append(*h, f.(*Frame)) }
func (h *frameHeap) Pop() any {
	old := *h
	f := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return f
}
