package cassettes

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A tree is a parsed piece of YAML: the form that both ways of reading a
// cassette bring it into, so that what it means is decided once. It has no
// pointers but two, so that the collector does not look at its nodes.
type tree struct {
	input   []byte // what the nodes' texts are taken from
	nodes   []node
	comment int // line of the first comment; 0 where there is none
	most    int // how many nodes, and bytes of input, are accepted
}

type kind uint8

const (
	scalar kind = iota
	mapping
	sequence
)

type style uint8

const (
	plain  style = iota
	quoted       // text is what stands between the quotes, escapes and all
	exact        // text is the string itself
)

// node is a node of a tree. Its children, in a mapping keys and values in
// turn, are linked by index; 0, the root, stands for none.
type node struct {
	kind        kind
	style       style
	binary      bool // !!binary
	line        int32
	from, to    int32 // of the text in input
	first, next int32
}

// raw returns the node's text as it stands in input.
func (t *tree) raw(i int) []byte { return t.input[t.nodes[i].from:t.nodes[i].to] }

// kind returns what the node is.
func (t *tree) kind(i int) kind { return t.nodes[i].kind }

// lineOf returns the number of the line on which the node begins.
func (t *tree) lineOf(i int) int { return int(t.nodes[i].line) }

// link adds n after its sibling prev, or as parent's first child, and returns
// its index.
func (t *tree) link(parent, prev int, n node) int {
	at := len(t.nodes)
	t.nodes = append(t.nodes, n)
	if prev == 0 {
		t.nodes[parent].first = int32(at)
	} else {
		t.nodes[prev].next = int32(at)
	}
	return at
}

// children ranges over the indexes of a node's children.
func (t *tree) children(i int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for c := t.nodes[i].first; c != 0; c = t.nodes[c].next {
			if !yield(int(c)) {
				return
			}
		}
	}
}

// pairs ranges over the keys of a mapping and their values, as indexes.
func (t *tree) pairs(i int) func(yield func(k, v int) bool) {
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

// len returns the number of a node's children.
func (t *tree) len(i int) (n int) {
	for c := t.nodes[i].first; c != 0; c = t.nodes[c].next {
		n++
	}
	return n
}

// element returns child n of the node at, or that node where it has no such.
func (t *tree) element(at, n int) int {
	for c := range t.children(at) {
		if n--; n < 0 {
			return c
		}
	}
	return at
}

// lookup returns the value of a key in the mapping at i, or 0. Where i is no
// mapping, there is none.
func (t *tree) lookup(i int, key string) int {
	if t.kind(i) != mapping {
		return 0
	}
	for k, v := range t.pairs(i) {
		if t.is(k, key) {
			return v
		}
	}
	return 0
}

// is reports whether the node is that string.
func (t *tree) is(i int, s string) bool {
	if t.isVerbatim(i) {
		return string(t.raw(i)) == s
	}
	got, err := t.str(i)
	return err == nil && got == s
}

// isVerbatim reports whether the node is a string whose text is what it means.
func (t *tree) isVerbatim(i int) bool {
	n := &t.nodes[i]
	return n.kind == scalar && !n.binary &&
		(n.style != quoted || bytes.IndexByte(t.raw(i), '\\') < 0) && !t.isNull(i)
}

// marks reports whether the list at i, 0 for none, has a tuple that begins
// with mark.
func (t *tree) marks(i int, mark string) bool {
	if i == 0 {
		return false
	}
	for v := range t.children(i) {
		if first := t.nodes[v].first; first != 0 && t.is(int(first), mark) {
			return true
		}
	}
	return false
}

// isNull reports whether the node is YAML's null.
func (t *tree) isNull(i int) bool {
	n := &t.nodes[i]
	if n.kind != scalar || n.style != plain || n.binary {
		return false
	}
	switch string(t.raw(i)) {
	case "", "~", "null", "Null", "NULL":
		return true
	}
	return false
}

// decode returns the bytes that the node means, in storage of their own.
func (t *tree) decode(i int) ([]byte, error) {
	n := &t.nodes[i]
	switch {
	case n.kind != scalar:
		return nil, fmt.Errorf("want a string, not %s", t.describe(i))
	case t.isNull(i):
		return nil, nil
	}
	text := t.raw(i)
	switch {
	case n.style == quoted:
		text = unquote(make([]byte, 0, len(text)), text)
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

// str returns the string that the node means.
func (t *tree) str(i int) (string, error) {
	if t.isVerbatim(i) {
		return string(t.raw(i)), nil
	}
	b, err := t.decode(i)
	return string(b), err
}

// integer returns the integer that the node means.
func (t *tree) integer(i int) (int64, error) {
	if n := &t.nodes[i]; n.kind == scalar && n.style == plain && !n.binary {
		if v, err := strconv.ParseInt(string(t.raw(i)), 10, 64); err == nil {
			return v, nil
		}
	}
	return 0, fmt.Errorf("want an integer, not %s", t.describe(i))
}

// elapsed returns the duration that the node means.
func (t *tree) elapsed(i int) (time.Duration, error) {
	if t.isVerbatim(i) {
		if d, err := time.ParseDuration(string(t.raw(i))); err == nil {
			return d, nil
		}
	}
	return 0, fmt.Errorf("want a duration like 1.5ms, not %s", t.describe(i))
}

// describe names the node in an error.
func (t *tree) describe(i int) string {
	switch t.kind(i) {
	case mapping:
		return "a mapping"
	case sequence:
		return "a list"
	}
	s, _ := t.str(i)
	const most = 40
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strconv.Quote(s)
}
