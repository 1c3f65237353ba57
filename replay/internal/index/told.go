package index

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/wiretape/wiretape/internal/target"
)

// Refusal says why no recording answers a request although some are equal to it as
// far as the rule goes.
type Refusal struct {
	// Fields are fields that select what is in an answer, of which no recording
	// has the request's value.
	Fields []Difference
	// Unsure says what cannot be told, where only sure answers are given.
	Unsure string
	Pos    int32 // the recording that comes nearest
}

// look finds out what tells the recordings of a group apart, beside their bodies.
func (e *equals) look(x *Index) {
	e.ties = readTies(x, e.all)
	if x.live.on {
		e.states = readStates(x, e.all)
	}
}

// told reports whether something does.
func (e *equals) told() bool { return e.ties != nil || e.states != nil }

// inspected looks once, where the group has several recordings.
func (e *equals) inspected(x *Index) bool {
	if len(e.all) < 2 {
		return false
	}
	e.inspect.Do(func() { e.look(x) })
	return e.told()
}

// claimTold claims, of the recordings with the query's body, the one that is told
// apart by its fields and its state; one that was played counts where how says so.
func (e *equals) claimTold(x *Index, q *Query, how Repeat) (Claim, bool) {
	for len(e.found) < len(e.all) {
		e.readNext(x)
	}
	var numbers []int
	body := q.contents()
	for i, pos := range e.all {
		if e.found[i] == body && q.agrees(pos) {
			numbers = append(numbers, i)
		}
	}
	return e.claimOf(x, numbers, q, how)
}

// claimOf claims one of numbers.
func (e *equals) claimOf(x *Index, numbers []int, q *Query, how Repeat) (Claim, bool) {
	numbers, ok := e.agreeing(numbers, q)
	for ok && len(numbers) > 0 {
		p := e.pick(x, numbers, q, how)
		if p.number < 0 || e.refuses(x, &p, q) {
			return Claim{}, false
		}
		pos := e.all[p.number]
		cl := Claim{Pos: pos, Repeat: p.again, Order: p.order, Unlike: p.unlike}
		if p.again || x.Play(pos) {
			return cl, true
		}
	}
	return Claim{}, false
}

// agreeing returns those of numbers that have the most of the query's traits.
func (e *equals) agreeing(numbers []int, q *Query) (best []int, ok bool) {
	if e.ties == nil || q.Traits == nil || len(numbers) == 0 {
		return numbers, true
	}
	best, differences := e.ties.agreeing(numbers, q.Traits)
	if len(best) == 0 {
		q.refusal = &Refusal{Fields: differences, Pos: e.all[numbers[0]]}
		return nil, false
	}
	return best, true
}

// picked is the recording that answers.
type picked struct {
	number int // -1: none
	again  bool
	unlike []string // fields in which it differs
	host   bool     // one of them is the host
	order  string   // how its state differs from the client's, if it may
	wrong  bool     // it does, as far as can be told
	may    bool     // it may: the client stands for several recorded ones
}

// pick returns one of numbers: the one that was asked in the client's state, else
// the first unplayed one, else the last one again.
func (e *equals) pick(x *Index, numbers []int, q *Query, how Repeat) (p picked) {
	p.number = -1
	if e.states != nil && e.states.differ(numbers) && q.Client != nil {
		p = e.inState(x, numbers, q, how)
	}
	if p.number < 0 {
		p.number, p.again = e.inOrder(x, numbers, how)
	}
	if p.number < 0 {
		return p
	}
	switch {
	case p.wrong:
		p.order = orderText(x, e.all[p.number], q.Client)
	case p.may:
		p.order = nameOf(x, e.all[p.number]) + " is of one of several clients that ran at once, and one client asks for them all"
	}
	if e.ties != nil && q.Traits != nil {
		p.unlike, p.host = e.ties.unlike(p.number, q.Traits)
	}
	return p
}

// inOrder returns the first unplayed of numbers, else one to be repeated.
func (e *equals) inOrder(x *Index, numbers []int, how Repeat) (number int, again bool) {
	for _, i := range numbers {
		if !x.Played(e.all[i]) {
			return i, false
		}
	}
	switch how {
	case Never:
		return -1, false
	case Loop:
		if e.turns == nil {
			e.turns = map[int32]int{}
		}
		first := e.all[numbers[0]]
		number = numbers[e.turns[first]%len(numbers)]
		e.turns[first]++
		return number, true
	}
	return numbers[len(numbers)-1], true
}

// refuses reports whether nothing but a guess could be given where guesses are not
// wanted.
func (e *equals) refuses(x *Index, p *picked, q *Query) bool {
	if !x.strict {
		return false
	}
	switch {
	case p.wrong:
		q.refusal = &Refusal{Unsure: p.order, Pos: e.all[p.number]}
	case p.host:
		q.refusal = &Refusal{Unsure: "the recordings are of several hosts, and the request names none of them", Pos: e.all[p.number]}
	}
	return q.refusal != nil
}

