package cassettes

import (
	"strconv"
	"unicode/utf8"
)

// quoted skips a double-quoted scalar from behind its first quote. It lets
// through what the emitter writes: escapes, and line breaks behind a
// backslash. A plain line break would be folded.
func (p *parser) quoted() error {
	for p.pos < len(p.input) {
		switch c := p.input[p.pos]; {
		case quotable[c]:
			p.pos++
		case c == '"':
			p.pos++
			return nil
		case c == '\\':
			if err := p.escape(); err != nil {
				return err
			}
		case c < utf8.RuneSelf:
			return errLayout
		default:
			r, size := utf8.DecodeRune(p.input[p.pos:])
			if r == utf8.RuneError && size == 1 || isHidden(r) {
				return errLayout
			}
			p.pos += size
		}
	}
	return errLayout
}

// escape skips an escape, or a line break behind a backslash with the
// indentation that follows it.
func (p *parser) escape() error {
	if p.pos+1 == len(p.input) {
		return errLayout
	}
	c := p.input[p.pos+1]
	p.pos += 2
	switch {
	case c == '\n':
		p.line++
		if !p.continued(0) || p.peek("\n") {
			return errLayout
		}
	case c == 'x' || c == 'u' || c == 'U':
		return p.hex(hexLen(c))
	case c != '0' && unescapes[c] == 0:
		return errLayout
	}
	return nil
}

// hex skips n hexadecimal digits that name a character.
func (p *parser) hex(n int) error {
	if p.pos+n > len(p.input) {
		return errLayout
	}
	v, err := strconv.ParseUint(string(p.input[p.pos:p.pos+n]), 16, 32)
	if err != nil || v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
		return errLayout
	}
	p.pos += n
	return nil
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
			v, _ := strconv.ParseUint(string(text[i:i+n]), 16, 32) // the parser saw to it
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
