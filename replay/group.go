package replay

import (
	"sync"

	"github.com/wiretape/wiretape/cassettes"
)

// group is the interactions that one method, path and query leave to choose
// from. Nearly all have one.
type group struct {
	first int32 // position
	more  *equals
}

// equals are the interactions of a group of more than one, or of one where the
// rule asks for more than a target shows. Which bodies their requests have is
// found out in order, and no further than it takes to answer.
type equals struct {
	all   []int32 // positions, in order
	exact bool    // what is not equal does not answer

	mu     sync.Mutex
	next   int   // none before is unplayed
	last   int32 // the last one played
	turn   int   // the next one to be played again, in a loop
	read   int   // how many are in bodies
	bodies map[content]*equalBody
}

// equalBody is the interactions of a group whose requests have equal bodies.
type equalBody struct {
	all  []int32
	next int
	last int32
	turn int
}

// newGroup returns the group of one interaction.
func newGroup(pos int32, r *rule) group {
	g := group{first: pos}
	if r.detail != nil {
		g.more = newEquals(pos)
		g.more.exact = true
	}
	return g
}

// exact reports whether what is not equal does not answer.
func (g *group) exact() bool { return g.more != nil && g.more.exact }

func newEquals(pos int32) *equals {
	return &equals{all: []int32{pos}, last: -1, bodies: map[content]*equalBody{}}
}

// add adds an interaction, of a higher position than those before.
func (g *group) add(pos int32) {
	if g.more == nil {
		g.more = newEquals(g.first)
	}
	g.more.all = append(g.more.all, pos)
}

// claim is an interaction that is to answer a request.
type claim struct {
	pos    int32
	repeat bool
	probe  bool            // of a connection: a TLS probe, whatever it holds
	item   *cassettes.Item // if it was read to decide
}

// claim claims the interaction that answers a request with that body, and
// reports false where none is left. How says what becomes of a request when all
// are played.
func (x *index) claim(g *group, body content, how Repeat) (claim, bool) {
	if g.more != nil {
		return g.more.claim(x, body, how)
	}
	if x.play(g.first) {
		return claim{pos: g.first}, true
	}
	return claim{pos: g.first, repeat: true}, how != RepeatNever
}

func (e *equals) claim(x *index, body content, how Repeat) (claim, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c, ok := e.equal(x, body)
	if !ok && !e.exact {
		c, ok = e.unplayed(x)
	}
	if ok {
		e.played(c.pos, body)
		return c, true
	}
	if how == RepeatNever || e.last < 0 {
		return c, false
	}
	return e.repeat(body, how)
}

// repeat returns one that was played before: of those with that body, else of
// all.
func (e *equals) repeat(body content, how Repeat) (claim, bool) {
	all, last, turn := e.all, e.last, &e.turn
	same := e.bodies[body]
	switch {
	case same != nil && same.last >= 0:
		all, last, turn = same.all, same.last, &same.turn
	case e.exact:
		return claim{}, false
	}
	if how == RepeatLoop {
		last = all[*turn%len(all)]
		*turn++
	}
	return claim{pos: last, repeat: true}, true
}

// reset forgets what was played.
func (e *equals) reset() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.next, e.last, e.turn = 0, -1, 0
	for _, same := range e.bodies {
		same.next, same.last, same.turn = 0, -1, 0
	}
}

// equal claims the first unplayed one whose request has that body.
func (e *equals) equal(x *index, body content) (claim, bool) {
	if same := e.bodies[body]; same != nil {
		for ; same.next < len(same.all); same.next++ {
			if x.play(same.all[same.next]) {
				return claim{pos: same.all[same.next]}, true
			}
		}
	}
	for e.read < len(e.all) {
		pos, it, found := e.readNext(x)
		if found == body && it != nil && x.play(pos) {
			return claim{pos: pos, item: it}, true
		}
	}
	return claim{}, false
}

// readNext finds out the body of one more. The item is nil where it cannot be
// read; that is reported when it is to be played.
func (e *equals) readNext(x *index) (pos int32, it *cassettes.Item, body content) {
	pos = e.all[e.read]
	e.read++
	it, err := x.item(pos)
	if err != nil {
		return pos, nil, content{size: -1}
	}
	if body, err = x.contentOf(it); err != nil {
		return pos, nil, content{size: -1}
	}
	same := e.bodies[body]
	if same == nil {
		same = &equalBody{last: -1}
		e.bodies[body] = same
	}
	same.all = append(same.all, pos)
	return pos, it, body
}

// unplayed claims the first unplayed one, whatever its body.
func (e *equals) unplayed(x *index) (claim, bool) {
	for ; e.next < len(e.all); e.next++ {
		if x.play(e.all[e.next]) {
			return claim{pos: e.all[e.next]}, true
		}
	}
	return claim{}, false
}

// played notes the last answer. A request with that body gets it again.
func (e *equals) played(pos int32, body content) {
	e.last = pos
	if same := e.bodies[body]; same != nil {
		same.last = pos
	}
}

// peek returns the interaction that would be claimed for a body that none
// has, where it is the first to be claimed of several.
func (x *index) peek(g *group) (pos int32, ok bool) {
	if g.more == nil {
		return g.first, !x.played[g.first].Load()
	}
	g.more.mu.Lock()
	defer g.more.mu.Unlock()
	for ; g.more.next < len(g.more.all); g.more.next++ {
		if pos := g.more.all[g.more.next]; !x.played[pos].Load() {
			return pos, true
		}
	}
	return 0, false
}

// take claims an interaction that was peeked at, if nobody else has.
func (x *index) take(g *group, pos int32) (claim, bool) {
	if !x.play(pos) {
		return claim{}, false
	}
	if g.more != nil {
		g.more.mu.Lock()
		defer g.more.mu.Unlock()
		g.more.last = pos
	}
	return claim{pos: pos}, true
}
