package explain

import (
	"strings"
	"unicode"
)

// Printable returns text without bytes that a terminal would act on.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
