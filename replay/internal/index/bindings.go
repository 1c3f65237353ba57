package index

import (
	"cmp"
	"hash/maphash"
	"sync"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/issued"
)

// bindings let clients swap the values that they were issued: see package issued.
// All that is claimed while something was issued is claimed under one lock.
type bindings struct {
	*issued.Bindings
	index   *Index
	options Options

	// mu guards the fields below and all claims. A group's lock and the tape's
	// come after it.
	mu      sync.Mutex
	kinds   map[kindOf]kind
	effects []effect // not yet delivered
	// delivering says that effects are being delivered. A claim that is made
	// meanwhile ends no sooner than they are: it may be of the very interaction
	// that they say is unplayed again.
	delivering bool
	// By position: nothing that was issued is in the answer; it is not known
	// whether anything is.
	plain, opaque map[int32]bool

	// deliver is held while effects are delivered, by one goroutine at a time;
	// mu is not.
	deliver sync.Mutex
}

// effect is a call of Options.Swapped or, with mark, of Options.Marked. It is made
// once the claim is: it may lead to writes to sockets, which may block, and must
// not keep others from claiming.
type effect struct {
	pos    int32
	mark   bool
	played bool // of a mark
	guess  bool // of a swap
}

func (e effect) tell(o Options) {
	switch {
	case e.mark && o.Marked != nil:
		o.Marked(e.pos, e.played)
	case !e.mark && o.Swapped != nil:
		o.Swapped(e.pos, e.guess)
	}
}

// newBindings returns the bindings of a tape, or nil where nothing can be swapped.
func newBindings(x *Index, o Options) *bindings {
	if !o.Bind {
		return nil
	}
	k := x.Keyer()
	book := issued.ReadTape(x.Tape, func(e cassettes.Entry) []byte { return recordedKey(&k, e) })
	if book == nil {
		return nil
	}
	return &bindings{
		Bindings: issued.NewBindings(book), index: x, options: o,
		kinds: map[kindOf]kind{}, plain: map[int32]bool{}, opaque: map[int32]bool{},
	}
}

// tell delivers the effects in their order. All that the caller caused is delivered
// when it returns, by itself or by another.
func (s *bindings) tell() {
	s.deliver.Lock()
	defer s.deliver.Unlock()
	for {
		s.mu.Lock()
		list := s.effects
		s.effects = nil
		s.delivering = len(list) > 0
		s.mu.Unlock()
		if len(list) == 0 {
			return
		}
		for _, e := range list {
			e.tell(s.options)
		}
	}
}

// unlock unlocks mu after a claim, and returns when its effects, and those of
// earlier claims, are delivered.
func (s *bindings) unlock() {
	some := len(s.effects) > 0 || s.delivering
	s.mu.Unlock()
	if some {
		s.tell()
	}
}

// recorded returns whose values a recorded request carries.
func (s *bindings) recorded(pos int32) uint64 {
	return ownersOf(s.Book.Refs(pos), func(owner int32) int32 { return owner })
}

// recordedKey returns whose values the key of a recorded request carries.
func (s *bindings) recordedKey(pos int32) uint64 {
	return ownersOf(s.Book.KeyRefs(pos), func(owner int32) int32 { return owner })
}

// live returns which interactions the clients play whose values a request carries.
func (s *bindings) live(refs []issued.Ref) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return ownersOf(refs, s.Plays)
}

// ownersSeed is the one seed of all sums of owners and kinds.
var ownersSeed = maphash.MakeSeed()

// ownersOf returns a sum of the owners of values, in order, by which requests are
// compared; 0 stands for a request that carries none.
func ownersOf(refs []issued.Ref, plays func(owner int32) int32) uint64 {
	if len(refs) == 0 {
		return 0
	}
	var h maphash.Hash
	h.SetSeed(ownersSeed)
	for _, ref := range refs {
		maphash.WriteComparable(&h, plays(ref.Owner))
	}
	return cmp.Or(h.Sum64(), 1)
}

// claim claims the interaction that answers a request: see Index.Claim. In order, that is an
// unplayed interaction with its body and its values as they stand; one that has
// them after a swap between twins; one that was played, again; and, as guesses, one
// after a swap between interactions whose answers differ, one with another body,
// and one with another body after a swap.
func (s *bindings) claim(g *Group, q *Query, how Repeat) (Claim, bool) {
	s.mu.Lock()
	defer s.unlock()
	cl, ok := s.find(g, q, how)
	if ok {
		s.rewrite(&cl)
	}
	return cl, ok
}

