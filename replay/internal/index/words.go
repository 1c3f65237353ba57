package index

import (
	"bytes"
	"unicode"

	"github.com/wiretape/wiretape/replay/internal/rule"
)

// candidatesMax is the number of unplayed interactions that are looked at where
// none has the body of a request.
const candidatesMax = 64

// isJSON reports whether a body begins as JSON does.
func isJSON(text []byte) bool { return len(text) > 0 && (text[0] == '{' || text[0] == '[') }

// words counts the words of a text.
type words map[string]int

func wordsOf(text []byte) words {
	w := words{}
	for _, word := range fields(text) {
		w[string(word)]++
	}
	return w
}

func fields(text []byte) [][]byte {
	return bytes.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// common returns how many words another text has in common.
func (w words) common(text []byte) (n int) {
	seen := words{}
	for _, word := range fields(text) {
		if seen[string(word)]++; seen[string(word)] <= w[string(word)] {
			n++
		}
	}
	return n
}

// textOf returns the beginning of a recorded request's body as it is compared;
// of one that cannot be read, nothing.
func (x *Index) textOf(pos int32) []byte {
	it, err := x.Item(pos)
	if err != nil {
		return nil
	}
	d := x.NewDigest(rule.RequestTarget(it.Request.Head), it.Request.Head)
	defer d.Close()
	if d.Read(it) != nil {
		return nil
	}
	d.Content()
	return d.Text()
}
