package index

import (
	"hash/maphash"
	"slices"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/target"
	"github.com/wiretape/wiretape/replay/internal/issued"
	"github.com/wiretape/wiretape/replay/internal/rule"
)

// groups are the interactions by the keys of their requests.
type groups struct {
	seeds [2]maphash.Seed
	byKey map[key]int32 // number in all
	all   []Group
}

// key is the hash of a request's key, which would itself take most of the memory of
// an index. Two seeds make the hash so long that no two keys share one by chance.
type key [2]uint64

func newGroups(n int) groups {
	return groups{
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		byKey: make(map[key]int32, n),
		all:   make([]Group, 0, n),
	}
}

func (g *groups) len() int { return len(g.all) }

func (g *groups) hash(b []byte) key {
	return key{maphash.Bytes(g.seeds[0], b), maphash.Bytes(g.seeds[1], b)}
}

// file puts an interaction into the group of a key.
func (g *groups) file(b []byte, pos int32, r *rule.Rule) {
	k := g.hash(b)
	if at, ok := g.byKey[k]; ok {
		g.all[at].add(pos, r)
		return
	}
	g.byKey[k] = int32(len(g.all))
	g.all = append(g.all, newGroup(pos, r))
}

// find returns the group of a key, or nil.
func (g *groups) find(b []byte) *Group {
	if at, ok := g.byKey[g.hash(b)]; ok {
		return &g.all[at]
	}
	return nil
}

// carry prepares the groups for requests that carry issued values.
func (g *groups) carry(book *issued.Book, r *rule.Rule) {
	carries := func(pos int32) bool { return len(book.Refs(pos)) > 0 }
	for i := range g.all {
		group := &g.all[i]
		if group.more == nil && carries(group.first) {
			group.more = newEquals(group.first, r)
		}
		if group.more != nil {
			group.more.carries = slices.ContainsFunc(group.more.all, carries)
		}
	}
}

// any reports whether a group is as is says.
func (g *groups) any(is func(*Group) bool) bool {
	for i := range g.all {
		if is(&g.all[i]) {
			return true
		}
	}
	return false
}

func (g *groups) reset() {
	for i := range g.all {
		if more := g.all[i].more; more != nil {
			more.reset()
		}
	}
}

// recordedKey returns the key of a recorded request, issued values not masked.
func recordedKey(k *rule.Keyer, e cassettes.Entry) []byte {
	host, _, _ := target.Cut(e.URL)
	return rule.Key(k, e.Method, e.URL, host)
}
