package cassettes

import (
	"errors"

	"github.com/wiretape/wiretape/cassettes/internal/encode"
	"github.com/wiretape/wiretape/cassettes/internal/foreign"
	"github.com/wiretape/wiretape/cassettes/internal/normalize"
)

// Rewrite puts a cassette at path whose items fill appends. It is a Draft, which
// takes its place when fill has returned nil. Where fill fails, nothing has
// changed. Draft.Keep tells the state after any other error; NewDraft explains
// overwrite.
func Rewrite(path string, h Header, overwrite bool, fill func(*Writer) error) error {
	d, err := NewDraft(path, h, overwrite)
	if err != nil {
		return err
	}
	if err := fill(d.Writer); err != nil {
		return errors.Join(err, d.Discard())
	}
	return d.Keep()
}

// Rewritable reports what would be lost of c if its items were written again:
// an unfinished last item, a comment, a key that the format does not know. Of a
// cassette that go-vcr wrote nothing is lost: CopyVerbatim copies it.
func (c *Cassette) Rewritable() error {
	switch {
	case c.IsGoVCRs():
		return nil
	case c.Torn != nil:
		return c.Torn
	case c.comment != 0:
		return c.errorf(c.comment, "a comment stands here, which would be lost; remove it first")
	case !c.inOtherLayout():
		return nil
	}
	for i := range c.Len() {
		b, at, err := c.read(i)
		if err != nil {
			return err
		}
		it := b.Item(at)
		if b.Err == nil && b.Lookup(at, "wire") != 0 {
			normalize.Keepable(b, it, at)
		}
		if b.Err != nil {
			return b.Err
		}
	}
	return nil
}

// Excerpt is a selection of a cassette's interactions.
type Excerpt struct {
	From *Cassette
	Has  func(Entry) bool
}

// IsGoVCRs reports whether go-vcr wrote the cassette, and not wiretape: no
// interaction has to have a block wire.
func (c *Cassette) IsGoVCRs() bool { return c.Header.Source == "" }

// CopyVerbatim writes the interactions of excerpts to a cassette at path, as
// Rewrite does. All excerpts are of cassettes that go-vcr wrote, in the same
// version of its format. The lines of each interaction stay as they are, and so
// do those around the first cassette's list. Only if the lists of two cassettes
// are indented differently, the lines of one move to the right.
func CopyVerbatim(path string, overwrite bool, excerpts []Excerpt) error {
	indent := 0
	for _, x := range excerpts {
		if err := x.From.verbatim(excerpts[0].From); err != nil {
			return err
		}
		indent = max(indent, x.From.list().Indent)
	}
	first := excerpts[0].From
	above, err := first.readAt(0, first.list().Start)
	if err != nil {
		return err
	}
	d, err := newDraft(path, above, &Header{}, overwrite)
	if err != nil {
		return err
	}
	for _, x := range excerpts {
		err = errors.Join(err, x.copyTo(d.Writer, indent))
	}
	below, readErr := first.readAt(first.list().End, first.size)
	err = errors.Join(err, readErr, d.Writer.text(below))
	if err != nil {
		return errors.Join(err, d.Discard())
	}
	return d.Keep()
}

// verbatim reports why the interactions of c cannot stand beside those of first.
func (c *Cassette) verbatim(first *Cassette) error {
	switch {
	case c.list() == nil:
		return c.errorf(1, "its interactions do not stand on lines of their own, so none can be taken out as it is; "+
			"cassette fmt --from vcr makes a cassette of wiretape of it, which can be changed")
	case c.source.Version != first.source.Version:
		return c.errorf(1, "it has version %d of go-vcr's format, and %s has version %d", c.source.Version, first.Name, first.source.Version)
	}
	return nil
}

// list returns where the interactions stand. It is nil if they may not have lines
// of their own.
func (c *Cassette) list() *foreign.List {
	switch {
	case !c.inOtherLayout():
		return &foreign.List{Indent: len(encode.ItemStart) - len("- "), Start: c.start, End: c.size}
	case c.pieces == nil:
		return nil
	}
	return c.pieces.List
}

// copyTo writes the lines of the excerpt's interactions, indented to that column.
func (x *Excerpt) copyTo(w *Writer, indent int) error {
	c, list := x.From, x.From.list()
	var lead []byte // comments above an interaction, which go with it
	for i := range c.places {
		p := &c.places[i]
		text, err := c.readAt(p.off, p.off+p.n)
		if err != nil {
			return err
		}
		n := list.CommentsIn(text)
		if i == len(c.places)-1 {
			n = len(text)
		}
		if x.Has(c.Entry(i)) {
			if err := w.text(foreign.Shift(append(lead, text[:n]...), indent-list.Indent)); err != nil {
				return err
			}
		}
		lead = text[n:]
	}
	return nil
}

// text adds text that is no interaction of ours.
func (w *Writer) text(text []byte) error {
	w.mu.Lock()
	w.pending = append(w.pending, text...)
	w.end += int64(len(text))
	full := len(w.pending) >= flushSize
	w.mu.Unlock()
	if full {
		return w.Flush()
	}
	return nil
}
