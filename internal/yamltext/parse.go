package yamltext

import (
	"bytes"
	"errors"
	"fmt"
)

// ErrLayout says that text is not in the canonical layout. It may still be
// good YAML.
var ErrLayout = errors.New("not in the canonical layout")

// Parser parses the canonical layout: block mappings and sequences indented by
// two, flow collections, plain scalars of few characters, and double-quoted
// scalars. It accepts nothing that a YAML reader reads in another way. Its Tree
// holds the nodes of the last text parsed, and aliases it. The zero value is
// ready, and is best used again: it keeps its memory.
type Parser struct {
	Tree
	pos      int
	NextLine int32 // line of the next text to parse, from 1
	depth    int
}

// maxDepth is how deep collections may nest.
const maxDepth = 32

// Parse parses text, a block mapping whose keys stand at column indent. The
// first key stands at the beginning of text, without its indentation. Line is
// the number of text's first line in the file. It returns ErrLayout if text is
// not in the canonical layout.
func (p *Parser) Parse(text []byte, indent, line int) error {
	p.nodes = append(p.nodes[:0], node{kind: Mapping, line: int32(line)})
	p.input, p.Comment = text, 0
	p.pos, p.NextLine, p.depth = 0, int32(line), 0
	if err := p.mapping(0, indent); err != nil {
		return err
	}
	if p.skipEmpty(); p.pos < len(text) {
		return ErrLayout
	}
	return nil
}

// skipEmpty skips empty lines and lines that are a comment, and returns how
// many spaces stand before the text of the next one, or -1 at the end.
func (p *Parser) skipEmpty() (indent int) {
	for {
		i := p.pos
		for i < len(p.input) && p.input[i] == ' ' {
			i++
		}
		if i == len(p.input) {
			return -1
		}
		if p.input[i] != '\n' && !p.isComment(i) {
			return i - p.pos
		}
		p.pos = i + bytes.IndexByte(p.input[i:], '\n') + 1
		p.NextLine++
	}
}

// isComment reports whether a comment stands from i to the end of the line, and
// keeps the line of the first.
func (p *Parser) isComment(i int) bool {
	if p.input[i] != '#' {
		return false
	}
	for _, c := range p.input[i:] {
		if c == '\n' {
			if p.Comment == 0 {
				p.Comment = int(p.NextLine)
			}
			return true
		}
		if c < ' ' || c > '~' {
			return false
		}
	}
	return false
}

// indented reports whether the next line's text begins at indent, and goes
// there.
func (p *Parser) indented(indent int) bool {
	if p.skipEmpty() != indent {
		return false
	}
	p.pos += indent
	return true
}

// mapping parses a block mapping from the text of its first key on.
func (p *Parser) mapping(at, indent int) error {
	prev := 0
	for {
		key, err := p.key(at, prev, indent)
		if err != nil {
			return err
		}
		if prev, err = p.value(at, key, indent); err != nil {
			return err
		}
		if !p.indented(indent) {
			return nil
		}
	}
}

// longKey is the length from which a YAML key must be announced by "? ".
const longKey = 900

// key parses a key with its colon. "? " announces one that is too long to
// stand on a line with its value.
func (p *Parser) key(at, prev, indent int) (int, error) {
	announced := p.take("? ")
	start := p.pos
	key, err := p.scalar(at, prev)
	if err != nil {
		return 0, err
	}
	switch {
	case !announced && p.pos-start > longKey+len(`!!binary ""`):
		return 0, ErrLayout
	case announced && !(p.newline() && p.indented(indent)):
		return 0, ErrLayout
	case !p.takeByte(':'):
		return 0, ErrLayout
	}
	return key, nil
}

// value parses what follows a key's colon, to the end of its line at least.
func (p *Parser) value(at, key, indent int) (int, error) {
	if p.takeByte(' ') {
		return p.restOfLine(at, key, indent)
	}
	if !p.newline() {
		return 0, ErrLayout
	}
	return p.block(at, key, indent+2)
}

// restOfLine parses a value that ends its line.
func (p *Parser) restOfLine(at, prev, indent int) (int, error) {
	v, err := p.inline(at, prev, indent)
	if err == nil && !p.newline() {
		err = ErrLayout
	}
	return v, err
}

// block parses the value under a key: a collection at indent, or nothing.
func (p *Parser) block(at, key, indent int) (int, error) {
	if indent > 2*maxDepth {
		return 0, ErrLayout
	}
	line := p.NextLine - 1
	if !p.indented(indent) {
		return p.link(at, key, node{line: line}), nil
	}
	if p.peek("- ") {
		v := p.link(at, key, node{kind: Sequence, line: p.NextLine})
		return v, p.sequence(v, indent)
	}
	v := p.link(at, key, node{kind: Mapping, line: p.NextLine})
	return v, p.mapping(v, indent)
}

// sequence parses a block sequence from its first dash on.
func (p *Parser) sequence(at, indent int) error {
	prev := 0
	for {
		if !p.take("- ") {
			return ErrLayout
		}
		var err error
		if prev, err = p.entry(at, prev, indent); err != nil {
			return err
		}
		if !p.indented(indent) {
			return nil
		}
	}
}

// entry parses an element of a block sequence: a mapping, or a value on one
// line.
func (p *Parser) entry(at, prev, indent int) (int, error) {
	if !p.isKey() {
		return p.restOfLine(at, prev, indent)
	}
	v := p.link(at, prev, node{kind: Mapping, line: p.NextLine})
	return v, p.mapping(v, indent+2)
}

