package cassettes

import (
	"bytes"
	"io"
	"slices"
)

// Glimpse is a part of what an item says, as its text in the file has it, escapes
// and all.
type Glimpse struct {
	// RequestBody is the scalar, Response go-vcr's block; nil where there is
	// none.
	RequestBody, Response []byte

	text []byte
}

// Where an item's parts begin, and what stands for bytes that its text does not
// show.
var (
	vcrResponse = []byte("\n    response:\n")
	vcrBody     = []byte("\n      body: ")
	wireBlock   = []byte("\n    wire:\n")
	notShown    = [][]byte{[]byte("!!binary"), []byte("_raw: "), []byte("body_file: ")}
)

// Glimpse has g show item i, which is much cheaper than to read it. It reports
// false where the text does not show all: where a file has a body, where there
// are bytes that are no text, and in another layout than the Writer's. What g
// showed before is not valid any more.
func (c *Cassette) Glimpse(i int, g *Glimpse) bool {
	if c.foreign != nil {
		return false
	}
	p := &c.places[i]
	g.text = slices.Grow(g.text[:0], int(p.n))[:p.n]
	if _, err := c.text.ReadAt(g.text, p.off); err != nil && err != io.EOF {
		return false
	}
	for _, mark := range notShown {
		if bytes.Contains(g.text, mark) {
			return false
		}
	}
	rest, _, ok := bytes.Cut(g.text, wireBlock)
	if !ok {
		return false
	}
	request, response, _ := bytes.Cut(rest, vcrResponse)
	before, body, ok := bytes.Cut(request, vcrBody)
	if !ok || !bytes.Contains(before, []byte("\n    request:\n")) {
		return false
	}
	g.RequestBody, _, _ = bytes.Cut(body, []byte("\n"))
	g.Response = response
	return true
}
