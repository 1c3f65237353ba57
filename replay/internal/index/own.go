package index

import (
	"fmt"
	"io"
	"slices"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/wiretape/wiretape/replay/internal/rule"
)

func (q *Query) agrees(pos int32) bool { return q.Agrees == nil || q.Agrees(pos) }

// Agreement returns the function that asks the caller's own matcher whether a
// recorded request answers the one that d has taken in, or nil where there is no
// such matcher. A recorded request that cannot be read answers nothing.
func (x *Index) Agreement(d *rule.Digest) func(pos int32) bool {
	own := x.Rule.Own()
	if own == nil {
		return nil
	}
	return func(pos int32) bool {
		recorded, err := x.request(pos)
		// The request is asked for each time: the matcher may read its body.
		return err == nil && own.Match(d.Request(), recorded)
	}
}

// requestMax is the size in bytes of the largest recorded body that is put into
// memory for a matcher.
const requestMax = 16 << 20

// request returns a recorded request as matchers read it, masked as a live one.
func (x *Index) request(pos int32) (cassette.Request, error) {
	e := x.Entry(pos)
	r := cassette.Request{Method: e.Method, URL: x.Rule.Flat(e.Method, e.URL)}
	it, err := x.Item(pos)
	if err != nil {
		return r, err
	}
	if size := it.Request.Body.Size(); size > requestMax {
		return r, fmt.Errorf("the recorded body of %d B is too large for a matcher", size)
	}
	r.Headers, r.Host = x.Rule.Fields(it.Request.Head)
	d := x.NewDigest(rule.RequestTarget(it.Request.Head), it.Request.Head)
	defer d.Close()
	if err := d.Read(it); err != nil {
		return r, err
	}
	d.Content() // it flushes the bytes that the masks hold back
	body, err := d.Request().GetBody()
	if err != nil {
		return r, err
	}
	data, err := io.ReadAll(body)
	r.Body = string(data)
	return r, err
}

// repeatAgreeing returns a played one with which the caller's matcher agrees.
func (e *equals) repeatAgreeing(q *Query, how Repeat) (Claim, bool) {
	same := e.bodies[q.contents()]
	if same == nil {
		return Claim{}, false
	}
	var all []int32
	for _, pos := range same.all {
		if q.Agrees(pos) {
			all = append(all, pos)
		}
	}
	if len(all) == 0 {
		return Claim{}, false
	}
	pos := all[len(all)-1]
	if how == Loop {
		if e.turns == nil {
			e.turns = map[int32]int{}
		}
		pos = all[e.turns[all[0]]%len(all)]
		e.turns[all[0]]++
	}
	return Claim{Pos: pos, Repeat: true}, true
}

// repeatFitting returns a played one that has the most of the query's traits.
func (e *equals) repeatFitting(x *Index, q *Query, how Repeat) (Claim, bool) {
	same := e.bodies[q.contents()]
	if how == Never || same != nil || e.exact || e.carries {
		return Claim{}, false // claimTold would have found it
	}
	numbers := make([]int, len(e.all))
	for i := range numbers {
		numbers[i] = i
	}
	numbers, _ = e.agreeing(numbers, q)
	for _, i := range slices.Backward(numbers) {
		if x.Played(e.all[i]) {
			return Claim{Pos: e.all[i], Repeat: true}, true
		}
	}
	return Claim{}, false
}

// each ranges over the positions of recorded requests, at most n.
func (x *Index) each(n int, yield func(pos int32) bool) {
	for pos := range int32(min(x.Len(), n)) {
		if x.Entry(pos).Method != "" && !yield(pos) {
			return
		}
	}
}
