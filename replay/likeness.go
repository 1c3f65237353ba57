package replay

import (
	"bytes"
	"unicode"
)

// candidatesMax is the number of unplayed interactions that are looked at where
// none has the body of a request.
const candidatesMax = 64

// textMax is how much of a body is compared with others that it is not equal
// to.
const textMax = 16 << 10

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
func (x *index) textOf(pos int32) []byte {
	it, err := x.item(pos)
	if err != nil {
		return nil
	}
	d := x.newDigest(requestTarget(it.Request.Head), it.Request.Head)
	defer d.close()
	if d.read(it) != nil {
		return nil
	}
	d.content()
	return d.text
}