// isKey reports whether a plain key stands at pos.
func (p *Parser) isKey() bool {
	i := p.pos
	for i < len(p.input) && isPlainByte[p.input[i]] {
		i++
	}
	return i > p.pos && i+1 < len(p.input) && p.input[i] == ':' && (p.input[i+1] == ' ' || p.input[i+1] == '\n')
}

// inline parses a value that begins in the middle of a line.
func (p *Parser) inline(at, prev, indent int) (int, error) {
	switch {
	case p.takeByte('['):
		v := p.link(at, prev, node{kind: Sequence, line: p.NextLine})
		return v, p.flow(v, ']', indent)
	case p.takeByte('{'):
		v := p.link(at, prev, node{kind: Mapping, line: p.NextLine})
		return v, p.flow(v, '}', indent)
	}
	return p.scalar(at, prev)
}

// flow parses the elements of a flow collection, and its end.
func (p *Parser) flow(at int, end byte, indent int) error {
	if p.depth == maxDepth {
		return ErrLayout
	}
	p.depth++
	defer func() { p.depth-- }()
	prev := 0
	for !p.takeByte(end) {
		if prev != 0 && !p.comma(indent) {
			return ErrLayout
		}
		var err error
		if end == '}' {
			if prev, err = p.scalar(at, prev); err != nil || !p.take(": ") {
				return ErrLayout
			}
		}
		if prev, err = p.inline(at, prev, indent); err != nil {
			return err
		}
	}
	return nil
}

// comma parses the separator of two elements: a comma and a space, or a comma
// and a line break.
func (p *Parser) comma(indent int) bool {
	if p.take(", ") {
		return true
	}
	if !p.take(",\n") {
		return false
	}
	p.NextLine++
	return p.continued(indent)
}

// continued goes to the text of a line that continues the one before, which is
// indented by more than indent.
func (p *Parser) continued(indent int) bool {
	n := 0
	for p.takeByte(' ') {
		n++
	}
	return n > indent && p.pos < len(p.input)
}

// isPlainByte marks the bytes that may stand in a plain scalar.
var isPlainByte = func() (t [256]bool) {
	for c := range t {
		b := byte(c)
		t[c] = isLetter(b) || isDigit(b) || b == '_' || b == '-' || b == '.' || b == '/' || b == '+'
	}
	return t
}()

// scalar parses a scalar and links it.
func (p *Parser) scalar(at, prev int) (int, error) {
	n := node{line: p.NextLine}
	if p.peek("!") {
		if !p.take(`!!binary "`) {
			return 0, ErrLayout
		}
		n.binary = true
		p.pos--
	}
	n.from = int32(p.pos)
	var err error
	if p.takeByte('"') {
		n.style = quoted
		n.from++
		err = p.quoted()
		n.to = int32(p.pos) - 1
	} else {
		err = p.plain()
		n.to = int32(p.pos)
	}
	return p.link(at, prev, n), err
}

// plain skips a plain scalar.
func (p *Parser) plain() error {
	start := p.pos
	for p.pos < len(p.input) && (isPlainByte[p.input[p.pos]] || p.isInnerColon()) {
		p.pos++
	}
	text := p.input[start:p.pos]
	if len(text) == 0 || text[0] == ':' || text[0] == '-' && (len(text) == 1 || !isDigit(text[1])) {
		return ErrLayout
	}
	return nil
}

// isInnerColon reports whether a colon stands at pos that a plain scalar goes
// on after.
func (p *Parser) isInnerColon() bool {
	return p.input[p.pos] == ':' && p.pos+1 < len(p.input) && isPlainByte[p.input[p.pos+1]]
}

func (p *Parser) peek(s string) bool {
	return len(p.input)-p.pos >= len(s) && string(p.input[p.pos:p.pos+len(s)]) == s
}

func (p *Parser) take(s string) bool {
	if !p.peek(s) {
		return false
	}
	p.pos += len(s)
	return true
}

func (p *Parser) takeByte(c byte) bool {
	if p.pos == len(p.input) || p.input[p.pos] != c {
		return false
	}
	p.pos++
	return true
}

// newline ends the line.
func (p *Parser) newline() bool {
	if !p.takeByte('\n') {
		return false
	}
	p.NextLine++
	return true
}

// ParseScalar returns the bytes that text, a single scalar, means.
func ParseScalar(text []byte) ([]byte, error) {
	p := Parser{Tree: Tree{input: text, nodes: make([]node, 1, 2)}}
	at, err := p.scalar(0, 0)
	if err != nil || p.pos < len(text) {
		return nil, fmt.Errorf("want a quoted string, not %q", text)
	}
	return p.Bytes(at)
}

// SkipQuoted cuts text, which begins with a double-quoted scalar, into the text
// between its quotes, for Unquote, and the rest. It reports false if text does
// not begin with such a scalar.
func SkipQuoted(text []byte) (quoted, rest []byte, ok bool) {
	if len(text) == 0 || text[0] != '"' {
		return nil, nil, false
	}
	p := Parser{pos: 1}
	p.input = text
	if p.quoted() != nil {
		return nil, nil, false
	}
	return text[1 : p.pos-1], text[p.pos:], true
}
