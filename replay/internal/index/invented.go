package index

import (
	"slices"

	"github.com/wiretape/wiretape/replay/internal/invented"
	"github.com/wiretape/wiretape/replay/internal/rule"
)

// inventions let a request answer that differs from a recorded one in values alone
// that clients make up: see package invented. Nil ones do not.
type inventions struct {
	index  *Index
	values *invented.Values
}

// newInventions returns those of an index, or nil where such values count as others do.
func newInventions(x *Index, o Options) *inventions {
	if !o.Bind || !x.Rule.AllowsInvented() {
		return nil
	}
	return &inventions{x, invented.New(x.Tape)}
}

// makers are the methods of requests whose bodies make something. Others refer to it.
var makers = []string{"POST", "PUT", "PATCH"}

// pairs returns the values that the client has made up, if the query differs in
// nothing else from the body of the recorded request at pos. Fresh is the number of
// those that are not bound.
func (n *inventions) pairs(pos int32, q *Query) (all []invented.Pair, fresh int, ok bool) {
	if n == nil || q.Digest == nil || q.Cut || !slices.Contains(makers, n.index.Entry(pos).Method) {
		return nil, 0, false
	}
	q.resolve()
	was := n.index.textOf(pos)
	// A text that is as long as can be may be the beginning of a longer body.
	if len(was) == 0 || max(len(was), len(q.Text)) >= rule.TextMax {
		return nil, 0, false
	}
	if all, ok = invented.Pairs(was, q.Text, n.index.Rule.IgnoredJSON()); !ok {
		return nil, 0, false
	}
	fresh, ok = n.values.Fits(all)
	return all, fresh, ok
}

// bind binds the values of a claim to the query's.
func (n *inventions) bind(cl *Claim, q *Query) {
	pairs, _, _ := n.pairs(cl.Pos, q)
	n.values.Bind(pairs)
	cl.Invented = true
}

// single claims the one interaction of a group.
func (n *inventions) single(cl Claim, q *Query, how Repeat) (Claim, bool) {
	if _, _, ok := n.pairs(cl.Pos, q); !ok {
		return cl, false
	}
	if !n.index.Play(cl.Pos) {
		if how == Never {
			return cl, false
		}
		cl.Repeat = true
	}
	n.bind(&cl, q)
	return cl, true
}

// reset forgets what is bound.
func (n *inventions) reset() {
	if n != nil {
		n.values.Reset()
	}
}

// claimInvented claims, of the recordings that differ from the query in such values
// alone and have the fewest that are not bound, the one that its fields, its state and
// the order tell. It comes after claimEqual.
func (e *equals) claimInvented(x *Index, q *Query, how Repeat) (Claim, bool) {
	if x.inventions == nil || q.refusal != nil {
		return Claim{}, false
	}
	cl, ok := e.claimOf(x, e.inventive(x, q, how), q, how)
	if ok {
		x.inventions.bind(&cl, q)
	}
	return cl, ok
}

func (e *equals) inventive(x *Index, q *Query, how Repeat) (numbers []int) {
	fewest, tried := 0, 0
	for i, pos := range e.all {
		if how == Never && x.Played(pos) || e.carries && e.found[i].owners != q.owners {
			continue
		}
		if tried++; tried > candidatesMax {
			break
		}
		_, fresh, ok := x.inventions.pairs(pos, q)
		if !ok || len(numbers) > 0 && fresh > fewest {
			continue
		}
		if fresh < fewest {
			numbers = numbers[:0]
		}
		numbers, fewest = append(numbers, i), fresh
	}
	return numbers
}
