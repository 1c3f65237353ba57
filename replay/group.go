package replay

import (
	"slices"
	"sync"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/issued"
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
	all     []int32 // positions, in order
	exact   bool    // what is not equal does not answer
	carries bool    // some carry issued values

	mu     sync.Mutex
	next   int       // none before is unplayed
	last   int32     // the last one played
	turn   int       // the next one to be played again, in a loop
	found  []content // of those that were read, by number in all
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
	probe  bool                   // of a connection: a TLS probe, whatever it holds
	item   *cassettes.Interaction // if it was read to decide
	own    bool                   // item has other values than were recorded
}

// wanted is what a request says beyond what its group is found by: its body, and
// the issued values that it carries.
type wanted struct {
	body content
	text []byte // of the body
	refs []issued.Ref
	cut  bool // there is no more of the request: only an equal one is its like
}

// claim claims the interaction that answers a request, and reports false where
// none is left. How says what becomes of a request when all are played.
func (x *index) claim(g *group, a wanted, how Repeat) (claim, bool) {
	if x.stories != nil {
		return x.stories.claim(g, a, how)
	}
	if g.more == nil {
		return x.claimOnly(g, how)
	}
	g.more.mu.Lock()
	defer g.more.mu.Unlock()
	if cl, ok := g.more.unplayed(x, a); ok {
		return cl, true
	}
	return g.more.repeat(a.body, how)
}

// claimOnly claims the one interaction of a group.
func (x *index) claimOnly(g *group, how Repeat) (claim, bool) {
	if x.play(g.first) {
		return claim{pos: g.first}, true
	}
	return claim{pos: g.first, repeat: true}, how != RepeatNever
}

// unplayed claims the first unplayed one with that body, else, unless the rule
// is exact, of that story the first or, of JSON, the one whose body is most like
// it.
func (e *equals) unplayed(x *index, a wanted) (claim, bool) {
	c, ok := e.equal(x, a.body)
	if !ok && !e.exact && !a.cut {
		c, ok = e.other(x, a)
	}
	if ok {
		e.played(c.pos, a.body)
	}
	return c, ok
}

// repeat returns one that was played before: of those with that body, else of
// all, as how says.
func (e *equals) repeat(body content, how Repeat) (claim, bool) {
	if how == RepeatNever || e.last < 0 {
		return claim{}, false
	}
	all, last, turn := e.all, e.last, &e.turn
	same := e.bodies[body]
	switch {
	case same != nil && same.last >= 0:
		all, last, turn = same.all, same.last, &same.turn
	case e.exact || e.carries:
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
	for len(e.found) < len(e.all) {
		pos, it, found := e.readNext(x)
		if found == body && it != nil && x.play(pos) {
			return claim{pos: pos, item: it}, true
		}
	}
	return claim{}, false
}

// unread is the content of a request that cannot be read.
var unread = content{size: -1}

// readNext finds out the body of one more. The item is nil where it cannot be
// read; that is reported when it is to be played.
func (e *equals) readNext(x *index) (pos int32, it *cassettes.Interaction, body content) {
	pos = e.all[len(e.found)]
	it, err := x.item(pos)
	if err == nil {
		body, err = x.contentOf(it)
	}
	if err != nil {
		e.found = append(e.found, unread)
		return pos, nil, unread
	}
	if x.stories != nil {
		body.story = x.stories.recorded(pos)
	}
	e.found = append(e.found, body)
	same := e.bodies[body]
	if same == nil {
		same = &equalBody{last: -1}
		e.bodies[body] = same
	}
	same.all = append(same.all, pos)
	if x.played[pos].Load() {
		same.last = pos
	}
	return pos, it, body
}

// other claims an unplayed one of a story, whatever its body: the first or, of
// JSON, the one that is most like it.
func (e *equals) other(x *index, a wanted) (claim, bool) {
	for {
		pos, ok := e.likest(x, a)
		if !ok || x.play(pos) {
			return claim{pos: pos}, ok
		}
	}
}

// likest returns the unplayed one of a story whose body is most like one. What
// other bodies have in common says nothing: archives carry the clock.
func (e *equals) likest(x *index, a wanted) (pos int32, ok bool) {
	var near []int32
	e.skipPlayed(x)
	for _, pos := range e.all[e.next:] {
		if len(near) == candidatesMax {
			break
		}
		if !x.played[pos].Load() && (!e.carries || x.stories.recorded(pos) == a.body.story) {
			near = append(near, pos)
		}
	}
	if len(near) < 2 || !isJSON(a.text) {
		return append(near, 0)[0], len(near) > 0
	}
	best, most := near[0], -1
	words := wordsOf(a.text)
	for _, pos := range near {
		if n := words.common(x.textOf(pos)); n > most {
			best, most = pos, n
		}
	}
	return best, true
}

// firstByKey returns the first unplayed one whose key is of a story.
func (e *equals) firstByKey(x *index, story uint64) (pos int32, ok bool) {
	e.skipPlayed(x)
	for _, pos := range e.all[e.next:] {
		if !x.played[pos].Load() && (!e.carries || x.stories.recordedKey(pos) == story) {
			return pos, true
		}
	}
	return 0, false
}

func (e *equals) skipPlayed(x *index) {
	for e.next < len(e.all) && x.played[e.all[e.next]].Load() {
		e.next++
	}
}

// changed brings what is known of what was played up to date, after it was
// changed for the interaction at pos.
func (e *equals) changed(x *index, pos int32) {
	e.mu.Lock()
	defer e.mu.Unlock()
	at, _ := slices.BinarySearch(e.all, pos)
	e.next = min(e.next, at)
	if at >= len(e.found) {
		return
	}
	same := e.bodies[e.found[at]]
	if same == nil {
		return // it cannot be read
	}
	in, _ := slices.BinarySearch(same.all, pos)
	same.next = min(same.next, in)
	same.last = -1
	for _, p := range slices.Backward(same.all) {
		if x.played[p].Load() {
			same.last = p
			return
		}
	}
}

// played notes the last answer. A request with that body gets it again.
func (e *equals) played(pos int32, body content) {
	e.last = pos
	if same := e.bodies[body]; same != nil {
		same.last = pos
	}
}

// peek returns the interaction that would be claimed for a body that none
// has, where it is the first to be claimed of several. Refs are the issued
// values that the request's target mentions.
func (x *index) peek(g *group, refs []issued.Ref) (pos int32, ok bool) {
	if g.more == nil {
		return g.first, !x.played[g.first].Load()
	}
	story := uint64(0)
	if g.more.carries {
		story = x.stories.live(refs)
	}
	g.more.mu.Lock()
	defer g.more.mu.Unlock()
	return g.more.firstByKey(x, story)
}

// take claims an interaction that was peeked at, if nobody else has.
func (x *index) take(g *group, pos int32) (claim, bool) {
	cl := claim{pos: pos}
	if x.stories != nil {
		x.stories.mu.Lock()
		defer x.stories.mu.Unlock()
	}
	if !x.play(pos) {
		return cl, false
	}
	if g.more != nil {
		g.more.changed(x, pos)
		g.more.mu.Lock()
		g.more.last = pos
		g.more.mu.Unlock()
	}
	if x.stories != nil {
		x.stories.rewrite(&cl)
	}
	return cl, true
}
