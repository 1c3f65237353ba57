package issued

import "cmp"

// Recording answers the questions of Bindings about interactions, by position.
type Recording interface {
	// Played reports whether an interaction was played.
	Played(pos int32) bool
	// Kind returns a number that twins have in common, and none else; loose
	// ones have all in common but the answer. It reports false for an
	// interaction that keeps its place.
	Kind(pos int32, loose bool) (kind uint64, ok bool)
	// Opaque reports whether an answer may have values in it that cannot be
	// seen.
	Opaque(pos int32) bool
}

// Pair is two interactions that swap the clients which play them.
type Pair [2]int32

// Bindings says which interaction each client plays, by the values that it holds. It
// is for one goroutine at a time.
type Bindings struct {
	Book *Book // the values that the recorded server issued
	// Both are permutations, less the elements that stay in place: a client that plays
	// interaction i holds the values of owner holds[i], and a client that holds
	// the values of owner o plays interaction plays[o].
	holds, plays map[int32]int32
}

// NewBindings returns the bindings of a recording: each client plays the
// interaction whose values it holds.
func NewBindings(b *Book) *Bindings {
	return &Bindings{Book: b, holds: map[int32]int32{}, plays: map[int32]int32{}}
}

// Reset takes all swaps back.
func (s *Bindings) Reset() {
	clear(s.holds)
	clear(s.plays)
}

// Swapped reports whether any client plays another interaction than the one whose
// values it holds.
func (s *Bindings) Swapped() bool { return len(s.holds) > 0 }

// Plays returns the interaction that the client plays which holds an owner's values.
func (s *Bindings) Plays(owner int32) int32 { return lookUp(s.plays, owner) }

func lookUp(m map[int32]int32, at int32) int32 {
	if to, ok := m[at]; ok {
		return to
	}
	return at
}

// Swap has the clients of each pair play each other's interaction.
func (s *Bindings) Swap(pairs []Pair) {
	for _, p := range pairs {
		a, b := lookUp(s.holds, p[0]), lookUp(s.holds, p[1])
		s.bind(p[0], b)
		s.bind(p[1], a)
	}
}

// bind has the client that holds an owner's values play an interaction.
func (s *Bindings) bind(plays, owner int32) {
	if plays == owner {
		delete(s.holds, plays)
		delete(s.plays, owner)
		return
	}
	s.holds[plays], s.plays[owner] = owner, plays
}

// Plan returns the swaps after which a request that carries the values live is
// the one that was recorded at pos, with the values recorded there. It reports
// false where that cannot be. Loose swaps interactions whose answers differ, too.
func (s *Bindings) Plan(live []Ref, pos int32, r Recording, loose bool) ([]Pair, bool) {
	recorded := s.Book.refs[pos]
	if len(live) != len(recorded) {
		return nil, false
	}
	p := planner{bindings: s, recording: r, loose: loose, keep: pos, to: map[int32]int32{}}
	for i := range live {
		if !p.add(s.Plays(live[i].Owner), recorded[i].Owner) {
			return nil, false
		}
	}
	// A pair brings others with it, which are appended while the loop goes on.
	for next := 0; next < len(p.pairs); next++ {
		if !p.follow(p.pairs[next]) {
			return nil, false
		}
	}
	return p.pairs, true
}

// planner plans swaps.
type planner struct {
	bindings  *Bindings
	recording Recording
	loose     bool
	keep      int32 // is to be as unplayed as before
	pairs     []Pair
	to        map[int32]int32 // both ways
}

// add adds a pair, and reports false where it is at odds with another.
func (p *planner) add(a, b int32) bool {
	toA, movesA := p.to[a]
	toB, movesB := p.to[b]
	switch {
	case movesA || movesB: // the swap must be the one that is planned already
		return movesA && movesB && toA == b && toB == a
	case a == b:
		p.to[a] = a
		return true
	case a == p.keep || b == p.keep:
		return false // a swap would change whether it is played
	}
	p.to[a], p.to[b] = b, a
	p.pairs = append(p.pairs, Pair{a, b})
	return true
}

