package causal

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/wiretape/wiretape/internal/product"
	"github.com/wiretape/wiretape/internal/target"
)

// Names says what names a thing in a product's requests.
type Names product.Things

// name is a thing: a collection and an item in it.
type name struct{ collection, item string }

// segments returns the segments of a target's path.
func segments(target string) []string {
	path, _, _ := strings.Cut(target, "?")
	if _, rest, ok := strings.Cut(path, "://"); ok {
		_, path, _ = strings.Cut(rest, "/")
	}
	return strings.Split(strings.Trim(path, "/"), "/")
}

// path returns the segments of a target's path, without version and skipped
// ones.
func (t Names) path(uri string) []string {
	segments := segments(uri)
	for len(segments) > 0 && (target.IsVersion(segments[0]) || slices.Contains(t.Skip, segments[0])) {
		segments = segments[1:]
	}
	return segments
}

// of returns the thing that a request names, if there is one.
func (t Names) of(e *Exchange) (n name, ok bool) {
	if n, ok := special(segments(e.Target)); ok {
		return n, n.item != ""
	}
	segments := t.path(e.Target)
	if len(segments) > 1 && segments[1] != "" && !slices.Contains(t.Verbs, segments[1]) {
		item, err := url.PathUnescape(segments[1])
		if err != nil {
			item = segments[1]
		}
		return name{segments[0], item}, true
	}
	asked := query(e.Target)
	if n, ok := t.filtered(asked.Get("filters")); ok {
		return n, true
	}
	if e.Session != "" {
		return name{"session", e.Session}, true
	}
	if s := asked.Get("session"); s != "" {
		return name{"session", s}, true
	}
	return name{}, false
}

// special returns the thing that a path names in an API whose paths are not made
// of collections and items; without an item it names nothing. It reports false
// for the paths of other APIs.
func special(segments []string) (name, bool) {
	for _, p := range product.Profiles() {
		if p.Thing == nil {
			continue
		}
		if collection, item, ok := p.Thing(segments); ok {
			return name{collection, item}, true
		}
	}
	return name{}, false
}

// passive reports whether a request changes nothing, although its method may.
func (t Names) passive(e *Exchange) bool {
	segments := t.path(e.Target)
	return len(segments) == 3 && slices.Contains(t.Passive, segments[2])
}

// query returns a target's query.
func query(target string) url.Values {
	_, query, _ := strings.Cut(target, "?")
	if query == "" {
		return nil
	}
	values, _ := url.ParseQuery(query)
	return values
}

// filtered returns the one item to which a filters parameter narrows a request,
// as {"container":{"ID":true}} or {"container":["ID"]}.
func (t Names) filtered(filters string) (name, bool) {
	var byKey map[string]json.RawMessage
	if filters == "" || json.Unmarshal([]byte(filters), &byKey) != nil {
		return name{}, false
	}
	var named []name
	for key, raw := range byKey {
		if collection, ok := t.Filters[key]; ok {
			for _, item := range listed(raw) {
				named = append(named, name{collection, item})
			}
		}
	}
	if len(named) != 1 {
		return name{}, false
	}
	return named[0], true
}

// listed returns the members of a filter.
func listed(raw json.RawMessage) (items []string) {
	if json.Unmarshal(raw, &items) == nil {
		return items
	}
	var set map[string]bool
	if json.Unmarshal(raw, &set) != nil {
		return nil
	}
	return slices.Collect(maps.Keys(set))
}

// resources are the things that exchanges speak of, numbered.
type resources struct {
	of     []int // by exchange, -1: nothing
	parent []int // by resource, -1: none
}

// nameResources finds which exchanges speak of the same thing. A thing has
// several names: the identifier that its creation answered, the name it was
// given, and prefixes of the identifier.
func nameResources(exchanges []Exchange, names Names) resources {
	u := union{index: map[name]int{}}
	of := make([]int, len(exchanges))
	parents := map[int]int{} // nodes, not yet joined
	for i := range exchanges {
		e := &exchanges[i]
		of[i] = -1
		n, named := names.of(e)
		if named {
			of[i] = u.node(n)
		}
		if e.Status/100 != 2 || len(e.IDs) == 0 {
			continue
		}
		segments := names.path(e.Target)
		if len(segments) == 0 {
			continue // only a version
		}
		last := segments[len(segments)-1]
		switch {
		case named && e.Status == 201 && last != n.item:
			child := u.node(name{last, e.IDs[0]})
			parents[child] = of[i]
			of[i] = child
		case named && n.collection != "session":
			u.join(of[i], u.node(name{n.collection, e.IDs[0]}))
		case !named && len(segments) > 1:
			of[i] = u.node(name{segments[0], e.IDs[0]})
			if given := query(e.Target).Get("name"); given != "" {
				u.join(of[i], u.node(name{segments[0], given}))
			}
		}
	}
	u.joinPrefixes()
	return u.number(of, parents)
}

// union is a disjoint-set forest of names.
type union struct {
	index map[name]int
	names []name
	up    []int
}

// node returns the node of a name.
func (u *union) node(n name) int {
	if i, ok := u.index[n]; ok {
		return i
	}
	i := len(u.up)
	u.index[n] = i
	u.names = append(u.names, n)
	u.up = append(u.up, i)
	return i
}

func (u *union) find(i int) int {
	for u.up[i] != i {
		u.up[i] = u.up[u.up[i]]
		i = u.up[i]
	}
	return i
}

func (u *union) join(a, b int) { u.up[u.find(b)] = u.find(a) }

// joinPrefixes joins an item that is a prefix of one identifier only (12 of 64
// hexadecimal digits, as people type them) with that one.
func (u *union) joinPrefixes() {
	full := map[string][]int{} // collection and first 4 digits -> nodes
	key := func(n name) string { return n.collection + "/" + n.item[:4] }
	for i, n := range u.names {
		if len(n.item) == 64 && isHex(n.item) {
			full[key(n)] = append(full[key(n)], i)
		}
	}
	for i, n := range u.names {
		if len(n.item) < 4 || len(n.item) == 64 || !isHex(n.item) {
			continue
		}
		match, count := 0, 0
		for _, f := range full[key(n)] {
			if strings.HasPrefix(u.names[f].item, n.item) {
				match, count = f, count+1
			}
		}
		if count == 1 {
			u.join(match, i)
		}
	}
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// number numbers the joined names from 0.
func (u *union) number(of []int, parents map[int]int) resources {
	r := resources{of: of}
	numbers := map[int]int{}
	number := func(node int) int {
		root := u.find(node)
		n, ok := numbers[root]
		if !ok {
			n = len(r.parent)
			numbers[root] = n
			r.parent = append(r.parent, -1)
		}
		return n
	}
	for i, node := range of {
		if node >= 0 {
			of[i] = number(node)
		}
	}
	for _, child := range slices.Sorted(maps.Keys(parents)) {
		parent := parents[child]
		if c, p := number(child), number(parent); c != p {
			r.parent[c] = p
		}
	}
	return r
}
