// Package causal decides what a replayed frame waits for. Order in a recording
// comes from what clients did, not from clocks: bytes that a daemon sends on one
// connection (the end of a wait, an event, a line of a log) follow from what a
// client did on another (a start, a kill). A Graph holds the recorded side of
// that, a Gate the live side, and a Timeline joins both to a server's cassettes.
//
// # An example
//
// This is `docker run` as recorded, a line for each read. Arrows to the right
// are the client's bytes, arrows to the left frames of the daemon's.
//
//	read  conn 1: attach          conn 2: wait              conn 3: start    waits for the reads
//	  1   POST /c/X/attach  -->
//	  2   101 UPGRADED      <--                                              1
//	  3                           POST /c/X/wait  -->
//	  4                           200, head only  <--                        3 own, 1 company
//	  5                                                     POST /c/X/start -->
//	  6                                                     204 No Content  <--  5 own, 1 and 3 company
//	  7   "hello"           <--                                              1 own, 5 effect, 3 company
//	  8                           {"StatusCode":0} <--                       3 own, 5 effect, 1 company
//	  9   EOF               <--                                              1 own, 5 effect, 3 company
//
// A server that looked at one connection alone could send read 8 as soon as it
// had read 3: the client would see its container end before it was started.
//
// # Words
//
// An exchange is unsafe when its method is not GET, HEAD, OPTIONS or TRACE, or
// when its connection became a stream. It is streaming when its frames came over
// time or its connection became a stream, and plain when it is neither unsafe nor
// streaming. A resource is the thing that its target names (see Names); two
// exchanges are related when their resources are equal or parent and child (an
// exec in a container), never when they are siblings. A watcher is safe, streaming
// and names nothing, as GET /events.
//
// # The rule, and why each part of it is there
//
// A frame of exchange i waits for three kinds of causes:
//
//  1. Own: the bytes that i's client had sent when the frame was recorded.
//     Without it an echo precedes what it echoes.
//  2. Effects, unless i is plain: the bytes that clients of related unsafe
//     exchanges had sent between i's first byte and the frame; for a watcher,
//     clients of all unsafe exchanges. Without it a wait ends before the kill
//     that ended it (5 of 10 runs), and output precedes a SIGINT (2 of 2).
//     - Only from i's first byte on. Otherwise a later command on a container
//     waits for earlier ones that this run left out (6 of 6).
//     - Only related ones. If all unsafe exchanges counted, one of several
//     parallel runs could not be replayed alone.
//     - Never siblings. If execs counted as their container, the first exec
//     could not be replayed without the second (2 of 2).
//     - Never a passive request, one that only waits. If it counted, one of two
//     clients that wait for a container would, alone, wait for the other (2 of 2).
//     - A filter by one item makes that item the resource. Otherwise `docker run`
//     below API 1.25, which watches /events for its own container, waits for
//     other runs (7 of 7).
//  3. Company, unless i is plain: the requests of the streaming exchanges of the
//     same client process and a related resource that were recorded before the
//     frame and were open at the same time as i. Without it a program that opens
//     logs and then wait sees the wait end first (50 of 100).
//     - Only of the same process. Otherwise `docker logs` in another terminal
//     has to be replayed, too (2 of 2).
//
// A plain exchange has causes of the first kind alone. If it had others,
// identical inspects of two clients could swap, and one of them would wait for
// its own next request (3 of 20).
//
// No frame waits for another exchange's frame, so no two frames wait for each
// other. Frames that are ready leave in recorded order, over all connections;
// without that, a program that reads two streams in one select loop sees them in
// another order (21 of 100).
package causal

import (
	"cmp"
	"math"
	"slices"

	"github.com/wiretape/wiretape/internal/http1"
)

// Exchange is what causality knows of a recorded interaction.
type Exchange struct {
	Method string // "" of a connection that is not HTTP
	Target string // request-target as recorded
	// Session is the value of a header that names a session across
	// connections (X-Docker-Expose-Session-Uuid), or "".
	Session string
	Status  int      // the response's status code
	IDs     []string // identifiers at the top level of its body (Id, ID)
	// Stream says that the connection left HTTP; Streaming that frames came
	// over time.
	Stream, Streaming bool
	// Lone says that nothing but plain exchanges went on beside it: it has no
	// causes and is none.
	Lone bool
	// Peer is the client process, 0 where it is not known.
	Peer int
	// Begin and End are the seqs of the first byte and of the last event.
	Begin, End int64
	// Client are the client's events after the request's first byte, in order.
	Client []Event
}

// Event is a point in a client's bytes: when the read Seq was taken, Bytes had
// been sent.
type Event struct {
	Seq   int64 // the recorder's number of a read
	Bytes int64 // body or stream bytes sent up to and with this event
}

// unsafe reports whether the exchange may change anything.
func (e *Exchange) unsafe() bool { return e.Stream || !http1.IsSafe(e.Method) }

// plain reports whether the exchange's frames wait for its own request alone.
func (e *Exchange) plain() bool { return !e.unsafe() && !e.Streaming }

// Graph is the causes of a recording's frames. It is immutable.
type Graph struct {
	exchanges []Exchange
	resource  []int // by exchange, -1: none
	events    []event
	first     []int   // by exchange: index in events of its request
	within    [][]int // by resource: potent events of it and its children
	potent    [][]int // by resource: its own potent events
	all       []int   // all potent events
	parent    []int   // by resource, -1: none
	company   [][]int // by exchange: events of requests it keeps company with
}

