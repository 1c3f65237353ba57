package cassettes

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/wiretape/wiretape/cassettes/internal/encode"
	"github.com/wiretape/wiretape/internal/yamltext"
)

// This file reads cassettes that are YAML in any layout but the canonical one:
// go-vcr wrote them, or somebody edited them by hand.

// loadAnyYAML reads the whole file with yaml.v3.
func (c *Cassette) loadAnyYAML() error {
	c.listing = listing{}
	if c.size > maxAnyYAML {
		return c.errorf(0, "the file has %d bytes in a layout that must be read whole, of which %d are allowed; "+
			"rewrite it with cassette fmt where it is smaller", c.size, maxAnyYAML)
	}
	data := make([]byte, c.size)
	if _, err := c.text.ReadAt(data, 0); err != nil && err != io.EOF {
		return fmt.Errorf("read cassette %s: %w", c.Name, err)
	}
	f := &wholeFile{c: c, data: data}
	t, err := f.parse()
	if err != nil {
		return err
	}
	c.anyYAML, c.comment = t, t.Comment
	if err := c.buildHeader(t, 0); err != nil {
		return err
	}
	return f.list(t)
}

// wholeFile is the whole text of a cassette that may be in any layout.
type wholeFile struct {
	c    *Cassette
	data []byte
	// line gives the number in the file of the n-th line of data. Nil means that
	// no line is left out.
	line func(n int) int
}

// parse parses the text, without an unfinished last item.
func (f *wholeFile) parse() (*yamltext.Tree, error) {
	t, err := f.parseTo(len(f.data))
	if err != nil || isOurs(t) && (f.data[len(f.data)-1] != '\n' || !endsWhole(t)) {
		if whole := f.parseTorn(); whole != nil {
			return whole, nil
		}
	}
	return t, err
}

// inOtherLayout reports whether the file is in another layout than the canonical
// one.
func (c *Cassette) inOtherLayout() bool { return c.anyYAML != nil || c.pieces != nil }

// isOurs reports whether a file has the header that a Writer gives a cassette.
func isOurs(t *yamltext.Tree) bool { return t.Lookup(0, "wire") != 0 }

// endsWhole reports whether the last item has come to its end.
func endsWhole(t *yamltext.Tree) bool {
	last := 0
	if list := t.Lookup(0, "interactions"); list != 0 {
		for i := range t.Children(list) {
			last = i
		}
	}
	return last == 0 || isWhole(t, last)
}

// list fills in the places of the cassette's items.
func (f *wholeFile) list(t *yamltext.Tree) error {
	c := f.c
	list := t.Lookup(0, "interactions")
	if list == 0 || t.IsNull(list) {
		return nil
	}
	if t.Kind(list) != yamltext.Sequence {
		return c.errorf(t.Line(list), "interactions: want a list, not %s", t.Describe(list))
	}
	for i := range t.Children(list) {
		at, err := c.entry(&c.listing, t, i)
		if err != nil {
			return err
		}
		at.node = i
		c.places = append(c.places, at)
	}
	return nil
}

// tear notes that an unfinished last item, which begins at a line and offset,
// was dropped.
func (c *Cassette) tear(line int, off int64) {
	c.size = off
	c.Torn = c.errorf(line, "the last interaction is unfinished and was dropped; cassette verify --repair cuts it off")
}

// lastLine matches text that ends as the encoder ends an item.
var lastLine = regexp.MustCompile(`\n {6}conn: [0-9]+\n$`)

// parseTorn parses the text without its last item. It returns nil where the
// rest is no cassette of ours.
func (f *wholeFile) parseTorn() *yamltext.Tree {
	data := f.data
	if lastLine.Match(data) {
		return nil // it is whole, and damaged
	}
	at := bytes.LastIndexByte(data, '\n') + 1
	if at < len(data) && strings.HasPrefix(encode.ItemStart, string(data[at:])) {
		if t := f.parseBefore(at); t != nil && endsWhole(t) {
			return t
		}
	}
	if at = bytes.LastIndex(data, nextItem) + 1; at == 0 {
		return nil
	}
	return f.parseBefore(at)
}

// parseBefore parses what stands before at, where that is a cassette of ours,
// and notes that the rest was dropped.
func (f *wholeFile) parseBefore(at int) *yamltext.Tree {
	t, err := f.parseTo(at)
	if err != nil || !isOurs(t) {
		return nil
	}
	f.c.tear(bytes.Count(f.data[:at], []byte("\n"))+1, int64(at))
	return t
}

// isTorn reports whether text, a last item that is not in the canonical
// layout, is no whole item in another layout either.
func isTorn(text []byte) bool {
	switch {
	case text[len(text)-1] != '\n':
		return true
	case lastLine.Match(text):
		return false
	}
	t, err := yamltext.Decode(append([]byte("interactions:\n"), text...), yamltext.Options{})
	if err != nil {
		return !errors.Is(err, yamltext.ErrRefused)
	}
	list := t.Lookup(0, "interactions")
	return list == 0 || t.First(list) == 0 || !isWhole(t, t.First(list))
}

// parseTo parses the text up to end: one YAML document whose root is a mapping.
func (f *wholeFile) parseTo(end int) (*yamltext.Tree, error) {
	t, err := yamltext.Decode(f.data[:end], yamltext.Options{Line: f.line})
	if err != nil {
		return nil, yamlError(f.c, err)
	}
	if t.Kind(0) != yamltext.Mapping {
		return nil, f.c.errorf(t.Line(0), "not a cassette: want a mapping, found %s", t.Describe(0))
	}
	return t, nil
}

// yamlError gives an error of the YAML reader the name of cassette c.
func yamlError(c *Cassette, err error) error {
	var at *yamltext.Error
	switch {
	case !errors.As(err, &at):
		return c.errorf(0, "not a cassette: %v", err)
	case errors.Is(err, yamltext.ErrRefused):
		return c.errorf(at.Line, "%w", at.Err)
	}
	return c.errorf(at.Line, "not a cassette: %w", at.Err)
}
