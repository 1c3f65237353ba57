package cassettes

import (
	"bytes"
	"errors"
	"strconv"
	"unicode/utf8"
)

// errLayout says that text is not in the canonical layout. It may still be
// good YAML.
var errLayout = errors.New("not in the canonical layout")

// parser parses the canonical layout, the part of YAML that the encoder
// writes: block mappings and sequences indented by two, flow collections,
// plain scalars of few characters and double-quoted ones. It accepts nothing
// that a YAML reader would read in another way. The tree's texts alias src.
type parser struct {
	tree
	src   []byte
	pos   int
	line  int
	depth int
}

// maxDepth is how deep collections may nest.
const maxDepth = 32

// parse parses src, a block mapping whose keys stand at indent. The first key
// stands at the beginning of src, without its indentation. Line is src's
// number.
func (p *parser) parse(src []byte, indent, line int) error {
	p.nodes = append(p.nodes[:0], node{kind: mapping, line: line})
	p.src, p.pos, p.line, p.depth, p.comment = src, 0, line, 0, 0
	if err := p.mapping(0, indent); err != nil {
		return err
	}
	if p.skipEmpty(); p.pos < len(p.src) {
		return errLayout
	}
	return nil
}

// skipEmpty skips empty lines and lines that are a comment.
func (p *parser) skipEmpty() {
	for p.pos < len(p.src) {
		end := bytes.IndexByte(p.src[p.pos:], '\n')
		if end < 0 {
			return
		}
		line := bytes.TrimLeft(p.src[p.pos:p.pos+end], " ")
		if len(line) > 0 && (line[0] != '#' || !isQuotable(line)) {
			return
		}
		if len(line) > 0 && p.comment == 0 {
			p.comment = p.line
		}
		p.pos += end + 1
		p.line++
	}
}

// indented reports whether the next line's text begins at indent, and goes
// there.
func (p *parser) indented(indent int) bool {
	p.skipEmpty()
	if p.indent() != indent {
		return false
	}
	p.pos += indent
	return true
}

// indent returns how many spaces stand at pos, or -1 at the end.
func (p *parser) indent() int {
	n := 0
	for p.pos+n < len(p.src) && p.src[p.pos+n] == ' ' {
		n++
	}
	if p.pos+n == len(p.src) {
		return -1
	}
	return n
}

// mapping parses a block mapping from the text of its first key on.
func (p *parser) mapping(at, indent int) error {
	prev := 0
	for {
		line := p.line
		key, err := p.key(at, prev, indent)
		if err != nil {
			return err
		}
		if p.line != line { // after "? key"
			line = p.line
		}
		if prev, err = p.value(at, key, indent); err != nil {
			return err
		}
		if !p.indented(indent) {
			return nil
		}
	}
}

// key parses a key with its colon, and the space after it if any.
func (p *parser) key(at, prev, indent int) (int, error) {
	announced := p.take("? ")
	n := node{line: p.line}
	start := p.pos
	if err := p.scalar(&n, isKeyByte); err != nil {
		return 0, err
	}
	if announced {
		if !p.take("\n") {
			return 0, errLayout
		}
		p.line++
		if p.indent() != indent {
			return 0, errLayout
		}
		p.pos += indent
	}
	if len(n.text) == 0 && n.style == plain || !announced && p.pos-start > longKey+len(`!!binary ""`) {
		return 0, errLayout
	}
	if !p.take(":") {
		return 0, errLayout
	}
	return p.link(at, prev, n), nil
}

// isKeyByte reports whether c may stand in a plain key.
func isKeyByte(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '_' || c == '-' || c == '.' || c == '/' || c == '+'
}

// value parses what follows a key's colon, to the end of its line at least.
func (p *parser) value(at, key, indent int) (int, error) {
	if p.take(" ") {
		v, err := p.inline(at, key, indent)
		if err == nil && !p.newline() {
			err = errLayout
		}
		return v, err
	}
	if !p.newline() {
		return 0, errLayout
	}
	return p.block(at, key, indent+2)
}

