package redact

import (
	"bytes"
	"math"
	"strings"
)

// names are the rules that findings of values by their names go by.
var names = func() *Rules {
	r := &Rules{}
	r.addDefaults()
	return r
}()

// detectNamed looks whether b begins with the name of a secret, word, and its
// value.
func detectNamed(b, word []byte) match {
	name := bytes.TrimLeft(word, "-") // --password=…
	header := names.headers.has(name)
	known := header || names.query.has(name) || names.json.has(name) || names.scalar.has(name)
	if !known && !looksSecret(name) {
		return match{}
	}
	v, ok := valueOf(b, len(word), header)
	value := b[v.from:v.to]
	switch {
	case !ok, isMasked(value), isPlaceholder(value):
		return match{}
	case header && v.separator == ':':
		if isMaskedField(name, value) {
			return match{}
		}
		return match{from: v.from + schemeLen(value), to: v.to, kind: KindHeader}
	case v.bare && (v.separator == ':' && !hasDigit(value) || !isValueLike(value)):
		return match{} // a word of a sentence
	case known:
		return match{from: v.from, to: v.to, kind: KindKey}
	case len(value) >= 8 && hasDigit(value) && entropy(value) > 3:
		return match{from: v.from, to: v.to, kind: KindRandom}
	}
	return match{}
}

// looksSecret reports whether a name ends like that of a secret:
// MYSQL_ROOT_PASSWORD, githubToken.
func looksSecret(name []byte) bool {
	if len(name) < len("token") || len(name) > maxKey {
		return false
	}
	switch name[len(name)-1] | 0x20 {
	case 'n', 't', 'd', 'e', 'y':
	default:
		return false
	}
	var buf [maxKey]byte
	key := buf[:0]
	for _, c := range name {
		if c != '_' && c != '-' {
			key = append(key, c|0x20)
		}
	}
	for _, end := range []string{"token", "secret", "password", "passwd", "passphrase", "apikey", "accesskey", "secretkey", "privatekey", "authkey"} {
		if bytes.HasSuffix(key, []byte(end)) {
			return true
		}
	}
	return false
}

// namedValue is a value found behind a name.
type namedValue struct {
	from, to  int
	separator byte // ':' or '='
	bare      bool // without quotes around it, and no item of a list
}

// valueOf finds the value of the name that ends at pos in b: in JSON, perhaps
// quoted once more in YAML; in a query, form or variable; in a field line; or
// in YAML, as an item of a list on the next line. Line says that it may have
// spaces: a field's.
func valueOf(b []byte, pos int, line bool) (v namedValue, ok bool) {
	at := func(i int) byte {
		if i < len(b) {
			return b[i]
		}
		return 0
	}
	if _, n := quoteAt(b, pos); n > 0 {
		pos += n // the name's closing quote
	}
	for at(pos) == ' ' {
		pos++
	}
	v.separator = at(pos)
	next := at(pos + 1)
	switch v.separator {
	case '=':
		if next == '=' || next == '>' || next == '~' {
			return v, false
		}
	case ':':
		if next == ':' || next == '=' || next == '/' {
			return v, false
		}
	default:
		return v, false
	}
	pos++
	v.bare = true
	if v.separator == ':' {
		pos += spaceLen(b[pos:])
		if n := listItem(b[pos:]); n > 0 {
			pos += n
			v.bare, line = false, true
		}
	}
	quote, n := quoteAt(b, pos)
	v.from = pos + n
	if n > 0 {
		v.bare = false
		v.to = v.from + quotedLen(b[v.from:], quote, n-1)
	} else {
		v.from, v.to = trim(b, v.from, v.from+bareLen(b[v.from:], line))
	}
	return v, v.to > v.from
}

func spaceLen(b []byte) int {
	n := 0
	for n < len(b) && (b[n] == ' ' || b[n] == '\t') {
		n++
	}
	return n
}

// listItem returns the length of a line end, indentation and "- ".
func listItem(b []byte) int {
	if len(b) == 0 || b[0] != '\n' {
		return 0
	}
	n := 1 + spaceLen(b[1:])
	if hasPrefix(b[n:], "- ") {
		return n + 2
	}
	return 0
}

// quoteAt returns the quote at pos and its length with the backslashes before
// it: 2 for \", as JSON has it in a YAML string.
func quoteAt(b []byte, pos int) (quote byte, n int) {
	for pos+n < len(b) && b[pos+n] == '\\' {
		n++
	}
	if pos+n < len(b) && (b[pos+n] == '"' || b[pos+n] == '\'') {
		return b[pos+n], n + 1
	}
	return 0, 0
}

// quotedLen returns the length of b before a quote with just that many
// backslashes before it.
func quotedLen(b []byte, quote byte, escapes int) int {
	run := 0
	for i, c := range b {
		switch {
		case c == '\\':
			run++
			continue
		case c == quote && run == escapes:
			return i - run
		case c == quote && run < escapes: // the outer string ends
			return i - run
		}
		run = 0
	}
	return len(b)
}

// bareLen returns the length of a value without quotes.
func bareLen(b []byte, line bool) int {
	ends := "\r\n\t \"'&,;<>{}[]()\\`|"
	if line {
		ends = "\r\n\"\\"
	}
	for i, c := range b {
		if strings.IndexByte(ends, c) >= 0 {
			return i
		}
	}
	return len(b)
}

// isValueLike reports whether a value without quotes is more than true, null
// or a variable.
func isValueLike(value []byte) bool {
	return !isWord(value) && value[0] != '$' && value[0] != '%' && string(value) != "undefined"
}

// isMasked reports whether nothing of value is left but stars, or ones where
// a number was, or a JWT's head and claims.
func isMasked(value []byte) bool {
	if sig, ok := isJWT(value); ok {
		return isMaskedSignature(value[sig:])
	}
	return only(value, "*1.-+eE")
}

func isMaskedSignature(sig []byte) bool { return only(sig, "A.") }

func only(b []byte, set string) bool {
	for _, c := range b {
		if strings.IndexByte(set, c) < 0 {
			return false
		}
	}
	return true
}

// isMaskedField reports whether a secret field's value is masked, as Head
// does it: what Head would not change has nothing to hide.
func isMaskedField(name, value []byte) bool {
	line := append(append(bytes.Clone(name), ": "...), value...)
	masked := bytes.Clone(line)
	names.Head(masked, nil)
	return bytes.Equal(line, masked) || only(value, "* ") // as Lines does it
}

// isPlaceholder reports whether value stands for a secret, as other tools and
// people write one.
func isPlaceholder(value []byte) bool {
	v := strings.Trim(strings.ToLower(string(value)), "<>[]{}()_-. ")
	switch v {
	case "redacted", "masked", "hidden", "removed", "secret", "password", "token", "changeme", "none", "null":
		return true
	}
	return strings.Trim(v, "x") == "" || strings.Trim(v, "*") == "" || value[0] == '$'
}

func hasDigit(b []byte) bool { return bytes.ContainsAny(b, "0123456789") }

// entropy returns the Shannon entropy of b's bytes, in bits a byte.
func entropy(b []byte) float64 {
	var count [256]int
	for _, c := range b {
		count[c]++
	}
	h := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(b))
			h -= p * math.Log2(p)
		}
	}
	return h
}
