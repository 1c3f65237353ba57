package replay

import (
	"fmt"
	"slices"
	"sync"

	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// streams are the items of an index that are no exchanges: connections that
// were not HTTP, and what else no exchange owns.
type streams struct {
	positions []int32
	list      []opening // of positions, in order
	special   bool      // some have a greeting
	silent    []int32   // connections on which nobody said anything

	mu  sync.Mutex
	low int // no position before is unplayed
}

// opening is how the connection at a position began.
type opening struct {
	pos int32
	recorded.Opening
}

func (s *streams) add(pos int32) { s.positions = append(s.positions, pos) }

// read reads how the connections began.
func (s *streams) read(x *index) error {
	for _, pos := range s.positions {
		it, err := x.item(pos)
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
		o := opening{pos, began}
		if !o.Unreachable && x.isRest(&o, it) {
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

// greeting claims the connection whose server was the first to act and whose
// turn it is: because it is the first unplayed interaction of all, or because
// there is nothing but connections like it.
func (x *index) greeting() (pos int32, ok bool) {
	s := &x.streams
	if !s.special {
		return 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.low < len(x.played) && x.played[s.low].Load() {
		s.low++
	}
	for i := range s.list {
		o := &s.list[i]
		if o.Greets && (int(o.pos) == s.low || x.onlyStreams()) && x.play(o.pos) {
			return o.pos, true
		}
	}
	return 0, false
}

// isSilent reports whether nobody said anything on the connection at pos.
func (s *streams) isSilent(pos int32) bool {
	_, is := slices.BinarySearch(s.silent, pos)
	return is
}

// onlyStreams reports whether no connection was HTTP.
func (x *index) onlyStreams() bool { return len(x.groups) == 0 && len(x.streams.list) > 0 }

// isDue reports whether an unplayed connection's answer to just these first
// bytes is due.
func (x *index) isDue(sent []byte) bool {
	for i := range x.streams.list {
		o := &x.streams.list[i]
		if !o.Greets && !x.played[o.pos].Load() && o.Agrees(sent) && o.IsDue(sent) {
			return true
		}
	}
	return false
}

// recognize claims the connection that a client's first bytes belong to: the
// first unplayed one that agrees with them and whose turn it is to answer.
// Over says that the client has closed. Without a claim, open says that more
// bytes may bring one.
func (x *index) recognize(sent []byte, over bool) (cl claim, ok, open bool) {
	again := claim{pos: -1, repeat: true, probe: true}
	for i := range x.streams.list {
		o := &x.streams.list[i]
		if o.Greets || !o.Agrees(sent) {
			continue
		}
		if x.played[o.pos].Load() {
			switch {
			case !o.IsProbe(sent):
			case o.IsDue(sent):
				again.pos = o.pos
			default:
				open = true
			}
			continue
		}
		if o.IsDue(sent) || (over || len(sent) >= recorded.OpeningMax) && len(sent) >= len(o.Client) {
			if x.play(o.pos) {
				return claim{pos: o.pos, probe: o.IsProbe(sent)}, true, false
			}
			continue
		}
		open = true
	}
	return again, again.pos >= 0 && !open, open
}