// follow adds the pairs that a pair brings with it: owners of the values that its
// requests carry, and interactions whose requests carry its values.
func (p *planner) follow(pair Pair) bool {
	a, okA := p.recording.Kind(pair[0], p.loose)
	b, okB := p.recording.Kind(pair[1], p.loose)
	book := p.bindings.Book
	if !okA || !okB || a != b || !book.fit(pair[0], pair[1]) {
		return false
	}
	carriedA, carriedB := book.refs[pair[0]], book.refs[pair[1]]
	if len(carriedA) != len(carriedB) {
		return false
	}
	for i := range carriedA {
		if !p.add(carriedA[i].Owner, carriedB[i].Owner) {
			return false
		}
	}
	return p.children(book.children[pair[0]], book.children[pair[1]])
}

// children adds the k-th of each kind among those of the one and the k-th
// among those of the other, if one of them was played.
func (p *planner) children(ofA, ofB []int32) bool {
	a, okA := p.byKind(ofA)
	b, okB := p.byKind(ofB)
	if !okA || !okB {
		return false
	}
	for kind, as := range a {
		for k, x := range as {
			if k < len(b[kind]) {
				if !p.addPlayed(x, b[kind][k]) {
					return false
				}
			} else if p.recording.Played(x) {
				return false
			}
		}
	}
	for kind, bs := range b {
		for _, y := range bs[min(len(a[kind]), len(bs)):] {
			if p.recording.Played(y) {
				return false
			}
		}
	}
	return true
}

// addPlayed adds a pair if one of it was played. One that carries the values of
// both cannot stay as it was.
func (p *planner) addPlayed(a, b int32) bool {
	if !p.recording.Played(a) && !p.recording.Played(b) {
		return true
	}
	return a != b && p.add(a, b)
}

// byKind sorts children by kind. It reports false where one was played that
// keeps its place, or could not be given other values.
func (p *planner) byKind(children []int32) (map[uint64][]int32, bool) {
	sorted := map[uint64][]int32{}
	for _, c := range children {
		kind, ok := p.recording.Kind(c, p.loose)
		if !ok && p.recording.Played(c) || p.recording.Opaque(c) {
			return nil, false
		}
		if ok {
			sorted[kind] = append(sorted[kind], c)
		}
	}
	return sorted, true
}

// Rewrite appends recorded text to dst, with each issued value replaced by the one
// in the same slot that the client holds. Changed reports whether that makes a
// difference, mentions whether the text has any value at all. With sameLength, only
// values of equal length are put in.
func (s *Bindings) Rewrite(dst, text []byte, sameLength bool) (_ []byte, changed, mentions bool) {
	dst = replace(dst, text, func(dst, run []byte, t token) ([]byte, bool) {
		v := s.Book.values[string(run[t.start:t.end])]
		if v == nil {
			return dst, false
		}
		mentions = true
		owner, moved := s.holds[v.Owner]
		to := s.Book.texts[Ref{owner, v.Slot}]
		if !moved || to == nil {
			return dst, false
		}
		n := len(dst)
		dst = to.append(dst, run, t)
		if sameLength && len(dst)-n != t.next-t.start {
			return dst[:n], false
		}
		changed = true
		return dst, true
	})
	return dst, changed, mentions
}

// append appends the value in the form in which another stands at t.
func (v *value) append(dst, run []byte, t token) []byte {
	if t.end-t.start == short && len(v.text) > short {
		return append(dst, v.text[:short]...)
	}
	dst = append(dst, v.text...)
	pad := cmp.Or(string(run[t.end:t.end+paddingLen(run[t.end:t.next])]), "%3D")
	for range v.padding {
		dst = append(dst, pad...)
	}
	return dst
}
