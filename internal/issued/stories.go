package issued

import "cmp"

// Recording is what Stories ask of the interactions, which positions name.
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

// Pair is two roles that exchange what they are.
type Pair [2]int32

// Stories says which role the values belong to that clients hold. It is for
// one goroutine at a time.
type Stories struct {
	Book *Book
	// Both are permutations, less what stays in its place: holder has the
	// owner of the values that the client in a role holds, role the role of
	// the client that holds an owner's.
	holder, role map[int32]int32
}

// NewStories returns the stories of a recording, each in its own role.
func NewStories(b *Book) *Stories {
	return &Stories{Book: b, holder: map[int32]int32{}, role: map[int32]int32{}}
}

// Reset puts each into its own role.
func (s *Stories) Reset() {
	clear(s.holder)
	clear(s.role)
}

// Moved reports whether any is in another role.
func (s *Stories) Moved() bool { return len(s.holder) > 0 }

// Role returns the role of the client that holds an owner's values.
func (s *Stories) Role(owner int32) int32 { return lookUp(s.role, owner) }

func lookUp(m map[int32]int32, at int32) int32 {
	if to, ok := m[at]; ok {
		return to
	}
	return at
}

// Exchange puts each of a pair into the other's role.
func (s *Stories) Exchange(pairs []Pair) {
	for _, p := range pairs {
		a, b := lookUp(s.holder, p[0]), lookUp(s.holder, p[1])
		s.hold(p[0], b)
		s.hold(p[1], a)
	}
}

func (s *Stories) hold(role, owner int32) {
	if role == owner {
		delete(s.holder, role)
		delete(s.role, owner)
		return
	}
	s.holder[role], s.role[owner] = owner, role
}

// Plan returns what has to be exchanged so that the values which a request
// carries, live, belong to the roles that the request of the interaction at
// pos was recorded with. It reports false where that cannot be.
func (s *Stories) Plan(live []Ref, pos int32, r Recording, loose bool) ([]Pair, bool) {
	recorded := s.Book.refs[pos]
	if len(live) != len(recorded) {
		return nil, false
	}
	p := planner{stories: s, recording: r, loose: loose, keep: pos, to: map[int32]int32{}}
	for i := range live {
		if !p.add(s.Role(live[i].Owner), recorded[i].Owner) {
			return nil, false
		}
	}
	for next := 0; next < len(p.pairs); next++ {
		if !p.follow(p.pairs[next]) {
			return nil, false
		}
	}
	return p.pairs, true
}

// planner plans an exchange.
type planner struct {
	stories   *Stories
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
	case movesA || movesB:
		return movesA && movesB && toA == b && toB == a
	case a == b:
		p.to[a] = a
		return true
	case a == p.keep || b == p.keep:
		return false
	}
	p.to[a], p.to[b] = b, a
	p.pairs = append(p.pairs, Pair{a, b})
	return true
}

// follow adds what a pair brings with it: those whose values its requests
// carry, and those whose requests carry its values.
func (p *planner) follow(pair Pair) bool {
	a, okA := p.recording.Kind(pair[0], p.loose)
	b, okB := p.recording.Kind(pair[1], p.loose)
	book := p.stories.Book
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
// both roles cannot stay as it was.
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

// Rewrite appends text, which was recorded, to dst with the values that their
// roles' clients hold now, and reports whether that changes anything, and
// whether it mentions any value. Where the length is to stay, only values of
// equal length are put in.
func (s *Stories) Rewrite(dst, text []byte, sameLength bool) (_ []byte, changed, mentions bool) {
	dst = replace(dst, text, func(dst, run []byte, t token) ([]byte, bool) {
		v := s.Book.values[string(run[t.start:t.end])]
		if v == nil {
			return dst, false
		}
		mentions = true
		owner, moved := s.holder[v.Owner]
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
