package index

import (
	"fmt"
	"slices"
	"sync"

	"github.com/wiretape/wiretape/replay/internal/recorded"
	"github.com/wiretape/wiretape/replay/internal/tape"
)

// Streams are the interactions that are no exchanges: connections that were not
// HTTP, and other bytes that no exchange owns.
type Streams struct {
	tape      *tape.Tape
	positions []int32
	list      []Opening // of positions, in order
	special   bool      // some have a greeting
	alone     bool      // no connection was HTTP
	silent    []int32   // connections on which nobody said anything

	// mu lets one connection at a time look for a greeting: the next one's is
	// another. The Tape's lock comes after it.
	mu sync.Mutex
}

// Opening is how the connection at a position began.
type Opening struct {
	Pos int32 // on the tape
	recorded.Opening
}

// read reads how the connections began.
func (s *Streams) read(rest *leftovers) error {
	for _, pos := range s.positions {
		it, err := s.tape.Item(pos)
		if err != nil {
			return err
		}
		if it.Turns == nil {
			return fmt.Errorf("read interaction %d: it has neither a request nor turns", it.ID)
		}
		began, err := recorded.ReadOpening(it.Turns)
		if err != nil {
			return err
		}
		o := Opening{pos, began}
		if !o.Unreachable && rest.claims(&o, it) {
			continue
		}
		s.list = append(s.list, o)
		if o.Silent() {
			s.silent = append(s.silent, pos)
		}
		s.special = s.special || o.Greets
	}
	return nil
}

// All returns how the connections began, in order. The caller does not change it.
func (s *Streams) All() []Opening { return s.list }

// Greeting claims the connection whose server was the first to act and whose
// turn it is: because it is the first unplayed interaction of all, or because
// there is nothing but connections like it.
func (s *Streams) Greeting() (Claim, bool) {
	if !s.special {
		return Claim{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	first, run := s.tape.FirstUnplayed(), s.tape.Run()
	for i := range s.list {
		o := &s.list[i]
		if o.Greets && (o.Pos == first || s.alone) && s.tape.Play(o.Pos) {
			return Claim{Pos: o.Pos, Run: run}, true
		}
	}
	return Claim{}, false
}

// IsSilent reports whether nobody said anything on the connection at pos.
func (s *Streams) IsSilent(pos int32) bool {
	_, is := slices.BinarySearch(s.silent, pos)
	return is
}

// Alone reports whether no connection was HTTP.
func (s *Streams) Alone() bool { return s.alone }

// IsDue reports whether an unplayed connection's answer to just these first
// bytes is due.
func (s *Streams) IsDue(sent []byte) bool {
	for i := range s.list {
		o := &s.list[i]
		if !o.Greets && !s.tape.Played(o.Pos) && o.Agrees(sent) && o.IsDue(sent) {
			return true
		}
	}
	return false
}

// Recognize claims the connection that a client's first bytes belong to: the
// first unplayed one that agrees with them and whose turn it is to answer.
// Over says that the client has closed. Without a claim, open says that more
// bytes may bring one.
func (s *Streams) Recognize(sent []byte, over bool) (cl Claim, ok, open bool) {
	again, run := Claim{Pos: -1, Repeat: true, Probe: true}, s.tape.Run()
	for i := range s.list {
		o := &s.list[i]
		if o.Greets || !o.Agrees(sent) {
			continue
		}
		if s.tape.Played(o.Pos) {
			switch {
			case !o.IsProbe(sent):
			case o.IsDue(sent):
				again.Pos = o.Pos
			default:
				open = true
			}
			continue
		}
		if o.IsDue(sent) || (over || len(sent) >= recorded.OpeningMax) && len(sent) >= len(o.Client) {
			if s.tape.Play(o.Pos) {
				return Claim{Pos: o.Pos, Run: run, Probe: o.IsProbe(sent)}, true, false
			}
			continue
		}
		open = true
	}
	return again, again.Pos >= 0 && !open, open
}
