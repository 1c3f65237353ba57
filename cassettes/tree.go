package cassettes

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A tree is a parsed piece of YAML: the form that both ways of reading a
// cassette bring it into, so that what it means is decided once.
type tree struct {
	nodes   []node
	comment int // line of the first comment; 0 where there is none
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
	kind   kind
	style  style
	binary bool // !!binary
	line   int
	text   []byte
	first  int
	next   int
}

// link adds n after its sibling prev, or as parent's first child, and returns
// its index.
func (t *tree) link(parent, prev int, n node) int {
	t.nodes = append(t.nodes, n)
	at := len(t.nodes) - 1
	if prev == 0 {
		t.nodes[parent].first = at
	} else {
		t.nodes[prev].next = at
	}
	return at
}

// lookup returns the value of a key in the mapping at i, or 0. Where i is no
// mapping, there is none.
func (t *tree) lookup(i int, key string) int {
	if t.nodes[i].kind != mapping {
		return 0
	}
	for k, v := range t.pairs(i) {
		if t.nodes[k].kind == scalar && string(t.nodes[k].text) == key {
			return v
		}
	}
	return 0
}

// isNull reports whether n is YAML's null.
func (n *node) isNull() bool {
	if n.kind != scalar || n.style != plain || n.binary {
		return false
	}
	switch string(n.text) {
	case "", "~", "null", "Null", "NULL":
		return true
	}
	return false
}

// bytes returns the string that n is, in storage of its own.
func (n *node) bytes() ([]byte, error) {
	switch {
	case n.kind != scalar:
		return nil, errors.New("want a string")
	case n.isNull():
		return nil, nil
	}
	text := n.text
	if n.style == quoted {
		text = unquote(make([]byte, 0, len(text)), text)
	}
	if !n.binary {
		if n.style != quoted {
			text = append(make([]byte, 0, len(text)), text...)
		}
		return text, nil
	}
	raw, err := base64.StdEncoding.AppendDecode(nil, text)
	if err != nil {
		return nil, fmt.Errorf("want base64 after !!binary: %v", err)
	}
	return raw, nil
}

// string returns the string that n is.
func (n *node) string() (string, error) {
	if n.kind == scalar && n.style == plain && !n.binary && !n.isNull() {
		return string(n.text), nil
	}
	b, err := n.bytes()
	return string(b), err
}

// int returns the integer that n is.
func (n *node) int() (int64, error) {
	if n.kind == scalar && n.style == plain && !n.binary {
		if v, err := strconv.ParseInt(string(n.text), 10, 64); err == nil {
			return v, nil
		}
	}
	return 0, fmt.Errorf("want an integer, not %s", n.describe())
}

// duration returns the duration that n is.
func (n *node) duration() (time.Duration, error) {
	if n.kind == scalar && !n.binary {
		if s, err := n.string(); err == nil {
			if d, err := time.ParseDuration(s); err == nil {
				return d, nil
			}
		}
	}
	return 0, fmt.Errorf("want a duration like 1.5ms, not %s", n.describe())
}

// describe names n in an error.
func (n *node) describe() string {
	switch n.kind {
	case mapping:
		return "a mapping"
	case sequence:
		return "a list"
	}
	s, _ := n.string()
	const most = 40
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strconv.Quote(s)
}

// children ranges over the indexes of a node's children.
func (t *tree) children(i int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for c := t.nodes[i].first; c != 0; c = t.nodes[c].next {
			if !yield(c) {
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
			if !yield(k, v) {
				return
			}
			k = t.nodes[v].next
		}
	}
}

// len returns the number of a node's children.
func (t *tree) len(i int) (n int) {
	for range t.children(i) {
		n++
	}
	return n
}

// unquote appends what the text between double quotes means: it is what the
// parser let through.
func unquote(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c != '\\' {
			start := i
			for i < len(text) && text[i] != '\\' {
				i++
			}
			dst = append(dst, text[start:i]...)
			continue
		}
		c = text[i+1]
		i += 2
		switch c {
		case '\n':
			for i < len(text) && text[i] == ' ' {
				i++
			}
		case 'x', 'u', 'U':
			n := hexLen(c)
			v, _ := strconv.ParseUint(string(text[i:i+n]), 16, 32)
			dst = utf8.AppendRune(dst, rune(v))
			i += n
		default:
			dst = append(dst, unescapes[c])
		}
	}
	return dst
}

// hexLen is the number of digits after \x, \u or \U.
func hexLen(c byte) int {
	switch c {
	case 'x':
		return 2
	case 'u':
		return 4
	}
	return 8
}

// unescapes is what the short escapes mean; 0 beside "0" is not one.
var unescapes = func() (t [256]byte) {
	for b, c := range shortEscapes {
		if c != 0 {
			t[c] = byte(b)
		}
	}
	t[' '] = ' '
	return t
}()
