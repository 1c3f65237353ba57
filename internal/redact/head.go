package redact

import (
	"bytes"
	"cmp"
	"slices"
)

// Head masks the secrets of a head or trailer section in place, with line ends
// of any kind, and appends their spans to spans. In secret fields it masks the
// value: all of it, the part after the scheme in credentials, or the values in
// cookies. In the target and all other fields it masks the values of secret
// query keys, user information in URLs, and signatures of JWTs.
func (r *Rules) Head(head []byte, spans []Span) []Span {
	if r == nil {
		return spans
	}
	// The new spans have a slice of their own, in the memory of spans: they must
	// not be joined with the caller's.
	m := headMasker{
		rules: r,
		head:  head,
		spans: spans[len(spans):],
		jwts:  !r.keepJWT && hasJWT(head),
	}
	for i := range m.next {
		m.next[i] = next(head, 0, urlBytes[i])
	}
	secret, first := false, true
	for pos := 0; pos < len(head); {
		end := len(head)
		if i := bytes.IndexByte(head[pos:], '\n'); i >= 0 {
			end = pos + i + 1
		}
		from, to := trim(head, pos, end)
		switch folded := from > pos; {
		case from == to: // an empty line
		// A folded line continues a secret value (RFC 9112 section 5.2).
		case folded && secret:
			m.mask(from, to)
		case folded:
			m.inside(from, to)
		default:
			secret = m.line(from, to, isFolded(head, end), first)
			first = false
		}
		pos = end
	}
	return append(spans, m.spans...)
}

