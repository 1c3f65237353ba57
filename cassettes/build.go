package cassettes

import (
	"fmt"
	"math"
	"time"

	"github.com/wiretape/wiretape/internal/vcrhead"
	"github.com/wiretape/wiretape/internal/yamltext"
)

// builder makes what a tree means of it. The first error stays; all that
// comes after it does nothing.
type builder struct {
	*yamltext.Tree
	c   *Cassette
	l   *listing // that an entry is for
	id  int      // of the item
	src []byte   // of the item, where it is in the canonical layout
	err error

	// Memory that is used again.
	own yamltext.Parser
	buf []byte
}

// entry returns what is known of the item at index at of t, which is to be added
// to l.
func (c *Cassette) entry(l *listing, t *yamltext.Tree, at int) (place, error) {
	b := &builder{Tree: t, c: c, l: l}
	p := place{Entry: Entry{Line: t.Line(at)}}
	if t.Kind(at) != yamltext.Mapping {
		b.fail(at, "interaction: want a mapping, not %s", t.Describe(at))
		return p, b.err
	}
	if id := t.Lookup(at, "id"); id != 0 {
		p.ID = b.count(id)
	}
	wire := t.Lookup(at, "wire")
	if request := t.Lookup(at, "request"); request != 0 {
		p.URL = b.textOf(request, "url")
		p.Method = b.methodOf(request)
	}
	if wire != 0 && p.URL == "" && p.Method == "" {
		b.entryOfHead(&p.Entry, wire)
	}
	if wire != 0 && t.Kind(wire) == yamltext.Mapping {
		b.entryOfWire(&p.Entry, wire)
	}
	return p, b.err
}

// entryOfWire takes from the mapping wire what an entry has of it.
func (b *builder) entryOfWire(e *Entry, wire int) {
	for k, v := range b.Pairs(wire) {
		switch {
		case b.Is(k, "session"):
			e.Session = b.count(v)
		case b.Is(k, "conn"):
			e.Conn = b.count(v)
		case b.l.resets:
		case b.Is(k, "response"):
			b.l.resets = b.HasTuple(b.Lookup(v, "closed"), "reset")
		case b.Is(k, "turns"):
			b.l.resets = b.HasTuple(v, "server-reset")
		case b.Is(k, "turns_file"):
			b.l.resets = true // it may be there
		}
	}
}

// methodOf returns the method of a request, in most cases that of the one
// before.
func (b *builder) methodOf(request int) string {
	v := b.Lookup(request, "method")
	if v != 0 && !b.Is(v, b.l.method) {
		b.l.method = b.text(v)
	}
	if v == 0 {
		return ""
	}
	return b.l.method
}

// textOf returns the string under a key of the mapping at, "" where there is
// none.
func (b *builder) textOf(at int, key string) string {
	if v := b.Lookup(at, key); v != 0 {
		return b.text(v)
	}
	return ""
}

// entryOfHead takes method and URL from the request's head under wire, where
// somebody wrote no more than that.
func (b *builder) entryOfHead(e *Entry, wire int) {
	request := b.Lookup(wire, "request")
	if request == 0 {
		return
	}
	var v vcrhead.View
	if head := b.Lookup(request, "head"); head != 0 {
		v.Parse(b.section(head), true)
	} else if raw := b.Lookup(request, "head_raw"); raw != 0 {
		v.Parse(b.data(raw), true)
	}
	method, _, _ := v.RequestLine()
	e.Method, e.URL = string(method), string(v.AppendURL(nil))
}

// fail keeps the first error, at the node's line.
func (b *builder) fail(at int, format string, args ...any) {
	if b.err == nil {
		b.err = &FormatError{File: b.c.Name, Line: b.Line(at), Err: fmt.Errorf(format, args...)}
	}
}

