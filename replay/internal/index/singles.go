package index

import (
	"bytes"
	"sync"
	"sync/atomic"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/rule"
)

// singles are the bodies of recorded requests that are alone in their groups, found
// out when they are asked for first. Most have none, which takes a bit to know.
type singles struct {
	empty []atomic.Uint32 // a bit for each position: the request has no body

	mu       sync.Mutex
	contents map[int32]rule.Content // of the others, as far as they were needed
}

func newSingles(n int) singles {
	return singles{empty: make([]atomic.Uint32, (n+31)/32), contents: map[int32]rule.Content{}}
}

// same reports whether the recorded request at pos has the query's body. It returns
// the interaction if it was read for that. One that cannot be read is the same: the
// error comes again when it is to be played.
func (s *singles) same(x *Index, pos int32, q *Query) (*cassettes.Interaction, bool) {
	word, bit := &s.empty[pos/32], uint32(1)<<(pos%32)
	if word.Load()&bit != 0 {
		return nil, q.isEmpty()
	}
	it, err := q.item(x, pos)
	if err != nil {
		return nil, true
	}
	if it.Request == nil || it.Request.Body.Size() == 0 {
		word.Or(bit)
		return it, q.isEmpty()
	}
	if q.holds(it) {
		return it, true
	}
	want, err := s.contentOf(x, pos, it)
	if err != nil {
		return nil, true
	}
	q.resolve()
	return it, q.Body == want
}

func (s *singles) contentOf(x *Index, pos int32, it *cassettes.Interaction) (rule.Content, error) {
	s.mu.Lock()
	c, ok := s.contents[pos]
	s.mu.Unlock()
	if ok {
		return c, nil
	}
	c, err := x.contentOf(it)
	if err == nil {
		s.mu.Lock()
		s.contents[pos] = c
		s.mu.Unlock()
	}
	return c, err
}

// isEmpty reports whether the request has no body.
func (q *Query) isEmpty() bool {
	if q.Digest != nil && !q.resolved {
		if body, ok := q.Digest.Held(); ok {
			return len(body) == 0
		}
	}
	q.resolve()
	return q.Body == rule.NoContent
}

// holds reports whether the request's body has the bytes of a recorded one, as far as
// that is known without parsing.
func (q *Query) holds(it *cassettes.Interaction) bool {
	if q.Digest == nil || q.resolved || it.Request == nil {
		return false
	}
	body, ok := q.Digest.Held()
	recorded := &it.Request.Body
	return ok && recorded.File == nil && len(body) == len(recorded.Data) && bytes.Equal(body, recorded.Data)
}

// HasContent reports whether the recorded request at pos has the body that d has
// taken in, but for values that clients make up. One that cannot be read has every body.
func (x *Index) HasContent(pos int32, d *rule.Digest) bool {
	q := Query{Digest: d}
	if _, same := x.singles.same(x, pos, &q); same {
		return true
	}
	_, _, ok := x.inventions.pairs(pos, &q)
	if ok {
		x.inventions.bind(&Claim{Pos: pos}, &q)
	}
	return ok
}
