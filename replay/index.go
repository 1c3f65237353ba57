package replay

import (
	"fmt"
	"hash/maphash"
	"sort"
	"sync/atomic"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/issued"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/internal/target"
	"github.com/wiretape/wiretape/replay/internal/plan"
)

// index finds the interactions that answer a request. It is made of what
// cassettes know of their items before they are read, and what it costs to ask
// does not depend on how many there are. It alone says what was played.
//
// An interaction is named by its position: cassettes in their order, items in
// theirs, so that the lowest position is the first unplayed one.
type index struct {
	cassettes []*cassettes.Cassette
	first     []int // position of each cassette's first item; then their sum
	// rules mask what every cassette's rules mask: in requests, before they
	// are looked up, and once more in what was recorded, so that both sides
	// look the same whatever cassette has masked what.
	rules *redact.Rules
	// rule says what a request must agree on.
	rule *rule

	seeds  [2]maphash.Seed
	byKey  map[key]int32 // number of a group
	groups []group
	played []atomic.Bool // by position
	kept   *plan.Cache

	resets  bool     // a server may have reset a connection
	stories *stories // nil: nothing was issued
	streams streams
	rests   map[int32]*rest // by position of the exchange before
	ends    ends
}

// key is the hash of what a request is found by. Two seeds make it so long
// that two keys are never equal by chance.
type key [2]uint64

// newIndex indexes the items of cs, to be found as r says, with what b says of
// issued values.
func newIndex(cs []*cassettes.Cassette, r *rule, b Bind) (*index, error) {
	x := &index{cassettes: cs, rule: r, seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
	var names []string
	n := 0
	for _, c := range cs {
		x.first = append(x.first, n)
		n += c.Len()
		names = append(names, c.Header.Redaction...)
		x.resets = x.resets || c.MayReset()
	}
	x.first = append(x.first, n)
	if len(names) > 0 {
		rules, err := redact.Parse(names)
		if err != nil {
			return nil, fmt.Errorf("index the cassettes: %w", err)
		}
		x.rules = rules
	}
	x.played = make([]atomic.Bool, n)
	x.kept = plan.NewCache(n)
	x.byKey = make(map[key]int32, n)
	x.groups = make([]group, 0, n)
	x.build(b)
	return x, x.streams.read(x)
}

// build makes the groups.
func (x *index) build(b Bind) {
	x.stories = x.newStories(b)
	var m masker
	for ci, c := range x.cassettes {
		for i := range c.Len() {
			pos := int32(x.first[ci] + i)
			e := c.Entry(i)
			if e.Method == "" {
				x.streams.add(pos)
				continue
			}
			key := x.recordedKey(&m, e)
			if x.rule.serves(m.key) {
				x.file(x.keyHash(key), pos)
			}
		}
	}
	if x.stories != nil {
		x.carry(x.stories.Book)
	}
}

// file puts an interaction into the group of a key.
func (x *index) file(k key, pos int32) {
	if at, ok := x.byKey[k]; ok {
		x.groups[at].add(pos)
		return
	}
	x.byKey[k] = int32(len(x.groups))
	x.groups = append(x.groups, newGroup(pos, x.rule))
}

func (x *index) hash(b []byte) key {
	return key{maphash.Bytes(x.seeds[0], b), maphash.Bytes(x.seeds[1], b)}
}

// len returns the number of items.
func (x *index) len() int { return len(x.played) }

// find returns the interactions that a request's method and target leave to
// choose from, or nil, and which issued values the target mentions. Host is the
// one that the request went to.
func (x *index) find(m *masker, h *http1.MessageHead, host []byte) (*group, []issued.Ref) {
	key := keyOf(x, m, h.Method, h.Target, host)
	var refs []issued.Ref
	if x.stories != nil {
		key, refs = x.stories.Book.Mask(nil, key, nil)
	}
	at, ok := x.byKey[x.hash(key)]
	if !ok {
		return nil, refs
	}
	return &x.groups[at], refs
}

// groupOf returns the group of a recorded request, or nil.
func (x *index) groupOf(pos int32) *group {
	var m masker
	if at, ok := x.byKey[x.keyHash(x.recordedKey(&m, x.entry(pos)))]; ok {
		return &x.groups[at]
	}
	return nil
}

// keyHash returns the hash of a key, issued values masked.
func (x *index) keyHash(b []byte) key {
	if x.stories != nil {
		b, _ = x.stories.Book.Mask(nil, b, nil)
	}
	return x.hash(b)
}

// recordedKey returns what a recorded request is found by, issued values aside.
func (x *index) recordedKey(m *masker, e cassettes.Entry) []byte {
	host, _, _ := target.Cut(e.URL)
	return keyOf(x, m, e.Method, e.URL, host)
}

// locate returns the cassette of a position, and the item's number in it.
func (x *index) locate(pos int32) (*cassettes.Cassette, int) {
	ci := x.cassetteOf(pos)
	return x.cassettes[ci], int(pos) - x.first[ci]
}

// cassetteOf returns the number of a position's cassette.
func (x *index) cassetteOf(pos int32) int { return sort.SearchInts(x.first, int(pos)+1) - 1 }

// entry returns what is known of an item before it is read.
func (x *index) entry(pos int32) cassettes.Entry {
	c, i := x.locate(pos)
	return c.Entry(i)
}

// item reads an item.
func (x *index) item(pos int32) (*cassettes.Interaction, error) {
	c, i := x.locate(pos)
	it, err := c.Interaction(i)
	if err != nil {
		return nil, x.readError(pos, err)
	}
	if r := x.rests[pos]; r != nil && r.turns >= 0 && it.Turns == nil {
		last, err := x.item(r.turns)
		if err != nil {
			return nil, err
		}
		it.Turns = last.Turns
	}
	return it, nil
}

// readError returns err, which came while an item was read, with the item's name
// and what to do.
func (x *index) readError(pos int32, err error) error {
	c, i := x.locate(pos)
	return fmt.Errorf("read interaction %d of %s: %w (cassette verify says what is wrong with it)", c.Entry(i).ID, c.Name, err)
}

// play marks an item as played and reports whether it was not.
func (x *index) play(pos int32) bool { return x.played[pos].CompareAndSwap(false, true) }

// unplay takes back that an item was played.
func (x *index) unplay(pos int32) {
	x.streams.mu.Lock()
	defer x.streams.mu.Unlock()
	x.played[pos].Store(false)
	x.streams.low = min(x.streams.low, int(pos))
}

// count makes an item count as played, or no more, for the requests to come.
func (x *index) count(pos int32, played bool) {
	if played {
		x.play(pos)
	} else {
		x.unplay(pos)
	}
	if g := x.groupOf(pos); g != nil && g.more != nil {
		g.more.changed(x, pos)
	}
}
