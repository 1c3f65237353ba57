package cassettes

import (
	"bytes"
	"errors"
)

// errLayout says that text is not in the canonical layout. It may still be
// good YAML.
var errLayout = errors.New("not in the canonical layout")

// parser parses the canonical layout, the part of YAML that the encoder
// writes: block mappings and sequences indented by two, flow collections,
// plain scalars of few characters and double-quoted ones. It accepts nothing
// that a YAML reader would read in another way. The tree aliases the text.
type parser struct {
	tree
	pos   int
	line  int32
	depth int
}

// maxDepth is how deep collections may nest.
const maxDepth = 32

// parse parses text, a block mapping whose keys stand at indent. The first key
// stands at the beginning of text, without its indentation. Line is text's
// number.
func (p *parser) parse(text []byte, indent, line int) error {
	p.nodes = append(p.nodes[:0], node{kind: mapping, line: int32(line)})
	p.input, p.comment = text, 0
	p.pos, p.line, p.depth = 0, int32(line), 0
	if err := p.mapping(0, indent); err != nil {
		return err
	}
	if p.skipEmpty(); p.pos < len(text) {
		return errLayout
	}
	return nil
}

// item parses the text of an item, which begins with its dash.
func (p *parser) item(text []byte, line int) error {
	rest, ok := bytes.CutPrefix(text, itemStart)
	if !ok {
		return errLayout
	}
	return p.parse(rest, inItem, line)
}

// skipEmpty skips empty lines and lines that are a comment, and returns how
// many spaces stand before the text of the next one, or -1 at the end.
func (p *parser) skipEmpty() (indent int) {
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
		p.line++
	}
}

// isComment reports whether the text from i to the end of its line is a
// comment, and notes it.
func (p *parser) isComment(i int) bool {
	if p.input[i] != '#' {
		return false
	}
	for _, c := range p.input[i:] {
		if c == '\n' {
			if p.comment == 0 {
				p.comment = int(p.line)
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
func (p *parser) indented(indent int) bool {
	if p.skipEmpty() != indent {
		return false
	}
	p.pos += indent
	return true
}

// mapping parses a block mapping from the text of its first key on.
func (p *parser) mapping(at, indent int) error {
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

// key parses a key with its colon. "? " announces one that is too long to
// stand on a line with its value.
func (p *parser) key(at, prev, indent int) (int, error) {
	announced := p.take("? ")
	start := p.pos
	key, err := p.scalar(at, prev)
	if err != nil {
		return 0, err
	}
	switch {
	case !announced && p.pos-start > longKey+len(`!!binary ""`):
		return 0, errLayout
	case announced && !(p.newline() && p.indented(indent)):
		return 0, errLayout
	case !p.takeByte(':'):
		return 0, errLayout
	}
	return key, nil
}

// value parses what follows a key's colon, to the end of its line at least.
func (p *parser) value(at, key, indent int) (int, error) {
	if p.takeByte(' ') {
		return p.restOfLine(at, key, indent)
	}
	if !p.newline() {
		return 0, errLayout
	}
	return p.block(at, key, indent+2)
}

// restOfLine parses a value that ends its line.
func (p *parser) restOfLine(at, prev, indent int) (int, error) {
	v, err := p.inline(at, prev, indent)
	if err == nil && !p.newline() {
		err = errLayout
	}
	return v, err
}

// block parses what stands under a key: a collection at indent, or nothing.
func (p *parser) block(at, key, indent int) (int, error) {
	if indent > 2*maxDepth {
		return 0, errLayout
	}
	line := p.line - 1
	if !p.indented(indent) {
		return p.link(at, key, node{line: line}), nil
	}
	if p.peek("- ") {
		v := p.link(at, key, node{kind: sequence, line: p.line})
		return v, p.sequence(v, indent)
	}
	v := p.link(at, key, node{kind: mapping, line: p.line})
	return v, p.mapping(v, indent)
}

// sequence parses a block sequence from its first dash on.
func (p *parser) sequence(at, indent int) error {
	prev := 0
	for {
		if !p.take("- ") {
			return errLayout
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
func (p *parser) entry(at, prev, indent int) (int, error) {
	if !p.isKey() {
		return p.restOfLine(at, prev, indent)
	}
	v := p.link(at, prev, node{kind: mapping, line: p.line})
	return v, p.mapping(v, indent+2)
}

// isKey reports whether a plain key stands at pos.
func (p *parser) isKey() bool {
	i := p.pos
	for i < len(p.input) && isPlainByte[p.input[i]] {
		i++
	}
	return i > p.pos && i+1 < len(p.input) && p.input[i] == ':' && (p.input[i+1] == ' ' || p.input[i+1] == '\n')
}

// inline parses a value that begins in the middle of a line.
func (p *parser) inline(at, prev, indent int) (int, error) {
	switch {
	case p.takeByte('['):
		v := p.link(at, prev, node{kind: sequence, line: p.line})
		return v, p.flow(v, ']', indent)
	case p.takeByte('{'):
		v := p.link(at, prev, node{kind: mapping, line: p.line})
		return v, p.flow(v, '}', indent)
	}
	return p.scalar(at, prev)
}

// flow parses the elements of a flow collection, and its end.
func (p *parser) flow(at int, end byte, indent int) error {
	if p.depth == maxDepth {
		return errLayout
	}
	p.depth++
	defer func() { p.depth-- }()
	prev := 0
	for !p.takeByte(end) {
		if prev != 0 && !p.comma(indent) {
			return errLayout
		}
		var err error
		if end == '}' {
			if prev, err = p.scalar(at, prev); err != nil || !p.take(": ") {
				return errLayout
			}
		}
		if prev, err = p.inline(at, prev, indent); err != nil {
			return err
		}
	}
	return nil
}

// comma parses what stands between two elements: a comma and a space, or a
// comma and a line break.
func (p *parser) comma(indent int) bool {
	if p.take(", ") {
		return true
	}
	if !p.take(",\n") {
		return false
	}
	p.line++
	return p.continued(indent)
}

// continued goes to the text of a line that continues the one before, which is
// indented by more than indent.
func (p *parser) continued(indent int) bool {
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
func (p *parser) scalar(at, prev int) (int, error) {
	n := node{line: p.line}
	if p.peek("!") {
		if !p.take(`!!binary "`) {
			return 0, errLayout
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
func (p *parser) plain() error {
	start := p.pos
	for p.pos < len(p.input) && (isPlainByte[p.input[p.pos]] || p.isInnerColon()) {
		p.pos++
	}
	text := p.input[start:p.pos]
	if len(text) == 0 || text[0] == ':' || text[0] == '-' && (len(text) == 1 || !isDigit(text[1])) {
		return errLayout
	}
	return nil
}

// isInnerColon reports whether a colon stands at pos that a plain scalar goes
// on after.
func (p *parser) isInnerColon() bool {
	return p.input[p.pos] == ':' && p.pos+1 < len(p.input) && isPlainByte[p.input[p.pos+1]]
}

func (p *parser) peek(s string) bool {
	return len(p.input)-p.pos >= len(s) && string(p.input[p.pos:p.pos+len(s)]) == s
}

func (p *parser) take(s string) bool {
	if !p.peek(s) {
		return false
	}
	p.pos += len(s)
	return true
}

func (p *parser) takeByte(c byte) bool {
	if p.pos == len(p.input) || p.input[p.pos] != c {
		return false
	}
	p.pos++
	return true
}

// newline ends the line.
func (p *parser) newline() bool {
	if !p.takeByte('\n') {
		return false
	}
	p.line++
	return true
}
