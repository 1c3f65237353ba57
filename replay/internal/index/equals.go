package index

import (
	"slices"
	"sync"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/rule"
)

// equals are the interactions of a group of more than one, or of one where the
// rule asks for more than a target shows. Which bodies their requests have is
// found out in order, and no further than it takes to answer.
type equals struct {
	all     []int32 // positions, in order
	exact   bool    // only an equal body answers
	carries bool    // some carry issued values

	inspect sync.Once // finds the next two
	ties    *ties     // nil: no fields tell them apart
	states  *states   // nil: no changes do

	mu     sync.Mutex
	next   int        // none before is unplayed
	last   int32      // the last one played
	turn   int        // the next one to be played again, in a loop
	found  []contents // of those that were read, by number in all
	opaque []int      // those of found that are not known: see claimHeld
	ahead  Seen       // the next one to be read, if it was
	bodies map[contents]*equalBody
	turns  map[int32]int // turn, by the first of those that agree: see Query.Agrees
}

// equalBody is the interactions of a group whose requests have equal bodies.
type equalBody struct {
	all  []int32
	next int
	last int32
	turn int
}

// contents tell the requests of a group apart: the body, and a sum of the owners
// of the issued values in the request.
type contents struct {
	rule.Content
	owners uint64
}

func (q *Query) contents() contents { return contents{q.Body, q.owners} }

func newEquals(pos int32, r *rule.Rule) *equals {
	return &equals{all: []int32{pos}, exact: r.HasDetail(), last: -1, bodies: map[contents]*equalBody{}}
}

// item reads an interaction, or returns it if it was read already.
func (e *equals) item(x *Index, pos int32) (*cassettes.Interaction, error) {
	read := e.ahead
	e.ahead = Seen{}
	if read.Item != nil && read.Pos == pos {
		return read.Item, nil
	}
	return x.Item(pos)
}

// claimHeld claims the first unplayed one where it is the next to be read and its
// request has the very bytes of the query's body: neither has to be parsed then. It
// is for interactions that carry nothing.
func (e *equals) claimHeld(x *Index, q *Query) (Claim, bool) {
	e.skipPlayed(x)
	if q.Agrees != nil || !x.Rule.BodyAlone() || e.inspected(x) || e.next != len(e.found) || e.next == len(e.all) {
		return Claim{}, false
	}
	pos := e.all[e.next]
	if q.Seen.Pos == pos && q.Seen.Item != nil {
		e.ahead = q.Seen
	}
	it, err := e.item(x, pos)
	if err != nil {
		return Claim{}, false
	}
	if !q.holds(it) || !x.Play(pos) {
		e.ahead = Seen{pos, it}
		return Claim{}, false
	}
	e.opaque = append(e.opaque, len(e.found))
	e.found = append(e.found, unreadable)
	e.last = pos
	return Claim{Pos: pos, Item: it}, true
}

// reveal finds out the contents of those that claimHeld claimed.
func (e *equals) reveal(x *Index) {
	for _, i := range e.opaque {
		it, err := x.Item(e.all[i])
		e.found[i] = e.file(x, e.all[i], it, err)
	}
	e.opaque = nil
}

// claimUnplayed claims the first unplayed interaction with the query's body. Unless
// only equal ones answer, the next choice is one with the same owners: the first, or,
// of JSON, the one with the most similar body.
func (e *equals) claimUnplayed(x *Index, q *Query, how Repeat) (Claim, bool) {
	if c, ok := e.claimHeld(x, q); ok {
		return c, ok
	}
	q.resolve()
	c, ok := e.claimEqual(x, q, how)
	if !ok {
		c, ok = e.claimInvented(x, q, how)
	}
	if !ok && q.refusal == nil && !e.exact && !q.Cut {
		c, ok = e.claimOther(x, q)
	}
	if ok {
		e.notePlayed(c.Pos, q.contents())
	}
	return c, ok
}

// repeat returns one that was played before: of those with that body, else of
// all, as how says.
func (e *equals) repeat(x *Index, q *Query, how Repeat) (Claim, bool) {
	q.resolve()
	if how == Never || e.last < 0 || q.refusal != nil {
		return Claim{}, false
	}
	if q.Agrees != nil {
		return e.repeatAgreeing(q, how)
	}
	if e.ties != nil && q.Traits != nil {
		return e.repeatFitting(x, q, how)
	}
	all, last, turn := e.all, e.last, &e.turn
	same := e.bodies[q.contents()]
	switch {
	case same != nil && same.last >= 0:
		all, last, turn = same.all, same.last, &same.turn
	case e.exact || e.carries:
		// The others answered another question, or speak of another client's
		// container.
		return Claim{}, false
	}
	if how == Loop {
		last = all[*turn%len(all)]
		*turn++
	}
	return Claim{Pos: last, Repeat: true}, true
}

// reset marks all unplayed.
func (e *equals) reset() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.next, e.last, e.turn, e.turns = 0, -1, 0, nil
	for _, same := range e.bodies {
		same.next, same.last, same.turn = 0, -1, 0
	}
}