// keys calls f with each key of the mapping at and its value, as long as there
// is no error. Where f returns false, the key is unknown, and that is an
// error. Null is an empty mapping.
func (b *builder) keys(at int, what string, f func(key string, v int) bool) {
	if b.err != nil || b.IsNull(at) {
		return
	}
	if b.Kind(at) != yamltext.Mapping {
		b.fail(at, "%s: want a mapping, not %s", what, b.Describe(at))
		return
	}
	if twice := b.twice(at); twice != 0 {
		b.fail(twice, "%s: the key %s stands here twice", what, b.Describe(twice))
		return
	}
	for k, v := range b.Pairs(at) {
		key := b.text(k)
		if b.err == nil && !f(key, v) {
			b.fail(k, "%s: unknown key %q", what, key)
		}
		if b.err != nil {
			return
		}
	}
}

// twice returns a key of the mapping at that stands there twice, or 0.
func (b *builder) twice(at int) int {
	const few = 32
	if b.Len(at) > 2*few {
		return b.twiceInMany(at)
	}
	for k := range b.Pairs(at) {
		for other := range b.Pairs(at) {
			if other == k {
				break
			}
			if b.sameKey(k, other) {
				return k
			}
		}
	}
	return 0
}

func (b *builder) twiceInMany(at int) int {
	seen := make(map[string]bool)
	for k := range b.Pairs(at) {
		key := b.text(k)
		if seen[key] {
			return k
		}
		seen[key] = true
	}
	return 0
}

// sameKey reports whether two nodes are the same string.
func (b *builder) sameKey(i, j int) bool {
	if b.IsVerbatim(i) {
		return b.Is(j, string(b.Raw(i)))
	}
	s, _ := b.Text(i)
	return b.Is(j, s)
}

// text returns the string at.
func (b *builder) text(at int) string {
	s, err := b.Text(at)
	if err != nil {
		b.fail(at, "%v", err)
	}
	return s
}

// data returns the bytes at.
func (b *builder) data(at int) []byte {
	s, err := b.Bytes(at)
	if err != nil {
		b.fail(at, "%v", err)
	}
	return s
}

// int returns the integer at.
func (b *builder) int(at int) int64 {
	n, err := b.Int(at)
	if err != nil {
		b.fail(at, "%v", err)
	}
	return n
}

// size returns the integer at, which is not negative. A Content-Length of any
// size is one, so sums must be guarded.
func (b *builder) size(at int) int64 {
	n := b.int(at)
	if n < 0 {
		b.fail(at, "want a number of 0 or more, not %d", n)
		return 0
	}
	return n
}

// count returns the integer at, from 0 to what fits an int on any machine.
func (b *builder) count(at int) int {
	n := b.size(at)
	if n > math.MaxInt32 {
		b.fail(at, "want a number of at most %d, not %d", math.MaxInt32, n)
	}
	return int(n)
}

// duration returns the duration at.
func (b *builder) duration(at int) time.Duration {
	d, err := b.Duration(at)
	if err != nil {
		b.fail(at, "%v", err)
	}
	return d
}

// list calls f with the index of each element of the list at.
func (b *builder) list(at int, f func(i, v int)) {
	if b.err != nil || b.IsNull(at) {
		return
	}
	if b.Kind(at) != yamltext.Sequence {
		b.fail(at, "want a list, not %s", b.Describe(at))
		return
	}
	i := 0
	for v := range b.Children(at) {
		if f(i, v); b.err != nil {
			return
		}
		i++
	}
}

// tuple returns the elements of the list at, which has from min to max of
// them.
func (b *builder) tuple(at, min, max int, want string) [4]int {
	var t [4]int
	if n := b.Len(at); b.Kind(at) != yamltext.Sequence || n < min || n > max {
		b.fail(at, "want %s", want)
		return t
	}
	b.list(at, func(i, v int) { t[i] = v })
	return t
}

// texts returns the list of strings at.
func (b *builder) texts(at int) []string {
	var list []string
	b.list(at, func(_, v int) { list = append(list, b.text(v)) })
	return list
}