func (s *bindings) find(g *Group, q *Query, how Repeat) (Claim, bool) {
	if g.more == nil {
		return s.index.claimSingle(g, q, how)
	}
	if !g.more.carries {
		return s.asTheyStand(g.more, q, how)
	}
	q.resolve()
	q.owners = ownersOf(q.Refs, s.Plays)
	equal, found := s.equal(g.more, q, how)
	if found && !equal.Repeat {
		return equal, true
	}
	// Twins: whichever client gets which recording, both see recorded answers.
	if cl, ok := s.swap(g.more, q, false, true); ok {
		return cl, true
	}
	if found || q.refusal != nil {
		return equal, found
	}
	// A repeat changes nothing, so it goes before any guess.
	if cl, ok := s.again(g.more, q, how); ok {
		return cl, true
	}
	if s.options.Guess {
		if cl, ok := s.swap(g.more, q, true, true); ok {
			return cl, true
		}
	}
	if g.more.exact || q.Cut {
		return Claim{}, false
	}
	if cl, ok := s.anyBody(g.more, q); ok || !s.options.Guess {
		return cl, ok
	}
	return s.swap(g.more, q, false, false)
}

// asTheyStand claims among interactions that carry nothing.
func (s *bindings) asTheyStand(e *equals, q *Query, how Repeat) (Claim, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if cl, ok := e.claimHeld(s.index, q); ok {
		return cl, true
	}
	q.resolve()
	q.owners = ownersOf(q.Refs, s.Plays)
	if cl, ok := e.claimUnplayed(s.index, q, how); ok {
		return cl, true
	}
	return e.repeat(s.index, q, how)
}

func (s *bindings) equal(e *equals, q *Query, how Repeat) (Claim, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	cl, ok := e.claimEqual(s.index, q, how)
	if !ok {
		cl, ok = e.claimInvented(s.index, q, how)
	}
	if ok {
		e.notePlayed(cl.Pos, q.contents())
	}
	return cl, ok
}

func (s *bindings) again(e *equals, q *Query, how Repeat) (Claim, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.repeat(s.index, q, how)
}

func (s *bindings) anyBody(e *equals, q *Query) (Claim, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	cl, ok := e.claimOther(s.index, q)
	if ok {
		e.notePlayed(cl.Pos, q.contents())
	}
	return cl, ok
}

// swap claims the first unplayed interaction, with the request's body or with any,
// that carries its values after a swap. A loose swap is between interactions whose
// answers differ.
func (s *bindings) swap(e *equals, q *Query, loose, sameBody bool) (Claim, bool) {
	tried := 0
	// e.found is complete: equal was asked before, and found none.
	for i, pos := range e.all {
		if s.Played(pos) || e.found[i] == unreadable || sameBody && q.Body != e.found[i].Content {
			continue
		}
		if tried++; tried > candidatesMax {
			break
		}
		if pairs, ok := s.Plan(q.Refs, pos, s, loose); ok {
			// The planner keeps pos unplayed, and mu keeps others from it.
			s.carryOut(pairs, pos, loose || !sameBody)
			s.index.Play(pos)
			e.changed(s.index, pos)
			e.mu.Lock()
			defer e.mu.Unlock()
			e.last = pos
			return Claim{Pos: pos, Swapped: true}, true
		}
	}
	return Claim{}, false
}

// carryOut swaps pairs, so that the interaction at pos can be played.
func (s *bindings) carryOut(pairs []issued.Pair, pos int32, guess bool) {
	s.Swap(pairs)
	for _, p := range pairs {
		s.index.live.swap(p[0], p[1])
		s.swapPlayed(p[0], p[1])
	}
	s.effects = append(s.effects, effect{pos: pos, guess: guess})
}

// swapPlayed makes each of two interactions count as played if the other did.
func (s *bindings) swapPlayed(a, b int32) {
	playedA, playedB := s.Played(a), s.Played(b)
	if playedA != playedB {
		s.mark(a, playedB)
		s.mark(b, playedA)
	}
}

// mark makes an interaction count as played, or no more.
func (s *bindings) mark(pos int32, played bool) {
	s.index.mark(pos, played)
	s.effects = append(s.effects, effect{pos: pos, mark: true, played: played})
}

// unclaim marks a claimed interaction unplayed again.
func (s *bindings) unclaim(pos int32) {
	s.mu.Lock()
	defer s.unlock()
	s.mark(pos, false)
}

// reset takes all swaps back.
func (s *bindings) reset() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Reset()
}
