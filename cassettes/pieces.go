package cassettes

import (
	"bytes"
	"cmp"
	"io"

	"github.com/wiretape/wiretape/cassettes/internal/foreign"
	"github.com/wiretape/wiretape/internal/yamltext"
)

// This file reads files in another layout whose interactions stand on lines of
// their own, as go-vcr writes them: piece by piece, so that memory does not grow
// with the file.

// pieces is a file that is read so.
type pieces struct {
	*foreign.List
	c *Cassette
}

// load finds the interactions. It returns yamltext.ErrLayout for a file that must
// be read whole: a piece that is no good YAML alone may be good YAML in its place.
func (p *pieces) load() error {
	c := p.c
	c.listing = listing{}
	above, err := p.find()
	if err != nil {
		return err
	}
	s := &scanner{c: c, read: scanBuffer, off: p.Start, line: 1 + bytes.Count(above, []byte("\n"))}
	s.r = io.NewSectionReader(c.text, p.Start, c.size-p.Start)
	from := s.line
	if err := s.pieces(p.List); err != nil {
		if c.size > maxAnyYAML {
			return err
		}
		return yamltext.ErrLayout
	}
	below, err := c.readAt(p.End, c.size)
	if err != nil {
		return err
	}
	frame := wholeFile{c: c, data: append(above, below...), line: func(n int) int {
		if n >= from {
			n += s.line - from // the list stands between
		}
		return n
	}}
	t, err := frame.parseTo(len(frame.data))
	if err != nil || isOurs(t) && !p.lastIsWhole() {
		return yamltext.ErrLayout
	}
	if c.comment == 0 || t.Comment != 0 {
		c.comment = t.Comment
	}
	if err := c.buildHeader(t, 0); err != nil {
		return err
	}
	return p.checkFirst()
}

// find finds the list of interactions and returns the text above it.
func (p *pieces) find() (above []byte, err error) {
	head, err := p.c.readAt(0, min(maxHeader, p.c.size))
	if err != nil {
		return nil, err
	}
	if p.List, p.c.comment = foreign.Find(head); p.List == nil {
		return nil, yamltext.ErrLayout
	}
	return head[:p.Start], nil
}

// readAt reads the text of the file between two offsets.
func (c *Cassette) readAt(from, to int64) ([]byte, error) {
	text := make([]byte, to-from)
	if _, err := c.text.ReadAt(text, from); err != nil && err != io.EOF {
		return nil, c.errorf(0, "read the cassette: %w", err)
	}
	return text, nil
}

// pieces reads the interactions, and sets the end of their list.
func (s *scanner) pieces(l *foreign.List) error {
	var parts parts
	for !parts.failed.Load() {
		_, found, err := s.until(l.Dash, maxItem)
		if err != nil {
			return cmp.Or(parts.merge(s.c), err)
		}
		if !found {
			break
		}
		n := bytes.LastIndex(s.buf, l.Dash) + 1
		parts.parse(&part{c: s.c, text: s.buf[:n], off: s.off, line: s.line, dash: l.Dash})
		s.drop(n)
	}
	if err := parts.merge(s.c); err != nil {
		return err
	}
	n := l.EndIn(s.buf)
	last := part{c: s.c, text: s.buf[:n], off: s.off, line: s.line, dash: l.Dash}
	if last.parse(); last.err != nil {
		return last.err
	}
	s.drop(n)
	l.End = s.off
	return s.c.add(&last.listing)
}

// piece lists an interaction in another layout.
func (p *part) piece(text []byte, off int64, line int) error {
	t, at, err := parsePiece(text, line)
	if err != nil {
		return yamlError(p.c, err)
	}
	entry, err := p.c.entry(&p.listing, t, at)
	if err != nil {
		return err
	}
	if p.comment == 0 {
		p.comment = t.Comment
	}
	entry.off, entry.n = off, int64(len(text))
	p.places = append(p.places, entry)
	return nil
}

// parsePiece parses the lines of one element of a list, the first of which has
// that number, and returns the element's index.
func parsePiece(text []byte, line int) (*yamltext.Tree, int, error) {
	t, err := yamltext.Decode(text, yamltext.Options{Line: func(n int) int { return line + n - 1 }})
	if err != nil {
		return nil, 0, err
	}
	if t.Kind(0) != yamltext.Sequence || t.Len(0) != 1 {
		return nil, 0, yamltext.ErrLayout
	}
	return t, t.First(0), nil
}

// read parses interaction i again.
func (p *pieces) read(i int) (*yamltext.Tree, int, error) {
	at := &p.c.places[i]
	text, err := p.c.readAt(at.off, at.off+at.n)
	if err != nil {
		return nil, 0, err
	}
	t, node, err := parsePiece(text, at.Line)
	if err != nil {
		return nil, 0, p.c.errorf(at.Line, "read the interaction: the file has changed since it was opened")
	}
	return t, node, nil
}

// lastIsWhole reports whether the file, which a Writer began, was written to its
// end.
func (p *pieces) lastIsWhole() bool {
	end, err := p.c.readAt(p.c.size-1, p.c.size)
	if err != nil || end[0] != '\n' {
		return false
	}
	t, at, err := p.read(len(p.c.places) - 1)
	return err == nil && isWhole(t, at)
}

// checkFirst fails if the first interaction is not go-vcr's or ours.
func (p *pieces) checkFirst() error {
	t, at, err := p.read(0)
	if err != nil {
		return err
	}
	b := p.c.headerReader(t)
	b.mustBeGoVCR(at)
	return b.Err
}
