package redact

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// shortestSecret is the length in bytes of the shortest string that can be a
// secret under a vague name, and longestWord of the longest that can be none.
const (
	shortestSecret = 8
	longestWord    = 40
)

// canBeSecret reports whether s, the content of a JSON string, can be a secret
// and not a word of a text: it has letters and digits, or letters of both cases
// behind its first letter, or a sign that words do not have, or many digits, or
// is too long for a word. A mask can be a secret: it was one. The first bytes of
// s decide.
func canBeSecret(s []byte) bool {
	if only(s, "*") {
		return true
	}
	var buf [maxKey + utf8.UTFMax]byte
	s = bytes.TrimSpace(unescapeJSON(buf[:0], s))
	switch {
	case len(s) < shortestSecret:
		return false
	case len(s) > longestWord:
		return true
	}
	var letters, digits, upper, lower, signs int
	for i, c := range string(s) {
		switch {
		case unicode.IsDigit(c):
			digits++
		case unicode.IsUpper(c) && i > 0:
			upper++
		case unicode.IsLower(c) && i > 0:
			lower++
		case unicode.IsLetter(c):
		case c < utf8.RuneSelf && bytes.IndexByte([]byte("_.~+/=:!@#$%^&"), byte(c)) >= 0:
			signs++
		default:
			continue
		}
		if unicode.IsLetter(c) {
			letters++
		}
	}
	switch {
	case letters == 0:
		return digits >= 2*shortestSecret // a long number, perhaps
	case digits > 0:
		return true
	}
	return upper > 0 && lower > 0 || signs > 0 && len(s) >= 2*shortestSecret
}
