package redact

import (
	"bytes"
	"math"
	"strings"
)

// names are the rules that decide which names Find looks for.
var names = func() *Rules {
	r := &Rules{}
	r.addDefaults()
	return r
}()

// detectNamed detects a secret by its name, word, at the start of b, and finds
// its value. prev is the byte before b.
func detectNamed(b, word []byte, prev byte) match {
	name := bytes.TrimLeft(word, "-") // an option, --password=…
	header := names.headers.has(name)
	known := header || names.query.has(name) || names.json.has(name) || names.scalar.has(name)
	if !known && !looksSecret(name) {
		return match{}
	}
	v, ok := valueOf(b, len(word), header)
	if !ok && (prev == '<' || prev == ':') {
		v, ok = elementText(b, len(word))
	}
	value := b[v.from:v.to]
	switch {
	case !ok, isMasked(value), isPlaceholder(value):
		return match{}
	case header && v.separator == ':':
		if isMaskedField(name, value) {
			return match{}
		}
		return match{from: v.from + schemeLen(value), to: v.to, kind: KindHeader}
	// In JSON and XML a vague name has words and numbers, too.
	case v.separator != '=' && names.vague.has(name) && !canBeSecret(value):
		return match{}
	// In prose a name is often followed by a colon and a word ("token:
	// missing"), in code by a variable.
	case v.bare && (v.separator == ':' && !hasDigit(value) || !isValueLike(value)):
		return match{} // a word of a sentence
	case known:
		return match{from: v.from, to: v.to, kind: KindKey}
	// The name is no known one, so the value must look random.
	case len(value) >= 8 && hasDigit(value) && entropy(value) > 3:
		return match{from: v.from, to: v.to, kind: KindRandom}
	}
	return match{}
}

// looksSecret reports whether a name ends as the names of secrets do:
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

// namedValue is the value of a name.
type namedValue struct {
	from, to  int
	separator byte // ':' or '=', or '>' of a start tag
	bare      bool // without quotes, and not in a list
}

// valueOf finds the value of the name that ends at pos in b. The name may
// stand in JSON, perhaps quoted once more in YAML, in a query, form or
// variable, in a field line, or in YAML before a list, whose first item is the
// value. With line the value may have spaces, as in a field.
func valueOf(b []byte, pos int, line bool) (v namedValue, ok bool) {
	if v.separator, pos = separatorAt(b, pos); v.separator == 0 {
		return v, false
	}
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
	// The quote that closes has as many backslashes as the one that opens,
	// where JSON stands in a YAML string.
	if n > 0 {
		v.bare = false
		v.to = v.from + quotedLen(b[v.from:], quote, n-1)
	} else {
		v.from, v.to = trim(b, v.from, v.from+bareLen(b[v.from:], line))
	}
	return v, v.to > v.from
}

// elementText finds the text of the XML element whose name ends at pos in b,
// without the white space around it. The XML may stand in a quoted YAML string.
func elementText(b []byte, pos int) (v namedValue, ok bool) {
	n := bytes.IndexAny(b[pos:], "<>")
	if n < 0 || b[pos+n] != '>' || n > 0 && (blankLen(b[pos:]) == 0 || b[pos+n-1] == '/') {
		return v, false
	}
	v.from, v.separator = pos+n+1, '>'
	v.from += blankLen(b[v.from:])
	end := "<"
	if cdata := "<![CDATA["; hasPrefix(b[v.from:], cdata) {
		v.from, end = v.from+len(cdata), "]]>"
		v.from += blankLen(b[v.from:])
	}
	n = bytes.Index(b[v.from:], []byte(end))
	switch {
	case n >= 0:
	case len(b) < maxMatch: // a placeholder in prose
		return namedValue{}, false
	default:
		n = len(b) - v.from
	}
	v.to = v.from
	for i := v.from; i < v.from+n; i++ {
		if blank := blankLen(b[i : v.from+n]); blank > 0 {
			i += blank - 1
			continue
		}
		v.to = i + 1
	}
	return v, v.to > v.from
}

// blankLen returns the length of the white space that b begins with, also where it
// is escaped as in a quoted YAML string.
func blankLen(b []byte) int {
	for i := 0; ; i++ {
		switch {
		case i == len(b):
			return i
		case isSpace(b[i]):
		case b[i] == '\\' && i+1 < len(b) && strings.IndexByte("nrt \n", b[i+1]) >= 0:
			i++
		default:
			return i
		}
	}
}

// separatorAt returns the ":" or "=" after the name that ends at pos, and the
// index after it, or 0 where there is none.
func separatorAt(b []byte, pos int) (separator byte, after int) {
	if _, n := quoteAt(b, pos); n > 0 {
		pos += n // the closing quote of the name
	}
	for pos < len(b) && b[pos] == ' ' {
		pos++
	}
	// Comparisons, arrows, "::" and "://" look like separators and are none.
	not := ""
	switch {
	case pos == len(b):
		return 0, pos
	case b[pos] == '=':
		not = "=>~"
	case b[pos] == ':':
		not = ":=/"
	default:
		return 0, pos
	}
	if pos+1 < len(b) && strings.IndexByte(not, b[pos+1]) >= 0 {
		return 0, pos
	}
	return b[pos], pos + 1
}

func spaceLen(b []byte) int {
	n := 0
	for n < len(b) && (b[n] == ' ' || b[n] == '\t') {
		n++
	}
	return n
}

// listItem returns the length of a line end, indentation and "- ", 0 where b
// does not begin with them.
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
// it: 2 for \", as in JSON in a YAML string.
func quoteAt(b []byte, pos int) (quote byte, n int) {
	for pos+n < len(b) && b[pos+n] == '\\' {
		n++
	}
	if pos+n < len(b) && (b[pos+n] == '"' || b[pos+n] == '\'') {
		return b[pos+n], n + 1
	}
	return 0, 0
}

// quotedLen returns the number of bytes of b before a quote with exactly that
// many backslashes before it.
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

// bareLen returns the length of a value without quotes. With line it goes to
// the end of the line.
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

// isMasked reports whether value is a mask: stars, ones in place of a number,
// or a JWT with a masked signature.
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

// isMaskedField reports whether the value of a secret field is masked: Head
// would not change it.
func isMaskedField(name, value []byte) bool {
	line := append(append(bytes.Clone(name), ": "...), value...)
	masked := bytes.Clone(line)
	names.Head(masked, nil)
	return bytes.Equal(line, masked) || only(value, "* ") // the mask of Lines
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
