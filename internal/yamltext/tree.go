package yamltext

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Tree is a parsed piece of YAML. Its nodes are known by index; 0 is the root,
// and stands for "none" where a method returns a node. Nodes hold no pointers,
// so that the garbage collector does not scan them.
type Tree struct {
	// Comment is the line of the first comment; 0 if there is none.
	Comment int

	input []byte // the nodes' texts are ranges of it
	nodes []node
}

// Kind says whether a node is a scalar or a collection.
type Kind uint8

// Kinds of nodes.
const (
	Scalar Kind = iota
	Mapping
	Sequence
)

type style uint8

const (
	plain  style = iota
	quoted       // text is what stands between the quotes, escapes and all
	exact        // text is the string itself
)

// node is a node of a tree. Its children are linked by index; those of a
// mapping are keys and values in turn.
type node struct {
	kind        Kind
	style       style
	binary      bool // !!binary
	line        int32
	from, to    int32 // of the text in input
	first, next int32
}

// Raw returns the text of the scalar i as it stands in the file, escapes
// included. It aliases the text that was parsed.
func (t *Tree) Raw(i int) []byte { return t.input[t.nodes[i].from:t.nodes[i].to] }

// Kind returns the kind of node i.
func (t *Tree) Kind(i int) Kind { return t.nodes[i].kind }

// Line returns the number of the line on which node i begins, from 1; 0 if it
// came from JSON.
func (t *Tree) Line(i int) int { return int(t.nodes[i].line) }

// link adds n after its sibling prev, or as parent's first child, and returns
// its index.
func (t *Tree) link(parent, prev int, n node) int {
	at := len(t.nodes)
	t.nodes = append(t.nodes, n)
	if prev == 0 {
		t.nodes[parent].first = int32(at)
	} else {
		t.nodes[prev].next = int32(at)
	}
	return at
}

// Children ranges over the children of node i in order; those of a mapping are
// its keys and values in turn.
func (t *Tree) Children(i int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for c := t.nodes[i].first; c != 0; c = t.nodes[c].next {
			if !yield(int(c)) {
				return
			}
		}
	}
}

// Pairs ranges over the keys of the mapping i and their values.
func (t *Tree) Pairs(i int) func(yield func(k, v int) bool) {
	return func(yield func(k, v int) bool) {
		for k := t.nodes[i].first; k != 0; {
			v := t.nodes[k].next
			if !yield(int(k), int(v)) {
				return
			}
			k = t.nodes[v].next
		}
	}
}

// Len returns the number of children of node i: of a mapping, twice that of its
// keys.
func (t *Tree) Len(i int) (n int) {
	for c := t.nodes[i].first; c != 0; c = t.nodes[c].next {
		n++
	}
	return n
}

// Element returns child n of node at, or at itself if it has fewer.
func (t *Tree) Element(at, n int) int {
	for c := range t.Children(at) {
		if n--; n < 0 {
			return c
		}
	}
	return at
}

// Lookup returns the value of key in node i, or 0 if i is no mapping or has no
// such key.
func (t *Tree) Lookup(i int, key string) int {
	if t.Kind(i) != Mapping {
		return 0
	}
	for k, v := range t.Pairs(i) {
		if t.Is(k, key) {
			return v
		}
	}
	return 0
}

// Is reports whether node i is the string s.
func (t *Tree) Is(i int, s string) bool {
	if t.IsVerbatim(i) {
		return string(t.Raw(i)) == s
	}
	got, err := t.Text(i)
	return err == nil && got == s
}

// IsVerbatim reports whether node i is a string that Raw returns as it is meant.
func (t *Tree) IsVerbatim(i int) bool {
	n := &t.nodes[i]
	return n.kind == Scalar && !n.binary &&
		(n.style != quoted || bytes.IndexByte(t.Raw(i), '\\') < 0) && !t.IsNull(i)
}

// HasTuple reports whether the list i, 0 for none, has an element that is a
// list and begins with the string mark.
func (t *Tree) HasTuple(i int, mark string) bool {
	if i == 0 {
		return false
	}
	for v := range t.Children(i) {
		if first := t.nodes[v].first; first != 0 && t.Is(int(first), mark) {
			return true
		}
	}
	return false
}

