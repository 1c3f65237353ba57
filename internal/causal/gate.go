package causal

import (
	"container/heap"
	"math"
	"sync"
	"time"
)

// Gate is the live side of a Graph: it is told what clients do and lets frames
// go when their causes have come. It is safe for concurrent use.
type Gate struct {
	graph *Graph
	// Timeout is how long a frame waits for another exchange's cause before
	// it goes without; 0 is for ever. Set it before the first call.
	Timeout time.Duration
	// GaveUp, if set, is called without locks held when that happens.
	GaveUp func(Wait)

	mu      sync.Mutex
	met     []bool
	next    []int            // by exchange: its first event that is not met
	waiting map[int][]*Frame // by event
	own     map[int]*Frame   // by exchange: what waits for its own client
	ready   frameHeap
}

// Wait names a frame and the cause that did not come.
type Wait struct {
	Exchange int   // whose frame
	Seq      int64 // of the frame
	Cause    int   // exchange whose client did not do it
	CauseSeq int64
}

// Frame is a write that waits for its causes. A connection offers its next
// one when the one before has been written.
type Frame struct {
	Exchange int
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

	waits int // event that it waits for, while it does
	timer *time.Timer
}

// NewGate returns a gate on which nothing has happened yet.
func NewGate(g *Graph) *Gate {
	gate := &Gate{graph: g}
	gate.reset()
	return gate
}

func (g *Gate) reset() {
	g.met = make([]bool, len(g.graph.events))
	g.next = append([]int(nil), g.graph.first[:len(g.graph.exchanges)]...)
	g.waiting = map[int][]*Frame{}
	g.own = map[int]*Frame{}
}

// Begin says that the request of exchange i has been matched.
func (g *Gate) Begin(i int) { g.Progress(i, 0) }

// Progress says that so many bytes of exchange i's body or stream have come
// from its client, its request before them.
func (g *Gate) Progress(i int, bytes int64) { g.meet(i, bytes, nil) }

// End says that the client of exchange i will send nothing more: its request
// is complete, or its stream was closed or reset.
func (g *Gate) End(i int) { g.meet(i, math.MaxInt64, nil) }

// Enter is Progress and, where more is false, End for an exchange that has
// begun now, and hands over its first frame: neither does that overtake what
// waited for the exchange, nor the other way round.
func (g *Gate) Enter(f *Frame, bytes int64, more bool) {
	if !more {
		bytes = math.MaxInt64
	}
	g.meet(f.Exchange, bytes, f)
}

// meet marks exchange i's events as met up to so many bytes, and lets go what
// waited for them, or for its own client, and the exchange's first frame, if
// there is one.
func (g *Gate) meet(i int, bytes int64, entering *Frame) {
	g.mu.Lock()
	defer g.mu.Unlock()
	so := func(n int) bool { return n == g.graph.first[i] || g.graph.events[n].bytes <= bytes }
	for g.next[i] < g.graph.first[i+1] && so(g.next[i]) {
		n := g.next[i]
		g.next[i]++
		g.met[n] = true
		frames := g.waiting[n]
		delete(g.waiting, n)
		for _, f := range frames {
			f.stop()
			g.place(f)
		}
	}
	if f := g.own[i]; f != nil && f.Due() {
		delete(g.own, i)
		g.place(f)
	}
	if entering != nil {
		g.place(entering)
	}
	g.run()
}

// Undo takes back what was said of exchange i: it is as if it had not begun.
func (g *Gate) Undo(i int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for n := g.graph.first[i]; n < g.graph.first[i+1]; n++ {
		g.met[n] = false
	}
	g.next[i] = g.graph.first[i]
}

// Offer hands over a connection's next frame.
func (g *Gate) Offer(f *Frame) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.place(f)
	g.run()
}

// place puts a frame where it belongs: among the ready ones, to its own
// client, or to the first event that it waits for. People think, so that a
// frame which waits for its own client is never given up.
func (g *Gate) place(f *Frame) {
	if f.Due != nil && !f.Due() {
		g.own[f.Exchange] = f
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
	g.graph.causes(f.Exchange, f.From, f.Seq, func(n int) bool {
		if !g.met[n] {
			event = n
		}
		return event < 0
	})
	return event
}

// run lets the ready frames go, lowest seq first.
func (g *Gate) run() {
	for len(g.ready) > 0 {
		if next := heap.Pop(&g.ready).(*Frame).Send(); next != nil {
			g.place(next)
		}
	}
}

// giveUp lets f go although event n has not come.
func (g *Gate) giveUp(f *Frame, n int) {
	g.mu.Lock()
	if f.waits != n || !g.forget(f) {
		g.mu.Unlock()
		return
	}
	heap.Push(&g.ready, f)
	g.run()
	g.mu.Unlock()
	if g.GaveUp != nil {
		e := g.graph.events[n]
		g.GaveUp(Wait{f.Exchange, f.Seq, e.exchange, e.seq})
	}
}

// forget removes f from what waits, and reports whether it was there.
func (g *Gate) forget(f *Frame) bool {
	if g.own[f.Exchange] == f {
		delete(g.own, f.Exchange)
		return true
	}
	frames := g.waiting[f.waits]
	for k := range frames {
		if frames[k] == f {
			g.waiting[f.waits] = append(frames[:k:k], frames[k+1:]...)
			return true
		}
	}
	return false
}

// Cancel takes back a connection's frame that was offered and has not been
// sent, because the connection has ended. Last returns that frame, if there is
// one, and sees to it that no other follows; no Send runs meanwhile.
func (g *Gate) Cancel(last func() *Frame) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f := last(); f != nil {
		f.stop()
		g.forget(f)
	}
}

// Reset forgets all that has happened. Frames that wait for another exchange
// go: what they wait for belongs to what is forgotten.
func (g *Gate) Reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, frames := range g.waiting {
		for _, f := range frames {
			f.stop()
			heap.Push(&g.ready, f)
		}
	}
	own := g.own
	g.reset()
	g.own = own
	g.run()
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
