package yamltext

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// quoted skips a double-quoted scalar from behind its first quote. It lets
// through only the escapes that the Append functions write, and line breaks
// behind a backslash. A plain line break would be folded.
func (p *Parser) quoted() error {
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
			return ErrLayout
		default:
			r, size := utf8.DecodeRune(p.input[p.pos:])
			if r == utf8.RuneError && size == 1 || isHidden(r) {
				return ErrLayout
			}
			p.pos += size
		}
	}
	return ErrLayout
}

// escape skips an escape, or a line break behind a backslash with the
// indentation that follows it.
func (p *Parser) escape() error {
	if p.pos+1 == len(p.input) {
		return ErrLayout
	}
	c := p.input[p.pos+1]
	p.pos += 2
	switch {
	case c == '\n':
		p.NextLine++
		if !p.continued(0) || p.peek("\n") {
			return ErrLayout
		}
	case c == 'x' || c == 'u' || c == 'U':
		return p.hex(hexLen(c))
	case c != '0' && unescapes[c] == 0:
		return ErrLayout
	}
	return nil
}

// hex skips n hexadecimal digits that name a character.
func (p *Parser) hex(n int) error {
	if p.pos+n > len(p.input) {
		return ErrLayout
	}
	v, err := strconv.ParseUint(string(p.input[p.pos:p.pos+n]), 16, 32)
	if err != nil || v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
		return ErrLayout
	}
	p.pos += n
	return nil
}

// Unquote appends the bytes that text means. Text stood between double quotes,
// and Parser or SkipQuoted accepted it: anything else may panic.
func Unquote(dst, text []byte) []byte {
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

// unescapes maps short escapes to their bytes; 0 means none, but for "0".
var unescapes = func() (t [256]byte) {
	for b, c := range shortEscapes {
		if c != 0 {
			t[c] = byte(b)
		}
	}
	t[' '] = ' '
	return t
}()

// Breaks returns the offset of each line break of a double-quoted scalar: in
// bytes of its meaning. Text is as for Unquote.
func Breaks(text []byte) (ends []int) {
	n := 0
	for i := 0; i < len(text); {
		line := bytes.Index(text[i:], []byte("\\\n"))
		if line < 0 {
			break
		}
		n += len(Unquote(nil, text[i:i+line]))
		ends = append(ends, n)
		i += line + len("\\\n")
		i += len(text[i:]) - len(bytes.TrimLeft(text[i:], " "))
	}
	return ends
}
