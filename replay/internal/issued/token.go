package issued

import "strconv"

// tokenMin is the size in bytes of the shortest token.
const tokenMin = 8

// short is how many of an identifier's 64 hexadecimal digits stand for all.
const short = 12

// token is a place in a text: the token is [start, end), its padding follows
// up to next.
type token struct{ start, end, next int }

// nextToken returns the first token of text at or after from.
func nextToken(text []byte, from int) (t token, ok bool) {
	for i := from; i < len(text); {
		switch c := text[i]; {
		case isTokenByte(c):
			end := tokenEnd(text, i)
			if end-i >= tokenMin {
				return token{i, end, paddingEnd(text, end)}, true
			}
			i = end
		case c == '%' && i+2 < len(text) && isHexDigit(text[i+1]) && isHexDigit(text[i+2]):
			i += 3
		default:
			i++
		}
	}
	return token{}, false
}

func tokenEnd(text []byte, i int) int {
	for i < len(text) && isTokenByte(text[i]) {
		i++
	}
	return i
}

// paddingEnd returns the end of up to two "=", or "%3D", from i on. Before another
// token they are a separator, not padding.
func paddingEnd(text []byte, i int) int {
	end := i
	for range 2 {
		n := paddingLen(text[end:])
		if n == 0 {
			break
		}
		end += n
	}
	if end < len(text) && isTokenByte(text[end]) {
		return i
	}
	return end
}

// paddingLen returns the length of the "=" that b begins with, or 0.
func paddingLen(b []byte) int {
	switch {
	case len(b) > 0 && b[0] == '=':
		return 1
	case len(b) > 2 && b[0] == '%' && b[1] == '3' && b[2]|0x20 == 'd':
		return 3
	}
	return 0
}

func isTokenByte(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

func isHexDigit(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

// isID reports whether a token is an identifier that its first digits stand
// for.
func isID(token string) bool {
	if len(token) != 64 {
		return false
	}
	for i := range len(token) {
		if !isHexDigit(token[i]) {
			return false
		}
	}
	return true
}

// runMax is the size in bytes of the longest run that tokens are looked for in.
const runMax = 4 << 10

// run returns the first run of text at or after from, of bytes that may belong
// to a token and its padding: no token goes on beyond one.
func run(text []byte, from int) (start, end int) {
	for start = from; start < len(text) && !isRunByte(text[start]); start++ {
	}
	for end = start; end < len(text) && isRunByte(text[end]); end++ {
	}
	return start, end
}

func isRunByte(c byte) bool { return isTokenByte(c) || c == '%' || c == '=' }

// replace appends text to dst with the tokens that by knows replaced: by
// appends the replacement and reports true, or does nothing.
func replace(dst, text []byte, by func(dst, text []byte, t token) ([]byte, bool)) []byte {
	for at := 0; at < len(text); {
		start, end := run(text, at)
		dst = append(dst, text[at:start]...)
		if end-start <= runMax {
			dst = replaceRun(dst, text[start:end], by)
		} else {
			dst = append(dst, text[start:end]...)
		}
		at = end
	}
	return dst
}

func replaceRun(dst, run []byte, by func(dst, text []byte, t token) ([]byte, bool)) []byte {
	done := 0
	for {
		t, ok := nextToken(run, done)
		if !ok {
			return append(dst, run[done:]...)
		}
		dst = append(dst, run[done:t.start]...)
		if dst, ok = by(dst, run, t); ok {
			done = t.next
			continue
		}
		dst = append(dst, run[t.start:t.end]...)
		done = t.end
	}
}

// mask appends text to dst with the tokens that find knows as class and slot.
func mask(dst, text []byte, refs []Ref, find func(token []byte) *value) ([]byte, []Ref) {
	dst = replace(dst, text, func(dst, run []byte, t token) ([]byte, bool) {
		v := find(run[t.start:t.end])
		if v == nil {
			return dst, false
		}
		refs = append(refs, v.Ref)
		dst = append(strconv.AppendInt(append(dst, '<'), int64(v.class), 10), '.')
		return append(strconv.AppendInt(dst, int64(v.Slot), 10), '>'), true
	})
	return dst, refs
}