// trim returns [from, to) without the white space and line end around it.
func trim(b []byte, from, to int) (int, int) {
	for from < to && isSpace(b[from]) {
		from++
	}
	for from < to && isSpace(b[to-1]) {
		to--
	}
	return from, to
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// isFolded reports whether the line that begins at pos continues the one
// before (RFC 9112 section 5.2).
func isFolded(head []byte, pos int) bool {
	return pos < len(head) && (head[pos] == ' ' || head[pos] == '\t')
}

// headMasker masks the lines of one head.
type headMasker struct {
	rules *Rules
	head  []byte
	spans []Span
	jwts  bool // the head may hold some
	field Rule // that masks the current field

	next    [len(urlBytes)]int // where each of urlBytes comes next
	soonest int                // the least of next, or less
}

// urlBytes are the bytes that rules about URLs look for. Most lines have none
// of them, and so do many heads.
const urlBytes = "?#@%"

// next returns the index of the first c in b that is not before pos, or
// len(b).
func next(b []byte, pos int, c byte) int { return pos + upTo(b[pos:], c) }

// hasURL reports whether [from, to) may hold a URL. Calls come in order.
func (m *headMasker) hasURL(from, to int) bool {
	if to <= m.soonest {
		return false
	}
	m.soonest = len(m.head)
	for i, at := range m.next {
		if at < from {
			at = next(m.head, from, urlBytes[i])
			m.next[i] = at
		}
		m.soonest = min(m.soonest, at)
	}
	return m.soonest < to
}

// mask covers [from, to).
func (m *headMasker) mask(from, to int) {
	stars(m.head[from:to])
	m.spans = appendSpan(m.spans, int64(from), int64(to), m.field)
}

// line masks the line [from, to). It reports whether the lines that continue
// it are secret.
func (m *headMasker) line(from, to int, folded, first bool) (secret bool) {
	line := m.head[from:to]
	colon := bytes.IndexByte(line, ':')
	if first && isStartLine(line, colon) {
		m.startLine(from, to)
		return false
	}
	if colon < 0 {
		m.inside(from, to)
		return false
	}
	name := line[:colon]
	for len(name) > 0 && isSpace(name[len(name)-1]) {
		name = name[:len(name)-1] // invalid, but many servers accept it
	}
	value, to := trim(m.head, from+colon+1, to)
	m.field = Rule{kindHeader, m.rules.headers.find(name)}
	if m.field.Name == "" {
		m.inside(value, to)
		return false
	}
	switch {
	// A folded value is masked whole: its scheme or its cookie's name may
	// stand on one line and the secret on the next.
	case folded:
		m.mask(value, to)
	case len(name) == len("Cookie") && equalFold(name, "cookie"):
		m.cookies(value, to)
	case len(name) == len("Set-Cookie") && equalFold(name, "set-cookie"):
		m.cookie(value, value+upTo(m.head[value:to], ';'))
	default:
		m.mask(value+schemeLen(m.head[value:to]), to)
	}
	return true
}

// isStartLine tells a start line from a field line: the name of a field has no
// space.
func isStartLine(line []byte, colon int) bool {
	space := bytes.IndexByte(line, ' ')
	return space >= 0 && (colon < 0 || space < colon)
}

// startLine masks the target of a request line.
func (m *headMasker) startLine(from, to int) {
	line := m.head[from:to]
	start := from + bytes.IndexByte(line, ' ') + 1
	if i := bytes.LastIndex(line, []byte(" HTTP/")); i >= 0 && from+i > start {
		to = from + i
	}
	m.text(start, to, isTargetEnd)
}

// inside masks the secrets in [from, to), a part of a field that is not secret
// itself.
func (m *headMasker) inside(from, to int) { m.text(from, to, isURLEnd) }

// text masks query values, user information and JWTs in [from, to). Later
// rules see the masks of earlier ones, so spans may overlap.
func (m *headMasker) text(from, to int, end func(byte) bool) {
	var found []Span
	text := m.head[from:to]
	if m.hasURL(from, to) {
		found = m.rules.maskQueries(text, end, nil)
		if !m.rules.keepUserinfo {
			found = append(found, maskUserinfo(text, nil)...)
		}
	}
	if m.jwts {
		var j jwt
		found = append(found, j.mask(text, 0, nil, Rule{Kind: kindJWT})...)
	}
	if len(found) > 1 {
		slices.SortFunc(found, func(a, b Span) int { return cmp.Compare(a.Off, b.Off) })
	}
	for _, s := range found {
		m.spans = appendSpan(m.spans, int64(from)+s.Off, int64(from)+s.end(), s.Rule)
	}
}

// cookies masks the values of a Cookie field: "a=**; b=**".
func (m *headMasker) cookies(from, to int) {
	for from < to {
		end := from + upTo(m.head[from:to], ';')
		m.cookie(from, end)
		from = end + 1
	}
}

// cookie masks the value of a pair, or all of a pair without a name.
func (m *headMasker) cookie(from, to int) {
	if i := bytes.IndexByte(m.head[from:to], '='); i >= 0 {
		from += i + 1
	}
	from, to = trim(m.head, from, to)
	m.mask(from, to)
}

// upTo returns the number of bytes of b before the first c.
func upTo(b []byte, c byte) int {
	if i := bytes.IndexByte(b, c); i >= 0 {
		return i
	}
	return len(b)
}

// schemes are the words that may stand before credentials (RFC 9110 section
// 11.4). Any other word may be a secret itself.
var schemes = func() (s keySet) {
	for _, name := range []string{
		"Basic", "Bearer", "Digest", "Token", "Negotiate", "NTLM", "OAuth", "DPoP", "Hawk", "ApiKey", "Key",
		"AWS", "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256", "SharedKey", "SharedKeyLite", "GoogleLogin",
		"SCRAM-SHA-1", "SCRAM-SHA-256", "Mutual", "HOBA", "GNAP", "PrivateToken", "vapid",
	} {
		s.add(name)
	}
	return s
}()

// schemeLen returns the length of the scheme and the space before credentials,
// 0 where there is no known scheme.
func schemeLen(value []byte) int {
	i := bytes.IndexByte(value, ' ')
	if i < 0 || !schemes.has(value[:i]) {
		return 0
	}
	for i < len(value) && value[i] == ' ' {
		i++
	}
	return i
}