// IsNull reports whether node i is YAML's null.
func (t *Tree) IsNull(i int) bool {
	n := &t.nodes[i]
	if n.kind != Scalar || n.style != plain || n.binary {
		return false
	}
	switch string(t.Raw(i)) {
	case "", "~", "null", "Null", "NULL":
		return true
	}
	return false
}

// Bytes returns the bytes that the scalar i means, in memory of their own; nil
// for null. It fails for a collection and for malformed base64.
func (t *Tree) Bytes(i int) ([]byte, error) {
	n := &t.nodes[i]
	switch {
	case n.kind != Scalar:
		return nil, fmt.Errorf("want a string, not %s", t.Describe(i))
	case t.IsNull(i):
		return nil, nil
	}
	text := t.Raw(i)
	switch {
	case n.style == quoted:
		text = Unquote(make([]byte, 0, len(text)), text)
	case !n.binary:
		text = append(make([]byte, 0, len(text)), text...)
	}
	if !n.binary {
		return text, nil
	}
	raw, err := base64.StdEncoding.AppendDecode(nil, text)
	if err != nil {
		return nil, fmt.Errorf("want base64 after !!binary: %v", err)
	}
	return raw, nil
}

// Text returns the string that the scalar i means; see Bytes.
func (t *Tree) Text(i int) (string, error) {
	if t.IsVerbatim(i) {
		return string(t.Raw(i)), nil
	}
	b, err := t.Bytes(i)
	return string(b), err
}

// Int returns the integer that node i means. It fails for anything else.
func (t *Tree) Int(i int) (int64, error) {
	if n := &t.nodes[i]; n.kind == Scalar && n.style == plain && !n.binary {
		if v, err := strconv.ParseInt(string(t.Raw(i)), 10, 64); err == nil {
			return v, nil
		}
	}
	return 0, fmt.Errorf("want an integer, not %s", t.Describe(i))
}

// Duration returns the duration that node i means, written as 1.5ms. It fails
// for anything else.
func (t *Tree) Duration(i int) (time.Duration, error) {
	if t.IsVerbatim(i) {
		if d, err := time.ParseDuration(string(t.Raw(i))); err == nil {
			return d, nil
		}
	}
	return 0, fmt.Errorf("want a duration like 1.5ms, not %s", t.Describe(i))
}

// Describe names node i in an error: a short string quoted, a collection by its
// kind.
func (t *Tree) Describe(i int) string {
	switch t.Kind(i) {
	case Mapping:
		return "a mapping"
	case Sequence:
		return "a list"
	}
	s, _ := t.Text(i)
	const most = 40
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strconv.Quote(s)
}

// Same reports whether node i of a and node j of b mean the same. Null is the
// same as an empty string or collection, as it is for go-vcr; two durations are
// the same however they are written.
func Same(a *Tree, i int, b *Tree, j int) bool {
	if a.Kind(i) == Scalar && b.Kind(j) == Scalar {
		return sameScalar(a, i, b, j)
	}
	if a.IsNull(i) || b.IsNull(j) {
		return a.Len(i)+b.Len(j) == 0
	}
	if a.Kind(i) != b.Kind(j) || a.Len(i) != b.Len(j) {
		return false
	}
	c, d := a.nodes[i].first, b.nodes[j].first
	for ; c != 0; c, d = a.nodes[c].next, b.nodes[d].next {
		if !Same(a, int(c), b, int(d)) {
			return false
		}
	}
	return true
}

func sameScalar(a *Tree, i int, b *Tree, j int) bool {
	s, err1 := a.Text(i)
	t, err2 := b.Text(j)
	if err1 != nil || err2 != nil || s == t {
		return err1 == nil && err2 == nil
	}
	d, err1 := a.Duration(i)
	f, err2 := b.Duration(j)
	return err1 == nil && err2 == nil && d == f
}

// First returns the first child of node i, or 0.
func (t *Tree) First(i int) int { return int(t.nodes[i].first) }

// IsQuoted reports whether the scalar i stands between double quotes. It is
// false for all scalars that Decode and DecodeJSON read.
func (t *Tree) IsQuoted(i int) bool { return t.nodes[i].style == quoted }

// IsPlain reports whether the scalar i, which Decode or DecodeJSON read, is no
// string, but a number, say, or null.
func (t *Tree) IsPlain(i int) bool { return t.nodes[i].style == plain }

// IsBinary reports whether the scalar i is bytes that stand there in base64.
func (t *Tree) IsBinary(i int) bool { return t.nodes[i].binary }