// event is a client's event: of an exchange, met when so many bytes have come.
type event struct {
	exchange int
	seq      int64
	bytes    int64
}

// NewGraph builds the graph of exchanges, which it keeps; they must be in
// order of Begin.
func NewGraph(exchanges []Exchange, names Names) *Graph {
	g := &Graph{exchanges: exchanges}
	resources := nameResources(exchanges, names)
	g.resource, g.parent = resources.of, resources.parent
	g.potent = make([][]int, len(g.parent))
	g.within = make([][]int, len(g.parent))
	g.addEvents()
	g.addPotent(names)
	g.addCompany()
	return g
}

// addEvents lists every client event, each exchange's together, the request
// first. Events that nothing came between are one.
func (g *Graph) addEvents() {
	for i := range g.exchanges {
		e := &g.exchanges[i]
		g.first = append(g.first, len(g.events))
		g.events = append(g.events, event{exchange: i, seq: e.Begin})
		for k, c := range e.Client {
			if k+1 < len(e.Client) && e.Client[k+1].Seq <= c.Seq+1 {
				continue
			}
			g.events = append(g.events, event{i, c.Seq, c.Bytes})
		}
	}
	g.first = append(g.first, len(g.events))
}

// addPotent files the events of unsafe exchanges that are not passive under what
// they speak of, in recorded order.
func (g *Graph) addPotent(names Names) {
	for n := range g.events {
		if e := &g.exchanges[g.events[n].exchange]; e.unsafe() && !e.Lone && !names.passive(e) {
			g.all = append(g.all, n)
		}
	}
	slices.SortStableFunc(g.all, func(a, b int) int {
		return cmp.Compare(g.events[a].seq, g.events[b].seq)
	})
	for _, n := range g.all {
		r := g.resource[g.events[n].exchange]
		if r < 0 {
			continue
		}
		g.potent[r] = append(g.potent[r], n)
		g.within[r] = append(g.within[r], n)
		if p := g.parent[r]; p >= 0 {
			g.within[p] = append(g.within[p], n)
		}
	}
}

// addCompany finds the streaming exchanges that were open beside each other.
func (g *Graph) addCompany() {
	g.company = make([][]int, len(g.exchanges))
	byResource := make([][]int, len(g.parent))
	for i := range g.exchanges {
		e := &g.exchanges[i]
		if r := g.resource[i]; r >= 0 && !e.Lone && (e.Streaming || e.Stream) {
			byResource[r] = append(byResource[r], i)
			if p := g.parent[r]; p >= 0 {
				byResource[p] = append(byResource[p], i)
			}
		}
	}
	for i := range g.exchanges {
		e := &g.exchanges[i]
		r := g.resource[i]
		if e.plain() || e.Lone || r < 0 {
			continue
		}
		g.keepCompany(i, byResource[r])
		if p := g.parent[r]; p >= 0 {
			g.keepCompany(i, g.only(p, byResource[p]))
		}
		slices.SortFunc(g.company[i], func(a, b int) int {
			return cmp.Compare(g.events[a].seq, g.events[b].seq)
		})
	}
}

// only returns those of exchanges that speak of resource r itself.
func (g *Graph) only(r int, exchanges []int) []int {
	var own []int
	for _, i := range exchanges {
		if g.resource[i] == r {
			own = append(own, i)
		}
	}
	return own
}

// keepCompany adds to i's company those of others that its frames wait for.
func (g *Graph) keepCompany(i int, others []int) {
	e := &g.exchanges[i]
	for _, j := range others {
		o := &g.exchanges[j]
		if j != i && o.Peer == e.Peer && o.Begin < e.End && o.End > e.Begin {
			g.company[i] = append(g.company[i], g.first[j])
		}
	}
}

// causes calls wait with each event, in no order, that a frame of exchange i
// recorded at seq waits for, apart from the exchange's own: those recorded
// from the seq from on. It stops when wait returns false.
func (g *Graph) causes(i int, from, seq int64, wait func(n int) bool) {
	e := &g.exchanges[i]
	if e.plain() {
		return
	}
	lists := [3][]int{}
	switch r := g.resource[i]; {
	case r >= 0:
		lists[0] = g.within[r]
		if p := g.parent[r]; p >= 0 {
			lists[1] = g.potent[p]
		}
	case !e.unsafe():
		lists[0] = g.all
	}
	from = max(from, e.Begin)
	for _, list := range lists {
		for _, n := range g.between(list, from, seq) {
			if g.events[n].exchange != i && !wait(n) {
				return
			}
		}
	}
	for _, n := range g.between(g.company[i], math.MinInt64, seq) {
		if !wait(n) {
			return
		}
	}
}

// between returns the part of list, ordered by seq, in [from, to).
func (g *Graph) between(list []int, from, to int64) []int {
	at := func(seq int64) int {
		n, _ := slices.BinarySearchFunc(list, seq, func(n int, seq int64) int {
			return cmp.Compare(g.events[n].seq, seq)
		})
		return n
	}
	return list[at(from):max(at(from), at(to))]
}