// block parses what stands under a key: a collection at indent, or nothing.
func (p *parser) block(at, key, indent int) (int, error) {
	line := p.line
	if indent > 2*maxDepth {
		return 0, errLayout
	}
	if !p.indented(indent) {
		return p.link(at, key, node{line: line - 1}), nil
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
	if p.isKey() {
		v := p.link(at, prev, node{kind: mapping, line: p.line})
		return v, p.mapping(v, indent+2)
	}
	v, err := p.inline(at, prev, indent)
	if err == nil && !p.newline() {
		err = errLayout
	}
	return v, err
}

// isKey reports whether a plain key stands at pos.
func (p *parser) isKey() bool {
	i := p.pos
	for i < len(p.src) && isKeyByte(p.src[i]) {
		i++
	}
	return i > p.pos && i+1 < len(p.src) && p.src[i] == ':' && (p.src[i+1] == ' ' || p.src[i+1] == '\n')
}

// inline parses a value that begins in the middle of a line.
func (p *parser) inline(at, prev, indent int) (int, error) {
	switch {
	case p.take("["):
		v := p.link(at, prev, node{kind: sequence, line: p.line})
		return v, p.flow(v, ']', indent)
	case p.take("{"):
		v := p.link(at, prev, node{kind: mapping, line: p.line})
		return v, p.flow(v, '}', indent)
	}
	n := node{line: p.line}
	if err := p.scalar(&n, isPlainByte); err != nil {
		return 0, err
	}
	return p.link(at, prev, n), nil
}

// flow parses the elements of a flow collection, and its end.
func (p *parser) flow(at int, end byte, indent int) error {
	if p.depth++; p.depth > maxDepth {
		return errLayout
	}
	defer func() { p.depth-- }()
	if p.takeByte(end) {
		return nil
	}
	prev := 0
	for {
		var err error
		if end == '}' {
			if prev, err = p.flowKey(at, prev); err != nil {
				return err
			}
		}
		if prev, err = p.inline(at, prev, indent); err != nil {
			return err
		}
		switch {
		case p.takeByte(end):
			return nil
		case p.take(", "):
		case p.take(",\n"):
			p.line++
			if n := p.indent(); n <= indent {
				return errLayout
			}
			p.pos += p.indent()
		default:
			return errLayout
		}
	}
}

func (p *parser) flowKey(at, prev int) (int, error) {
	n := node{line: p.line}
	if err := p.scalar(&n, isKeyByte); err != nil {
		return 0, err
	}
	if len(n.text) == 0 || !p.take(": ") {
		return 0, errLayout
	}
	return p.link(at, prev, n), nil
}

// scalar parses a scalar. Its text aliases src.
func (p *parser) scalar(n *node, isPlain func(byte) bool) error {
	if p.take("!!binary ") {
		n.binary = true
		if !p.peek(`"`) {
			return errLayout
		}
	}
	if p.take(`"`) {
		return p.quoted(n)
	}
	start := p.pos
	for p.pos < len(p.src) && (isPlain(p.src[p.pos]) || p.isInnerColon()) {
		p.pos++
	}
	n.text = p.src[start:p.pos]
	if len(n.text) == 0 || n.text[0] == '-' && (len(n.text) == 1 || !isDigit(n.text[1])) || n.text[0] == ':' {
		return errLayout
	}
	return nil
}

// isPlainByte reports whether c may stand in a plain scalar.
func isPlainByte(c byte) bool { return isKeyByte(c) }

// isInnerColon reports whether a colon stands at pos that a plain scalar goes
// on after.
func (p *parser) isInnerColon() bool {
	if p.src[p.pos] != ':' || p.pos+1 == len(p.src) {
		return false
	}
	c := p.src[p.pos+1]
	return isLetter(c) || isDigit(c) || c == '/'
}

// quoted parses a double-quoted scalar from behind its first quote.
func (p *parser) quoted(n *node) error {
	n.style = quoted
	start := p.pos
	for p.pos < len(p.src) {
		c := p.src[p.pos]
		switch {
		case c == '"':
			n.text = p.src[start:p.pos]
			p.pos++
			return nil
		case c == '\\':
			if err := p.escape(); err != nil {
				return err
			}
		case c < utf8.RuneSelf:
			if !quotable[c] {
				return errLayout
			}
			p.pos++
		default:
			r, size := utf8.DecodeRune(p.src[p.pos:])
			if r == utf8.RuneError && size == 1 || isHidden(r) {
				return errLayout
			}
			p.pos += size
		}
	}
	return errLayout
}

// escape skips an escape, or a line break after a backslash.
func (p *parser) escape() error {
	if p.pos+1 == len(p.src) {
		return errLayout
	}
	c := p.src[p.pos+1]
	p.pos += 2
	switch {
	case c == '\n':
		p.line++
		n := p.indent()
		if n < 1 || p.src[p.pos+n] == '\n' || p.src[p.pos+n] == '\t' {
			return errLayout
		}
		p.pos += n
		return nil
	case c == 'x' || c == 'u' || c == 'U':
		return p.hex(hexLen(c))
	case c == '0' || unescapes[c] != 0:
		return nil
	}
	return errLayout
}

// hex skips n hexadecimal digits that name a character.
func (p *parser) hex(n int) error {
	if p.pos+n > len(p.src) {
		return errLayout
	}
	v, err := strconv.ParseUint(string(p.src[p.pos:p.pos+n]), 16, 32)
	if err != nil || !utf8.ValidRune(rune(v)) || v > utf8.MaxRune {
		return errLayout
	}
	p.pos += n
	return nil
}

// isQuotable reports whether line is plain printable ASCII.
func isQuotable(line []byte) bool {
	for _, c := range line {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

func (p *parser) peek(s string) bool {
	return len(p.src)-p.pos >= len(s) && string(p.src[p.pos:p.pos+len(s)]) == s
}

func (p *parser) take(s string) bool {
	if !p.peek(s) {
		return false
	}
	p.pos += len(s)
	return true
}

func (p *parser) takeByte(c byte) bool {
	if p.pos == len(p.src) || p.src[p.pos] != c {
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