// differ reports whether the answers of numbers do.
func (s *states) differ(numbers []int) bool {
	for _, i := range numbers {
		if s.answers[i] != s.answers[numbers[0]] {
			return true
		}
	}
	return false
}

// Fits of a recording's state to a client's, the best first.
const (
	fitsBoth    = iota // the client's own changes, and all that it can have seen
	fitsOwn            // its own
	fitsAll            // all that it can have seen
	fitsRelated        // those that are about the same topic
	fitsSeveral        // those of ended processes: the client stands for several others
	fitsNot
)

// inState returns the recording that was asked in the client's state. Of several,
// the first unplayed one; else the last of them again: a client that polls
// more often than the recorded one sees no state too early.
func (e *equals) inState(x *Index, numbers []int, q *Query, how Repeat) picked {
	unplayed, played := [fitsNot]int{}, [fitsNot]int{}
	asking := map[process]askedIn{}
	for _, i := range numbers {
		pos := e.all[i]
		by := x.live.recorded.processOf(pos)
		now, ok := asking[by]
		if !ok {
			now = x.live.asking(q.Client, pos)
			asking[by] = now
		}
		fit := x.live.fit(&e.states.asked[i], &now, pos)
		switch {
		case fit == fitsNot:
		case x.Played(pos) && fit == fitsSeveral: // nothing says that it is asked again
		case x.Played(pos):
			played[fit] = i + 1
		case fit == fitsBoth:
			return picked{number: i}
		case unplayed[fit] == 0:
			unplayed[fit] = i + 1
		}
	}
	for fit := range fitsNot {
		switch {
		case unplayed[fit] > 0:
			return picked{number: unplayed[fit] - 1, may: fit == fitsSeveral}
		case played[fit] > 0 && how != Never:
			return picked{number: played[fit] - 1, again: true}
		}
	}
	return picked{number: -1, wrong: true}
}

// fit says how the state in which a recording was asked fits a client's.
func (l *live) fit(was, now *askedIn, pos int32) int {
	own, all := was.own.fits(now.own), was.all.fits(now.all)
	switch {
	case own && all:
		return fitsBoth
	case own && (now.changed || l.recorded.changing[l.recorded.processOf(pos)]):
		return fitsOwn
	case all:
		return fitsAll
	case was.related.fits(now.related) && l.recorded.topics[topicOf(l.recorded.tape.Entry(pos).URL)]:
		return fitsRelated
	case now.several && was.all.fits(now.ended):
		return fitsSeveral
	}
	return fitsNot
}

// orderText says how the recording at pos is out of order for a client.
func orderText(x *Index, pos int32, c *Client) string {
	was, now := x.live.recorded.askedAt(pos), x.live.asking(c, pos)
	return fmt.Sprintf("%s was recorded %s; the client asked %s", nameOf(x, pos), afterText(x, was.all.last), afterText(x, now.all.last))
}

// afterText returns "after POST /containers/create (#3)".
func afterText(x *Index, pos int32) string {
	if pos < 0 {
		return "before any change"
	}
	return "after " + nameOf(x, pos)
}

func nameOf(x *Index, pos int32) string {
	e := x.Entry(pos)
	_, path, query := target.Cut(e.URL)
	if query != "" {
		path += "?" + query
	}
	return fmt.Sprintf("%s %s (#%d)", e.Method, path, e.ID)
}

// String returns `Range: "bytes=0-1" instead of "bytes=2-3" or "bytes=4-5"`.
func (d Difference) String() string {
	want := make([]string, len(d.Want))
	for i, w := range d.Want {
		want[i] = quoted(w)
	}
	return d.Field + ": " + quoted(d.Got) + " instead of " + strings.Join(want, " or ")
}

func quoted(s string) string {
	if s == "" {
		return "none"
	}
	return fmt.Sprintf("%q", s)
}

// fitting returns the positions that a request may be answered with whatever its
// body: in order, those of a query's owners that have the most of its traits.
func (e *equals) fitting(x *Index, q *Query) []int32 {
	if !e.inspected(x) || e.ties == nil || q.Traits == nil {
		return e.all[e.next:]
	}
	var numbers []int
	for i, pos := range e.all {
		if !e.carries || x.bindings.recorded(pos) == q.owners {
			numbers = append(numbers, i)
		}
	}
	best, _ := e.agreeing(numbers, q)
	all := make([]int32, 0, len(best))
	for _, i := range best {
		all = append(all, e.all[i])
	}
	return slices.Clip(all)
}

// Notes ranges over what is to be said of an answer that is not quite the recorded one.
func (c *Claim) Notes() iter.Seq[string] {
	return func(yield func(string) bool) {
		if len(c.Unlike) > 0 && !yield("answered although "+strings.Join(c.Unlike, " and ")+" differ from the recording, and tell recordings apart") {
			return
		}
		if c.Invented && !yield("answered a request with values that its client made up") {
			return
		}
		if c.Order != "" {
			yield("answered out of recorded order: " + c.Order)
		}
	}
}
