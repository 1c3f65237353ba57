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
	// consonants is the length of a run of them that long words do not have.
	consonants = 7
)

// canBeSecret reports whether s, the content of a JSON string, can be a secret
// and not a word of a text: it has letters and digits, or letters of both cases
// behind its first letter, or a sign that words do not have, or many digits. Or it
// is long and has no vowels for a long run, or is all in upper case, or is too
// long for a word. A mask can be a secret: it was one. The first bytes of
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
	var letters, digits, upper, lower, signs, run, longest int
	for i, c := range string(s) {
		run++
		switch {
		case unicode.IsDigit(c):
			digits++
		case unicode.IsUpper(c):
			letters++
			if i > 0 {
				upper++
			}
		case unicode.IsLower(c):
			letters++
			if i > 0 {
				lower++
			}
		case unicode.IsLetter(c):
			letters++
		case c < utf8.RuneSelf && bytes.IndexByte([]byte("_.~+/=:!@#$%^&"), byte(c)) >= 0:
			signs++
		}
		if c >= utf8.RuneSelf || bytes.IndexByte([]byte("aeiouyAEIOUY-' "), byte(c)) >= 0 {
			run = 0
		}
		longest = max(longest, run)
	}
	long := len(s) >= 2*shortestSecret
	switch {
	case letters == 0:
		return digits > 0 && long
	case digits > 0, upper > 0 && lower > 0:
		return true
	}
	return long && (signs > 0 || lower == 0 || longest >= consonants)
}
