// Package tape makes one list of the interactions of several cassettes, and keeps
// which of them were played.
//
//	t := tape.New(cassettes)
//	for pos := range int32(t.Len()) {
//		if t.Entry(pos).Method == "GET" && t.Play(pos) {
//			it, err := t.Item(pos)
//			…
//		}
//	}
//
// An interaction is named by its position: cassettes in their order, their
// interactions in theirs. The lowest unplayed position is the first unplayed
// interaction.
package tape

import (
	"fmt"
	"sort"
	"sync"
	"sync/atomic"

	"github.com/wiretape/wiretape/cassettes"
)

// Tape is cassettes that are played as one. It is safe for concurrent use.
type Tape struct {
	cassettes []*cassettes.Cassette
	first     []int           // position of each cassette's first interaction; then their sum
	run       atomic.Uint32   // counts from 1; one more after each Reset
	played    []atomic.Uint32 // the run in which it was; 0: it was not
	goesOn    map[int32]int32 // see Join

	mu  sync.Mutex // guards low; holds no other lock
	low int        // no position before is unplayed
}

// New returns the tape of cassettes, nothing of it played. The caller closes the
// cassettes after its last use.
func New(cs []*cassettes.Cassette) *Tape {
	t := &Tape{cassettes: cs, goesOn: map[int32]int32{}}
	n := 0
	for _, c := range cs {
		t.first = append(t.first, n)
		n += c.Len()
	}
	t.first = append(t.first, n)
	t.played = make([]atomic.Uint32, n)
	t.run.Store(1)
	return t
}

// Len returns the number of interactions.
func (t *Tape) Len() int { return len(t.played) }

// MayReset reports whether a server may have reset a connection.
func (t *Tape) MayReset() bool {
	for _, c := range t.cassettes {
		if c.MayReset() {
			return true
		}
	}
	return false
}

// Locate returns the cassette of a position, and the interaction's number in it.
func (t *Tape) Locate(pos int32) (*cassettes.Cassette, int) {
	ci := t.CassetteNumber(pos)
	return t.cassettes[ci], int(pos) - t.first[ci]
}

// CassetteNumber returns the number of a position's cassette, from 0.
func (t *Tape) CassetteNumber(pos int32) int { return sort.SearchInts(t.first, int(pos)+1) - 1 }

// Entry returns an interaction's entry, which is known before it is read.
func (t *Tape) Entry(pos int32) cassettes.Entry {
	c, i := t.Locate(pos)
	return c.Entry(i)
}

// Item reads an interaction, with the turns that Join gave it. It is the caller's
// to change.
func (t *Tape) Item(pos int32) (*cassettes.Interaction, error) {
	c, i := t.Locate(pos)
	it, err := c.Interaction(i)
	if err != nil {
		return nil, t.ReadError(pos, err)
	}
	if turns, ok := t.goesOn[pos]; ok && it.Turns == nil {
		last, err := t.Item(turns)
		if err != nil {
			return nil, err
		}
		it.Turns = last.Turns
	}
	return it, nil
}

// Join gives the interaction at pos the turns of another one, with which its
// connection went on. It must not be called once the tape is in use.
func (t *Tape) Join(pos, turns int32) { t.goesOn[pos] = turns }

// ReadError returns err, which came while an interaction was read, with its name
// and advice.
func (t *Tape) ReadError(pos int32, err error) error {
	c, i := t.Locate(pos)
	return fmt.Errorf("read interaction %d of %s: %w (cassette verify says what is wrong with it)", c.Entry(i).ID, c.Name, err)
}

// Played reports whether an interaction was played.
func (t *Tape) Played(pos int32) bool { return t.played[pos].Load() != 0 }

// Run returns the number of the run: how often Reset was called, and 1. A caller
// that is to take back a Play reads it before.
func (t *Tape) Run() uint32 { return t.run.Load() }

// PlayedIn reports whether an interaction was played in that run, which goes on.
func (t *Tape) PlayedIn(pos int32, run uint32) bool { return run != 0 && t.played[pos].Load() == run }

// Play marks an interaction as played, and reports whether it was not: of several
// callers one gets it.
func (t *Tape) Play(pos int32) bool { return t.played[pos].CompareAndSwap(0, t.run.Load()) }

// Unplay takes back that an interaction was played.
func (t *Tape) Unplay(pos int32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.played[pos].Store(0)
	t.low = min(t.low, int(pos))
}

// FirstUnplayed returns the lowest position that is not played, or Len.
func (t *Tape) FirstUnplayed() int32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.low < len(t.played) && t.Played(int32(t.low)) {
		t.low++
	}
	return int32(t.low)
}

// Unplayed returns the positions that are not played, in order.
func (t *Tape) Unplayed() (all []int32) {
	for pos := range t.played {
		if !t.Played(int32(pos)) {
			all = append(all, int32(pos))
		}
	}
	return all
}

// Reset takes back that anything was played, and begins another run.
func (t *Tape) Reset() {
	run := t.run.Add(1)
	for i := range t.played {
		if was := t.played[i].Load(); was != run { // the new run has begun already
			t.played[i].CompareAndSwap(was, 0)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.low = 0
}
