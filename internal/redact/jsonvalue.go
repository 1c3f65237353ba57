package redact

// value reads the first byte of a secret value, or of a token in an object or
// array of secrets.
func (b *Body) value(w []byte, i int) int {
	c := w[i]
	nested := b.state == inNested
	switch {
	case isSpace(c), nested && (c == ',' || c == ':'):
	case c == '"':
		b.state, b.start = inHeld, i+1
	case c == '{' || c == '[':
		// Under "auth", say, an object is not secret as a whole: its own keys
		// decide.
		if !nested && !b.m.deep {
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
	case c != '"' && b.m.vague && !nested:
		b.state = inText
		return i
	case c == '-' || '0' <= c && c <= '9':
		b.state, b.number = inNumber, numberStart
		return i
	// Only true, false and null may stay, so the word is held until it ends.
	case c == 't' || c == 'f' || c == 'n':
		b.state, b.start = inWord, i
	default:
		b.startGarbage()
		return i
	}
	return i + 1
}

// endValue returns the state after a secret string or number.
func (b *Body) endValue() state {
	if b.depth > 0 {
		return inNested
	}
	return inDone
}

// heldString goes to the end of a secret string and masks it. In an object the
// string may be a key: the byte after it tells.
func (b *Body) heldString(w []byte, i int) int {
	limit := min(len(w), b.start+MaxHold)
	end, ok := closingQuote(w[:limit], b.start, i)
	switch {
	case !ok && limit < b.start+MaxHold:
		return limit
	case !ok:
		b.escape = trailingEscape(w[b.start:limit])
		b.m.mask(w, b.start, limit)
		b.state = inMasked
		return limit
	case b.depth > 0:
		b.state = inHeldEnd
		return end + 1
	}
	b.m.maskString(w, b.start, end)
	b.state = b.endValue()
	return end + 1
}

// heldEnd tells a key from a value. Keys stay as they are.
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
		b.m.maskString(w, b.start, end)
	} else if !b.m.rules.keepJWT {
		b.m.jwt = jwt{}
		b.m.spans = b.m.jwt.mask(w[b.start:end], b.m.off+int64(b.start), b.m.spans, Rule{Kind: kindJWT})
	}
	b.state = inNested
	return i
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
			b.m.mask(w, from, i)
			b.state = b.endValue()
			return i + 1
		}
	}
	b.m.mask(w, from, i)
	return i
}

// closingQuote returns the index of the quote that ends the string whose
// content begins at start. It looks from index from on.
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

// word goes to the end of true, false or null, which are not secret. It masks
// any other word.
func (b *Body) word(w []byte, i int) int {
	if isDelimiter(w[i]) && isWord(w[b.start:i]) {
		b.state = b.endValue()
		return i
	}
	if i-b.start < len("false") && isWordStart(w[b.start:i+1]) {
		return i + 1
	}
	b.m.mask(w, b.start, i)
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

// numberPart names the last part of a number that was read.
type numberPart uint8

const (
	numberStart numberPart = iota
	numberInt
	numberFraction // with its dot
	numberExponent // the e
	numberExponentDigits
)

// scanNumber masks the digits of a number. Each digit becomes 1, so that the
// result is a number again; sign, dot and exponent stay.
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
		// The grammar is followed to its end: in "12-secret" the part after
		// the digits is masked as well.
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
		b.m.mark(i, i+1)
	}
	return i
}

// done looks for the end of a secret value. Other bytes after it may belong to
// the secret, as with an unescaped quote in it.
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

// garbage masks text that is not JSON, up to the end of the line, the value or
// the object, whichever comes first outside quotes.
func (b *Body) garbage(w []byte, i int) int {
	from := i
	for ; i < len(w); i++ {
		switch c := w[i]; {
		// A line feed ends it even in quotes, so that a stray quote does not
		// mask the rest of the body.
		case c == '\n', b.quote == 0 && !b.escape && (c == ',' || c == '}' || c == ']'):
			b.m.mask(w, from, i)
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
	b.m.mask(w, from, i)
	return i
}
