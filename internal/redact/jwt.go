package redact

import "bytes"

// jwt finds JSON Web Tokens in text that comes in pieces, and overwrites their
// signatures with "A"s. A token looks like
//
//	eyJ….eyJ….signature
//
// because {" in base64url begins with "eyJ". A payload without claims, {}, is
// "e30". The parts after a further dot, as in an encrypted token, count as
// signature, too. The zero value is ready for the first piece.
type jwt struct {
	state jwtState
	seen  uint8 // letters seen, in jwtNone and jwtPayloadStart
}

type jwtState uint8

const (
	jwtNone jwtState = iota
	jwtHeader
	jwtPayloadStart
	jwtPayload
	jwtSignature
)

// mask masks b in place, which stands at offset off, and appends the spans, as of
// rule.
func (j *jwt) mask(b []byte, off int64, spans []Span, rule Rule) []Span {
	for i := 0; i < len(b); {
		switch j.state {
		case jwtNone:
			i += j.find(b[i:])
		case jwtPayloadStart:
			j.payloadStart(b[i])
			i++
		default:
			n := runLen(b[i:])
			if j.state == jwtSignature {
				for k := range b[i : i+n] {
					b[i+k] = 'A'
				}
				spans = appendSpan(spans, off+int64(i), off+int64(i+n), rule)
			}
			i += n
			if i < len(b) {
				j.next(b[i])
				i++
			}
		}
	}
	return spans
}

// find looks for the start of a token and returns the number of bytes that it
// has read.
func (j *jwt) find(b []byte) int {
	const start = "eyJ"
	if j.seen == 0 {
		if i := bytes.Index(b, []byte(start)); i >= 0 {
			j.state = jwtHeader
			return i + len(start)
		}
		// The first letters of a token may end this piece.
		switch n := len(b); {
		case b[n-1] == 'e':
			j.seen = 1
		case n >= 2 && b[n-2] == 'e' && b[n-1] == 'y':
			j.seen = 2
		}
		return len(b)
	}
	switch c := b[0]; {
	case c != start[j.seen]:
		j.seen = 0
		if c == 'e' {
			j.seen = 1
		}
	case j.seen == 2:
		*j = jwt{state: jwtHeader}
	default:
		j.seen++
	}
	return 1
}

// payloadStart reads one of the first three bytes after the header's dot. seen
// is 1 after "e", 2 after "ey", 3 after "e3".
func (j *jwt) payloadStart(c byte) {
	switch {
	case j.seen == 0 && c == 'e':
		j.seen = 1
	case j.seen == 1 && c == 'y':
		j.seen = 2
	case j.seen == 1 && c == '3':
		j.seen = 3
	case j.seen == 2 && c == 'J', j.seen == 3 && c == '0':
		*j = jwt{state: jwtPayload}
	default:
		j.restart(c)
	}
}

// next reads the byte after a run of base64url.
func (j *jwt) next(c byte) {
	switch {
	case c != '.':
		j.restart(c)
	case j.state == jwtHeader:
		*j = jwt{state: jwtPayloadStart}
	case j.state == jwtPayload:
		j.state = jwtSignature
	}
}

// restart looks for another token, whose first byte c may be.
func (j *jwt) restart(c byte) {
	*j = jwt{}
	if c == 'e' {
		j.seen = 1
	}
}

// hasJWT reports whether b may hold the middle of a token, ".eyJ" or ".e30".
func hasJWT(b []byte) bool {
	for {
		i := bytes.IndexByte(b, '.')
		if i < 0 || len(b)-i < 4 {
			return false
		}
		b = b[i+1:]
		if b[0] == 'e' && (b[1] == 'y' && b[2] == 'J' || b[1] == '3' && b[2] == '0') {
			return true
		}
	}
}

// isJWT reports whether all of b is a token, and where its signature begins.
func isJWT(b []byte) (signature int, ok bool) {
	if !bytes.HasPrefix(b, []byte("eyJ")) {
		return 0, false
	}
	dot := runLen(b)
	if dot == len(b) || b[dot] != '.' {
		return 0, false
	}
	rest := b[dot+1:]
	if !bytes.HasPrefix(rest, []byte("eyJ")) && !bytes.HasPrefix(rest, []byte("e30")) {
		return 0, false
	}
	n := runLen(rest)
	if n == len(rest) || rest[n] != '.' {
		return 0, false
	}
	signature = dot + 1 + n + 1
	for _, c := range b[signature:] {
		if c != '.' && !base64url[c] {
			return 0, false
		}
	}
	return signature, true
}

// runLen returns the length of the base64url at the start of b.
func runLen(b []byte) int {
	for i, c := range b {
		if !base64url[c] {
			return i
		}
	}
	return len(b)
}

var base64url = func() (t [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") {
		t[c] = true
	}
	return t
}()
