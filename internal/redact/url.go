package redact

import "bytes"

// maskQueries masks the values of secret keys in the query and fragment of a
// URL in text, and appends their spans. From the first ? or # on, a key begins
// after one of ?&#; and a value ends at & or at a byte for which end is true.
func (r *Rules) maskQueries(text []byte, end func(byte) bool, spans []Span) []Span {
	pos := 0
	for pos < len(text) && text[pos] != '?' && text[pos] != '#' {
		pos++
	}
	for pos < len(text) {
		c := text[pos]
		pos++
		// "#" counts because token services answer in fragments, ";" because
		// some servers part pairs with it.
		if c != '?' && c != '&' && c != '#' && c != ';' {
			continue
		}
		key := queryKey(text[pos:])
		name := r.findQueryKey(key)
		if name == "" {
			continue
		}
		pos += len(key) + 1
		from := pos
		for pos < len(text) && text[pos] != '&' && !end(text[pos]) {
			pos++
		}
		stars(text[from:pos])
		spans = appendSpan(spans, int64(from), int64(pos), Rule{kindQuery, name})
	}
	return spans
}

// queryKey returns the bytes of b before "=", or nil where b does not begin
// with a key.
func queryKey(b []byte) []byte {
	for i, c := range b[:min(len(b), 3*maxKey+1)] {
		switch c {
		case '=':
			return b[:i]
		case '?', '&', '#', ';', '/', ' ', '\t', '\r', '\n':
			return nil
		}
	}
	return nil
}

// findQueryKey returns the name of a secret key, which may have
// percent-encoding, or "" for a key that is not secret.
func (r *Rules) findQueryKey(key []byte) string {
	if bytes.IndexByte(key, '%') < 0 {
		return r.query.find(key)
	}
	var buf [3 * maxKey]byte
	return r.query.find(unescapePercent(buf[:0], key))
}

// unescapePercent appends b to dst with every %XX decoded.
func unescapePercent(dst, b []byte) []byte {
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '%' && i+2 < len(b) {
			hi, lo := hexDigit(b[i+1]), hexDigit(b[i+2])
			if hi >= 0 && lo >= 0 {
				c = byte(hi<<4 | lo)
				i += 2
			}
		}
		dst = append(dst, c)
	}
	return dst
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// isTargetEnd reports false: a request target ends at the end of its text.
func isTargetEnd(byte) bool { return false }

// isURLEnd reports whether a URL ends at c in the value of a field, as in
// <URL>; rel=… or key="URL".
func isURLEnd(c byte) bool { return c == '>' || c == '"' || c == ' ' || c == '\t' }

// maskUserinfo masks user:password@ in the URLs of text, also in URLs that are
// a percent-encoded value of a query.
func maskUserinfo(text []byte, spans []Span) []Span {
	if bytes.IndexByte(text, '@') < 0 && bytes.IndexByte(text, '%') < 0 {
		return spans
	}
	for pos := 0; ; {
		n := authority(text[pos:])
		if n < 0 {
			return spans
		}
		pos += n
		n = userinfoLen(text[pos:])
		stars(text[pos : pos+n])
		spans = appendSpan(spans, int64(pos), int64(pos+n), Rule{Kind: kindUserinfo})
		pos += n
	}
}

// authority returns the index after the first "://" in b, plain or encoded, or
// -1.
func authority(b []byte) int {
	for pos := 0; ; {
		i := bytes.IndexAny(b[pos:], ":%")
		if i < 0 {
			return -1
		}
		pos += i
		if bytes.HasPrefix(b[pos:], []byte("://")) {
			return pos + 3
		}
		const encoded = len("%3A%2F%2F")
		if len(b)-pos >= encoded && equalFold(b[pos:pos+encoded], "%3a%2f%2f") {
			return pos + encoded
		}
		pos++
	}
}

// userinfoLen returns the length of the user information in the authority at
// the start of b: the bytes before its last "@".
func userinfoLen(b []byte) int {
	n := 0
	for i, c := range b {
		switch c {
		case '/', '?', '#', '&', ' ', '\t', '\r', '\n', '"', '<', '>', '\\':
			return n
		case '@':
			n = i
		// In a URL inside a query the delimiters are percent-encoded.
		case '%':
			switch {
			case i+2 >= len(b):
			case b[i+1] == '4' && b[i+2] == '0': // @
				n = i
			case b[i+1] == '2' && (b[i+2]|0x20 == 'f' || b[i+2] == '3'), b[i+1] == '3' && b[i+2]|0x20 == 'f': // / # ?
				return n
			}
		}
	}
	return n
}
