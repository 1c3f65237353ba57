package index

import (
	"hash/maphash"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/recorded"
	"github.com/wiretape/wiretape/replay/internal/rule"
	"github.com/wiretape/wiretape/replay/internal/tape"
)

// states say of the equal safe requests of a group in which state each was asked:
// which changes had been made. A live request is answered by the recording that
// was asked in the state which the client has made.
type states struct {
	asked   []askedIn
	answers []uint64 // sums of the answers, by number in the group
}

// askedIn is the state in which a request was recorded.
type askedIn struct {
	own, all view // of the changes of its own process, and of all that preceded it
	related  view // of those of all that share its topic

	// Several says that the client stands for several recorded processes that ran
	// at once; ended is then of the changes of those that had ended.
	several bool
	ended   view
	// changed says that the client has changed something.
	changed bool
}

// view is a state as one looks at it: the last change that was not undone, -1 where
// there is none, and a sum over all that were not undone.
type view struct {
	last int32
	sum  uint64
}

// unchanged is the view before any change.
var unchanged = view{last: -1}

// fits reports whether two views show one state. The last change tells where others
// left something behind; the sum where several were made at once, in any order.
func (v view) fits(w view) bool { return v.last == w.last || v.sum == w.sum }

// add adds a change that comes before those which v has.
func (v *view) add(pos int32) {
	if v.sum == 0 {
		v.last = pos
	}
	v.sum += maphash.Comparable(ownersSeed, pos) | 1
}

// viewMax is the number of changes that a view looks back.
const viewMax = 4096

// undone skips changes that were undone, from the last to the first.
type undone map[int32]bool // by root

// counts reports whether a change still shows.
func (u undone) counts(ch *change) bool {
	switch {
	case ch.root < 0:
		return true
	case u[ch.root]:
		return false
	case ch.removes:
		u[ch.root] = true
		return false
	}
	return true
}

// askedAt returns the state in which the request at pos was recorded.
func (c *changes) askedAt(pos int32) askedIn {
	a := askedIn{own: unchanged, all: unchanged, related: unchanged}
	own, all := undone{}, undone{}
	by, topic := c.processOf(pos), topicOf(c.tape.Entry(pos).URL)
	at := c.before(pos)
	for i := at - 1; i >= max(0, at-viewMax); i-- {
		ch := &c.list[i]
		if ch.by.cassette != by.cassette {
			break
		}
		if ch.by == by && own.counts(ch) {
			a.own.add(ch.pos)
		}
		if c.precedes(ch, pos) && all.counts(ch) {
			a.all.add(ch.pos)
			if ch.topic == topic {
				a.related.add(ch.pos)
			}
		}
	}
	return a
}

// before returns the number of changes before pos.
func (c *changes) before(pos int32) int {
	lo, hi := 0, len(c.list)
	for lo < hi {
		if mid := (lo + hi) / 2; c.list[mid].pos < pos {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// mayHaveStates reports whether the recordings at positions are safe requests with
// a change between them.
func mayHaveStates(x *Index, all []int32) bool {
	if !http1.IsSafe(x.Entry(all[0]).Method) {
		return false
	}
	first, last := all[0], all[len(all)-1]
	return unsafeIn(x, first, last)
}

// unsafeIn reports whether a request of an unsafe method lies between positions.
func unsafeIn(x *Index, first, last int32) bool {
	at := x.live.unsafeBefore(first)
	return at < len(x.live.unsafe) && x.live.unsafe[at] < last
}

// readStates returns the states of a group, or nil where none of its answers could
// be wrong: all are equal, or it holds open.
func readStates(x *Index, all []int32) *states {
	if !mayHaveStates(x, all) {
		return nil
	}
	s := &states{}
	differ, open := false, false
	tape.ReadAll(len(all), func(i int) answerSum { return sumAnswer(x, all[i]) }, func(i int, a answerSum) {
		s.answers = append(s.answers, a.sum)
		differ = differ || a.sum != s.answers[0]
		open = open || a.open
	})
	if !differ || open {
		return nil
	}
	x.live.recorded.load()
	for _, pos := range all {
		s.asked = append(s.asked, x.live.recorded.askedAt(pos))
	}
	return s
}

// answerSum tells answers apart.
type answerSum struct {
	sum  uint64
	open bool // the answer came while the client did something else
}

// sumAnswer reads the answer at pos: its status and its body.
func sumAnswer(x *Index, pos int32) (a answerSum) {
	it, err := x.Item(pos)
	if err != nil || it.Response == nil {
		return answerSum{sum: uint64(pos)}
	}
	d := rule.NewAnswerDigest(nil)
	if err := d.ReadBody(&it.Response.Body); err != nil {
		return answerSum{sum: uint64(pos)}
	}
	var h maphash.Hash
	h.SetSeed(ownersSeed)
	maphash.WriteComparable(&h, statusOf(it))
	maphash.WriteComparable(&h, d.Content())
	return answerSum{sum: h.Sum64(), open: recorded.LeavesHTTP(it) || recorded.IsStreaming(it) && heldOpen(x, pos, it)}
}

// heldOpen reports whether the request after pos had been sent before the answer
// at pos ended.
func heldOpen(x *Index, pos int32, it *cassettes.Interaction) bool {
	last := it.Response.Seq
	for s, err := range it.Response.Segments() {
		if err != nil {
			return false
		}
		last = max(last, s.Seq)
	}
	if int(pos)+1 >= x.Len() || x.CassetteNumber(pos) != x.CassetteNumber(pos+1) {
		return false
	}
	next, err := x.Item(pos + 1)
	return err == nil && next.Session == it.Session && next.Request != nil && next.Request.Seq < last
}
