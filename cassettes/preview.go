package cassettes

import (
	"bytes"
	"io"
	"slices"

	"github.com/wiretape/wiretape/cassettes/internal/encode"
	"github.com/wiretape/wiretape/internal/yamltext"
)

// Preview is a part of what an item says.
type Preview struct {
	RequestBody, ResponseBody []byte // valid until the next Preview; nil if not in the text
	// Response is the text of the block wire.response in the file: the head, and
	// more.
	Response []byte

	// window caches bytes of the file of the cassette of, starting at off.
	of     *Cassette
	off    int64
	window []byte
	bodies []byte // memory
}

// previewRead is how much is read at once: as a rule, the next item is shown next.
const previewRead = 64 << 10

// Preview has g show a part of item i, found in the item's text. That takes a
// small part of the time of Interaction. It reports false where Interaction must
// be asked: where the text does not show the part plainly, as in another's
// layout, and where something is wrong with it. Slices that g returned before
// are no longer valid.
func (c *Cassette) Preview(i int, g *Preview) bool {
	if c.inOtherLayout() {
		return false
	}
	g.RequestBody, g.ResponseBody, g.Response, g.bodies = nil, nil, nil, g.bodies[:0]
	p := &c.places[i]
	if g.of != c || p.off < g.off || p.off+p.n > g.off+int64(len(g.window)) {
		g.window = slices.Grow(g.window[:0], max(int(p.n), previewRead))
		n, err := c.text.ReadAt(g.window[:cap(g.window)], p.off)
		g.of, g.off, g.window = c, p.off, g.window[:n]
		if err != nil && err != io.EOF || int64(n) < p.n {
			return false
		}
	}
	return g.find(g.window[p.off-g.off:][:p.n])
}

// find goes through the lines of an item's text.
func (g *Preview) find(text []byte) bool {
	var body *[]byte // of the block that a line stands in
	wire := false
	for rest := text; len(rest) > 0; {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		value, isBody := bytes.CutPrefix(line, []byte("      body: "))
		key := "" // of the item
		if len(line) > len(encode.ItemStart) && line[len(encode.ItemStart)] != ' ' {
			key = string(line[len(encode.ItemStart):]) // behind its dash or indentation
		}
		switch {
		case isBody && !wire && body != nil:
			n, ok := g.quoted(rest[len(line)-len(value):], body)
			if !ok {
				return false
			}
			after = rest[len(line)-len(value)+n:]
		case wire && key != "":
			return false
		case key == "request:":
			body = &g.RequestBody
		case key == "response:":
			body = &g.ResponseBody
		case key == "wire:":
			wire = true
		case key != "":
			body = nil
		case string(line) == "      response:" && wire:
			g.Response = rest
		case wire && (bytes.Contains(line, []byte("_raw: ")) || bytes.Contains(line, []byte("body_file: "))):
			return false
		}
		rest = after
	}
	return wire && bytes.IndexByte(g.Response, '\\') < 0
}

// quoted sets body to the value of the double-quoted scalar that text begins
// with, and returns the scalar's length with the newline behind it.
func (g *Preview) quoted(text []byte, body *[]byte) (n int, ok bool) {
	quoted, rest, ok := yamltext.SkipQuoted(text)
	if !ok {
		return 0, false
	}
	from := len(g.bodies)
	g.bodies = yamltext.Unquote(g.bodies, quoted)
	*body = g.bodies[from:]
	return min(len(text)-len(rest)+1, len(text)), true
}