// claimEqual claims the first unplayed one whose request is equal. Interactions
// with equal requests are a tie. Fields and states break it, where those tell the
// recordings apart, and may choose one that was played; else the order of the
// recording does.
func (e *equals) claimEqual(x *Index, q *Query, how Repeat) (Claim, bool) {
	if e.inspected(x) {
		return e.claimTold(x, q, how)
	}
	e.reveal(x)
	body := q.contents()
	if same := e.bodies[body]; same != nil {
		for same.next < len(same.all) && x.Played(same.all[same.next]) {
			same.next++
		}
		for _, pos := range same.all[same.next:] {
			if !x.Played(pos) && q.agrees(pos) && x.Play(pos) {
				return Claim{Pos: pos}, true
			}
		}
	}
	// Reading a body may take a file: no more are read than it takes to find one
	// that is equal. In recorded order that is one a claim.
	for len(e.found) < len(e.all) {
		pos, it, found := e.readNext(x)
		if found == body && it != nil && !x.Played(pos) && q.agrees(pos) && x.Play(pos) {
			return Claim{Pos: pos, Item: it}, true
		}
	}
	return Claim{}, false
}

// unreadable stands for contents that cannot be read.
var unreadable = contents{Content: rule.Unreadable}

// readNext reads the contents of one more request. The item is nil where it cannot
// be read; the error comes again when it is to be played.
func (e *equals) readNext(x *Index) (pos int32, it *cassettes.Interaction, body contents) {
	pos = e.all[len(e.found)]
	it, err := e.item(x, pos)
	body = e.file(x, pos, it, err)
	e.found = append(e.found, body)
	if body == unreadable {
		return pos, nil, body
	}
	return pos, it, body
}

// file returns the contents of the request of an interaction, and files it under them
// unless it cannot be read.
func (e *equals) file(x *Index, pos int32, it *cassettes.Interaction, err error) (body contents) {
	if err == nil {
		body.Content, err = x.contentOf(it)
	}
	if err != nil {
		return unreadable
	}
	if x.bindings != nil {
		body.owners = x.bindings.recorded(pos)
	}
	same := e.bodies[body]
	if same == nil {
		same = &equalBody{last: -1}
		e.bodies[body] = same
	}
	at, _ := slices.BinarySearch(same.all, pos)
	same.all = slices.Insert(same.all, at, pos)
	same.next = min(same.next, at)
	if x.Played(pos) {
		same.last = max(same.last, pos)
	}
	return body
}

// claimOther claims an unplayed one with the query's owners, whatever its body: the
// first or, of JSON, the one that is most like it.
func (e *equals) claimOther(x *Index, q *Query) (Claim, bool) {
	for {
		pos, ok := e.likest(x, q)
		if !ok || x.Play(pos) {
			return Claim{Pos: pos}, ok
		}
	}
}

// likest returns the unplayed one with the query's owners whose body is most like
// it. Only JSON is compared so: of other bodies, words in common say nothing, as
// archives carry the clock.
func (e *equals) likest(x *Index, q *Query) (pos int32, ok bool) {
	var near []int32
	e.skipPlayed(x)
	for _, pos := range e.fitting(x, q) {
		if len(near) == candidatesMax {
			break
		}
		if !x.Played(pos) && (!e.carries || x.bindings.recorded(pos) == q.owners) {
			near = append(near, pos)
		}
	}
	if len(near) < 2 || !isJSON(q.Text) {
		return append(near, 0)[0], len(near) > 0
	}
	best, most := near[0], -1
	words := wordsOf(q.Text)
	for _, pos := range near {
		if n := words.common(x.textOf(pos)); n > most {
			best, most = pos, n
		}
	}
	return best, true
}

// firstByKey returns the first unplayed one whose key carries values of these
// owners.
func (e *equals) firstByKey(x *Index, owners uint64) (pos int32, ok bool) {
	e.skipPlayed(x)
	for _, pos := range e.all[e.next:] {
		if !x.Played(pos) && (!e.carries || x.bindings.recordedKey(pos) == owners) {
			return pos, true
		}
	}
	return 0, false
}

func (e *equals) skipPlayed(x *Index) {
	for e.next < len(e.all) && x.Played(e.all[e.next]) {
		e.next++
	}
}

// changed updates the cursors after the interaction at pos was marked as played, or
// unplayed.
func (e *equals) changed(x *Index, pos int32) {
	e.mu.Lock()
	defer e.mu.Unlock()
	at, _ := slices.BinarySearch(e.all, pos)
	e.next = min(e.next, at)
	if at >= len(e.found) || slices.Contains(e.opaque, at) {
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
		if x.Played(p) {
			same.last = p
			return
		}
	}
}

// notePlayed notes the last answer. An equal request gets it again.
func (e *equals) notePlayed(pos int32, body contents) {
	e.last = pos
	if same := e.bodies[body]; same != nil {
		same.last = pos
	}
}

// contentOf returns the content of a recorded request, as far as the rule asks
// for it.
func (x *Index) contentOf(it *cassettes.Interaction) (rule.Content, error) {
	m := it.Request
	if m.Body.Size() == 0 && (!x.Rule.HasDetail() || x.Rule.BodyAlone()) {
		return rule.NoContent, nil
	}
	d := x.NewDigest(rule.RequestTarget(m.Head), m.Head)
	defer d.Close()
	if !x.Rule.HasDetail() || x.Rule.ComparesBody() {
		if err := d.Read(it); err != nil {
			return rule.Content{}, err
		}
	}
	return d.Content(), d.Err()
}
