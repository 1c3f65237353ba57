package redact

import (
	"unicode/utf16"
	"unicode/utf8"
)

// scanJSON masks JSON. It is a lexer, not a parser: a string before a colon is
// a key, and the text after the key of a secret is masked, whether it is JSON
// or not. Elsewhere it looks at quotes alone.
func (b *Body) scanJSON(w []byte, i int) int {
	jwts := hasJWT(w[i:])
	for i < len(w) {
		switch b.state {
		case inText:
			i = b.text(w, i)
		case inString:
			i = b.string(w, i, jwts)
		case inAfterKey:
			i = b.afterKey(w, i)
		case inValue, inNested:
			i = b.value(w, i)
		case inHeld:
			i = b.heldString(w, i)
		case inHeldEnd:
			i = b.heldEnd(w, i)
		case inMasked:
			i = b.maskedString(w, i)
		case inWord:
			i = b.word(w, i)
		case inNumber:
			i = b.scanNumber(w, i)
		case inDone:
			i = b.done(w, i)
		case inGarbage:
			i = b.garbage(w, i)
		}
	}
	// Bytes whose masking depends on later ones stay in the window.
	switch b.state {
	case inHeld, inHeldEnd, inWord:
		return b.start
	}
	return len(w)
}

// finish masks w, the bytes held at the end of the body.
func (b *Body) finish(w []byte) {
	switch b.state {
	case inHeld, inHeldEnd:
		end, _ := closingQuote(w, 0, 0)
		b.m.maskString(w, 0, end)
	case inXML:
		b.xml.finish(w)
	case inWord:
		if !isWord(w) {
			b.m.mask(w, 0, len(w))
		}
	}
}

// text skips to the next string.
func (b *Body) text(w []byte, i int) int {
	for i < len(w) && w[i] != '"' {
		i++
	}
	if i == len(w) {
		return i
	}
	b.state, b.start, b.fresh = inString, i+1, true
	b.escape, b.escaped = false, false
	b.key = b.key[:0]
	b.m.jwt = jwt{}
	return i + 1
}

// string goes to the end of a string that is not secret. A line feed ends it,
// too: no string can have one, and so a stray quote spoils one line and not
// the rest of the body.
func (b *Body) string(w []byte, i int, jwts bool) int {
	from := i
	i = b.stringEnd(w, i)
	piece := w[from:i]
	const shortest = len("eyJ.eyJ.A")
	// A whole string is searched for a JWT only where one is likely. In pieces
	// it is always searched: a token may straddle them.
	if whole := b.fresh && i < len(w); !b.m.rules.keepJWT && (!whole || jwts && len(piece) >= shortest) {
		b.m.spans = b.m.jwt.mask(piece, b.m.off+int64(from), b.m.spans, Rule{Kind: kindJWT})
	}
	// The name of a key is collected over the pieces.
	if !b.fresh || i == len(w) {
		const longest = 6 * maxKey // every letter as \u0061
		room := longest + 1 - len(b.key)
		b.key = append(b.key, piece[:min(room, len(piece))]...)
		piece = b.key
	}
	if i == len(w) {
		return i
	}
	b.state = inText
	if w[i] == '"' && b.isSecretKey(piece) {
		b.state = inAfterKey
	}
	return i + 1
}

// stringEnd returns the index of the quote or line feed that ends a string, or
// len(w).
func (b *Body) stringEnd(w []byte, i int) int {
	if b.escape && i < len(w) && w[i] != '\n' {
		b.escape = false
		i++
	}
	for {
		for i < len(w) && !endsRun[w[i]] {
			i++
		}
		if i == len(w) || w[i] != '\\' {
			return i
		}
		b.escaped = true
		i++
		if i == len(w) {
			b.escape = true
			return i
		}
		if w[i] != '\n' {
			i++
		}
	}
}

var endsRun = [256]bool{'"': true, '\\': true, '\n': true}

// isSecretKey reports whether a string is the key of a secret, and notes the
// kind of value that it covers.
func (b *Body) isSecretKey(content []byte) bool {
	if b.escaped {
		if content[0] != '\\' && !b.m.rules.keys.mayStart(content[0]) {
			return false
		}
		var buf [maxKey + utf8.UTFMax]byte
		content = unescapeJSON(buf[:0], content)
	}
	return b.m.isSecretName(content)
}

// afterKey looks for the colon after a key.
func (b *Body) afterKey(w []byte, i int) int {
	switch {
	case isSpace(w[i]):
		return i + 1
	case w[i] == ':':
		b.state = inValue
		return i + 1
	}
	b.state = inText
	return i
}

// unescapeJSON appends the decoded content of a JSON string to dst, and stops
// where it is longer than any key.
func unescapeJSON(dst, s []byte) []byte {
	for len(s) > 0 && len(dst) <= maxKey {
		if s[0] != '\\' || len(s) < 2 {
			dst = append(dst, s[0])
			s = s[1:]
			continue
		}
		c := s[1]
		s = s[2:]
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			r, n := unescapeRune(s)
			dst = utf8.AppendRune(dst, r)
			s = s[n:]
			continue
		}
		// All other escapes stand for the character itself.
		dst = append(dst, c)
	}
	return dst
}

// unescapeRune returns the rune of the \u escape whose digits s begins with,
// and the number of bytes of s that belong to it.
func unescapeRune(s []byte) (r rune, n int) {
	r, ok := hex4(s)
	if !ok {
		return utf8.RuneError, 0
	}
	if utf16.IsSurrogate(r) && len(s) >= 6 && s[4] == '\\' && s[5] == 'u' {
		if low, ok := hex4(s[6:]); ok {
			if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
				return both, 10
			}
		}
	}
	return r, 4 // AppendRune writes half a pair as U+FFFD
}

func hex4(s []byte) (r rune, ok bool) {
	if len(s) < 4 {
		return 0, false
	}
	for _, c := range s[:4] {
		d := hexDigit(c)
		if d < 0 {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	return r, true
}
