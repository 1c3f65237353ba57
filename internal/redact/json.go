package redact

import (
	"unicode/utf16"
	"unicode/utf8"
)

// scanJSON masks JSON. It is a lexer, not a parser: a string followed by a
// colon is a key, and what follows the key of a secret is masked, whether it
// is JSON or not. Between the two it looks at quotes alone.
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
	switch b.state {
	case inHeld, inHeldEnd, inWord:
		return b.start
	}
	return len(w)
}

// finish masks w, what is held when the body is over.
func (b *Body) finish(w []byte) {
	switch b.state {
	case inHeld, inHeldEnd:
		end, _ := closingQuote(w, 0, 0)
		b.maskString(w, 0, end)
	case inWord:
		if !isWord(w) {
			b.mask(w, 0, len(w))
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
	b.jwt = jwt{}
	return i + 1
}

// string goes to the end of a string that is not secret. A line feed, which
// no string can have, ends it as well, so that a stray quote does not turn
// all that follows inside out.
func (b *Body) string(w []byte, i int, jwts bool) int {
	from := i
	i = b.stringEnd(w, i)
	piece := w[from:i]
	const shortest = len("eyJ.eyJ.A")
	if whole := b.fresh && i < len(w); !whole || jwts && len(piece) >= shortest {
		b.spans = b.jwt.mask(piece, b.off+int64(from), b.spans)
	}
	if !b.fresh || i == len(w) {
		const longest = 6 * maxKey // all of it as \u0061
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

// stringEnd returns the index of the quote or line feed that ends a string,
// or len(w).
func (b *Body) stringEnd(w []byte, i int) int {
	if b.escape && i < len(w) && w[i] != '\n' {
		b.escape = false
		i++
	}
	for i < len(w) {
		if !endsRun[w[i]] {
			i++
			continue
		}
		if w[i] != '\\' {
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
	return i
}

var endsRun = [256]bool{'"': true, '\\': true, '\n': true}

// isSecretKey reports whether a string's content names a secret, and notes
// what kind of value it covers.
func (b *Body) isSecretKey(content []byte) bool {
	if b.escaped {
		if content[0] != '\\' && !b.rules.keys.mayStart(content[0]) {
			return false
		}
		var buf [maxKey + utf8.UTFMax]byte
		content = unescapeJSON(buf[:0], content)
	}
	if !b.rules.keys.has(content) {
		return false
	}
	b.deep = b.rules.json.has(content)
	return b.deep || b.rules.scalar.has(content) || b.payload && b.rules.payload.has(content)
}

// afterKey looks for the colon.
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

// value takes the first byte of a secret value, or of a token in an object or
// array of secrets.
func (b *Body) value(w []byte, i int) int {
	c := w[i]
	nested := b.state == inNested
	switch {
	case isSpace(c), nested && (c == ',' || c == ':'):
	case c == '"':
		b.state, b.start = inHeld, i+1
	case c == '{' || c == '[':
		if !nested && !b.deep {
			b.state = inText
			return i
		}
		b.state = inNested
		b.depth++
	case nested && (c == '}' || c == ']'):
		if b.depth--; b.depth == 0 {
			b.state = inDone
		}
	case c == ',' || c == '}' || c == ']': // no value at all
		b.state = inText
		return i
	case c == '-' || '0' <= c && c <= '9':
		b.state, b.number = inNumber, numberStart
		return i
	case c == 't' || c == 'f' || c == 'n':
		b.state, b.start = inWord, i
	default:
		b.startGarbage()
		return i
	}
	return i + 1
}

// endValue is the state behind a secret string or number.
func (b *Body) endValue() state {
	if b.depth > 0 {
		return inNested
	}
	return inDone
}

// heldString goes to the end of a secret string and masks it. In an object it
// may be a key: what follows tells.
func (b *Body) heldString(w []byte, i int) int {
	limit := min(len(w), b.start+MaxHold)
	end, ok := closingQuote(w[:limit], b.start, i)
	switch {
	case !ok && limit < b.start+MaxHold:
		return limit
	case !ok:
		b.escape = trailingEscape(w[b.start:limit])
		b.mask(w, b.start, limit)
		b.state = inMasked
		return limit
	case b.depth > 0:
		b.state = inHeldEnd
		return end + 1
	}
	b.maskString(w, b.start, end)
	b.state = b.endValue()
	return end + 1
}

// heldEnd looks whether a string is a key, which is kept as any other string.
func (b *Body) heldEnd(w []byte, i int) int {
	limit := min(len(w), b.start+MaxHold)
	for i < limit && isSpace(w[i]) {
		i++
	}
	if i == limit && limit < b.start+MaxHold {
		return i
	}
	end, _ := closingQuote(w, b.start, b.start)
	if i == limit || w[i] != ':' {
		b.maskString(w, b.start, end)
	} else {
		b.jwt = jwt{}
		b.spans = b.jwt.mask(w[b.start:end], b.off+int64(b.start), b.spans)
	}
	b.state = inNested
	return i
}

// maskString masks the string [from, to), or what there is of it: a JWT's
// signature, all of another.
func (b *Body) maskString(w []byte, from, to int) {
	if n, ok := isJWT(w[from:to]); ok {
		b.jwt = jwt{state: jwtSignature}
		b.spans = b.jwt.mask(w[from+n:to], b.off+int64(from+n), b.spans)
		return
	}
	b.mask(w, from, to)
}

// maskedString masks a long string to its end.
func (b *Body) maskedString(w []byte, i int) int {
	from := i
	for ; i < len(w); i++ {
		switch c := w[i]; {
		case b.escape:
			b.escape = false
		case c == '\\':
			b.escape = true
		case c == '"':
			b.mask(w, from, i)
			b.state = b.endValue()
			return i + 1
		}
	}
	b.mask(w, from, i)
	return i
}

// closingQuote returns the index of the quote that ends the string whose
// content begins at start, if it is not before from.
func closingQuote(w []byte, start, from int) (int, bool) {
	for i := from; i < len(w); i++ {
		if w[i] == '"' && !trailingEscape(w[start:i]) {
			return i, true
		}
	}
	return len(w), false
}

// trailingEscape reports whether an odd number of backslashes ends b.
func trailingEscape(b []byte) bool {
	n := len(b)
	for n > 0 && b[n-1] == '\\' {
		n--
	}
	return (len(b)-n)%2 == 1
}

// isDelimiter reports whether c can follow a number or word.
func isDelimiter(c byte) bool { return c == ',' || c == '}' || c == ']' || isSpace(c) }

// word goes to the end of true, false or null, which are no secrets; other
// words are.
func (b *Body) word(w []byte, i int) int {
	if isDelimiter(w[i]) && isWord(w[b.start:i]) {
		b.state = b.endValue()
		return i
	}
	if i-b.start < len("false") && isWordStart(w[b.start:i+1]) {
		return i + 1
	}
	b.mask(w, b.start, i)
	b.startGarbage()
	return i
}

func isWord(b []byte) bool {
	switch string(b) {
	case "true", "false", "null":
		return true
	}
	return false
}

func isWordStart(b []byte) bool {
	for _, word := range []string{"true", "false", "null"} {
		if len(b) <= len(word) && string(b) == word[:len(b)] {
			return true
		}
	}
	return false
}

// numberPart is what of a number came last.
type numberPart uint8

const (
	numberStart numberPart = iota
	numberInt
	numberFraction // its dot included
	numberExponent // the e
	numberExponentDigits
)

// scanNumber masks the digits of a number.
func (b *Body) scanNumber(w []byte, i int) int {
	for ; i < len(w); i++ {
		switch c := w[i]; {
		case '0' <= c && c <= '9':
			w[i] = '1'
			switch b.number {
			case numberStart:
				b.number = numberInt
			case numberExponent:
				b.number = numberExponentDigits
			}
		case c == '-' && b.number == numberStart:
			b.number = numberInt
		case c == '.' && b.number == numberInt:
			b.number = numberFraction
		case c|0x20 == 'e' && (b.number == numberInt || b.number == numberFraction):
			b.number = numberExponent
		case (c == '+' || c == '-') && b.number == numberExponent:
			b.number = numberExponentDigits
		case isDelimiter(c):
			b.state = b.endValue()
			return i
		default:
			b.startGarbage()
			return i
		}
		b.mark(i, i+1)
	}
	return i
}

// done looks for the end of a secret value: what else follows it may be part
// of it, say where it has a quote in it.
func (b *Body) done(w []byte, i int) int {
	switch c := w[i]; {
	case isSpace(c):
		return i + 1
	case isDelimiter(c):
		b.state = inText
		return i + 1
	}
	b.startGarbage()
	return i
}

func (b *Body) startGarbage() { b.state, b.quote, b.escape = inGarbage, 0, false }

// garbage masks what is no JSON, to the end of the line, the value or the
// object, whichever comes first outside of quotes.
func (b *Body) garbage(w []byte, i int) int {
	from := i
	for ; i < len(w); i++ {
		switch c := w[i]; {
		case c == '\n', b.quote == 0 && !b.escape && (c == ',' || c == '}' || c == ']'):
			b.mask(w, from, i)
			b.state = inText
			if b.depth > 0 {
				b.state = inNested
			}
			return i
		case b.escape:
			b.escape = false
		case c == '\\':
			b.escape = true
		case b.quote == 0 && (c == '"' || c == '\''):
			b.quote = c
		case c == b.quote:
			b.quote = 0
		}
	}
	b.mask(w, from, i)
	return i
}

// unescapeJSON appends the content of a JSON string to dst, as far as it can
// be a key.
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
		dst = append(dst, c)
	}
	return dst
}

// unescapeRune returns the rune of a \u escape, whose digits s begins with,
// and the length of what stands for it.
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
	return r, 4 // AppendRune makes half a pair U+FFFD
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
