package causal

import (
	"cmp"
	"slices"
	"time"
)

// Recorded is an exchange with its place in the cassettes.
type Recorded struct {
	Exchange
	Pos int32 // of its interaction
	// Cassette and Session name the recording. Reads of different recordings
	// do not compare.
	Cassette, Session int
}

// Timeline is the exchanges of all recordings, one recording after the other,
// with the gate through which they are replayed. It is safe for concurrent use.
type Timeline struct {
	gate     *Gate
	number   []int32 // by position: the exchange's number, -1: not in the gate
	position []int32 // by number
	base     []int64 // by number: added to its recording's reads
}

// Unmet is a frame that was sent although one of its causes had not come.
type Unmet struct {
	Pos   int32 // of the interaction that the frame belongs to
	Read  int64 // of the frame, as recorded
	Cause int32 // position of the interaction whose client did not do its part
}

// NewTimeline places exchanges of the interactions at positions up to n, and
// names things as names says. A frame waits at most timeout for another
// exchange's client, 0 is for ever; gaveUp, if set, is then called, without
// locks held.
func NewTimeline(all []Recorded, n int, names Names, timeout time.Duration, gaveUp func(Unmet)) *Timeline {
	t := new(Timeline)
	t.place(all)
	markLone(all)
	t.assign(all, n)
	graph := make([]Exchange, len(all))
	for i := range all {
		graph[i] = all[i].Exchange
	}
	t.gate = NewGate(NewGraph(graph, names))
	t.gate.Timeout = timeout
	if gaveUp != nil {
		t.gate.GaveUp = func(w Wait) {
			gaveUp(Unmet{Pos: t.position[w.Exchange], Read: w.Seq - t.base[w.Exchange], Cause: t.position[w.Cause]})
		}
	}
	return t
}

// place sorts exchanges by recording and beginning, and shifts each recording
// behind the one before it.
func (t *Timeline) place(all []Recorded) {
	slices.SortStableFunc(all, func(a, b Recorded) int {
		return cmp.Or(cmp.Compare(a.Cassette, b.Cassette), cmp.Compare(a.Session, b.Session), cmp.Compare(a.Begin, b.Begin))
	})
	var base, end int64
	for i := range all {
		e := &all[i]
		if i > 0 && (e.Cassette != all[i-1].Cassette || e.Session != all[i-1].Session) {
			base = end + 1
		}
		e.shift(base)
		end = max(end, e.End)
		t.position = append(t.position, e.Pos)
		t.base = append(t.base, base)
	}
}

func (e *Exchange) shift(by int64) {
	e.Begin += by
	e.End += by
	for i := range e.Client {
		e.Client[i].Seq += by
	}
}

// markLone marks exchanges with only plain ones beside them. They wait for
// nothing and nothing waits for them, so they cost as little as plain ones.
func markLone(all []Recorded) {
	last, end, beside := -1, int64(0), true
	for i := range all {
		e := &all[i]
		if e.plain() {
			continue
		}
		overlaps := last >= 0 && e.Begin <= end
		if !beside && !overlaps {
			all[last].Lone = true
		}
		last, end, beside = i, max(end, e.End), overlaps
	}
	if !beside {
		all[last].Lone = true
	}
}

// assign gives the exchanges that are neither plain nor lone their numbers.
func (t *Timeline) assign(all []Recorded, n int) {
	t.number = make([]int32, n)
	for i := range t.number {
		t.number[i] = -1
	}
	for i := range all {
		if e := &all[i]; !e.plain() && !e.Lone {
			t.number[e.Pos] = int32(i)
		}
	}
}

// Has reports whether the exchange at a position waits for others or others for
// it.
func (t *Timeline) Has(pos int32) bool { return t.number[pos] >= 0 }

// Go sets the function that runs goroutines of the gate; call it first.
func (t *Timeline) Go(run func(func())) { t.gate.Go = run }

// Part returns the part of the exchange at a position that the Timeline has, for
// a server that is going to play it to a client.
func (t *Timeline) Part(pos int32, to *Client) *Part {
	p := t.gate.Part(int(t.number[pos]), to)
	p.base = t.base[p.exchange]
	return p
}

// Count says that the exchange at a position counts as played, or no more.
func (t *Timeline) Count(pos int32, played bool) {
	switch n := int(t.number[pos]); {
	case n < 0:
	case played:
		t.gate.Done(n)
	default:
		t.gate.Undo(n)
	}
}

// Reset does what Gate.Reset does.
func (t *Timeline) Reset() { t.gate.Reset() }

// At returns the place on the timeline of a read of the part's recording.
func (p *Part) At(read int64) int64 { return read + p.base }
