package cassettes

import (
	"bufio"
	"bytes"
	"io"
)

// scanner reads a cassette in the canonical layout once, as a stream, and
// finds its items.
type scanner struct {
	c    *Cassette
	r    *bufio.Reader
	off  int64 // of the next line
	line int   // its number
	item []byte
	p    parser
	ours bool // a Writer began the file
}

// scanBuffer is the size of the reads.
const scanBuffer = 256 << 10

// scan fills in the header and the places of the items. It returns errLayout
// where the file, or a part of it, is not in the canonical layout.
func (c *Cassette) scan() error {
	s := &scanner{c: c, line: 1}
	s.r = bufio.NewReaderSize(io.NewSectionReader(c.text, 0, c.size), scanBuffer)
	if err := s.header(); err != nil {
		return err
	}
	return s.items()
}

// header reads up to the line that announces the items.
func (s *scanner) header() error {
	var text []byte
	for {
		line, err := s.next()
		if err != nil && err != io.EOF {
			return err
		}
		text = append(text, line...)
		if bytes.Equal(line, []byte("interactions:\n")) {
			break
		}
		if err == io.EOF || len(text) > maxHeader {
			return errLayout
		}
	}
	rest, ok := bytes.CutPrefix(text, []byte("---\n"))
	if !ok {
		return errLayout
	}
	if err := s.p.parse(rest, 0, 2); err != nil {
		return err
	}
	s.ours = s.p.isOurs()
	s.c.start, s.c.comment = s.off, s.p.comment
	return s.c.buildHeader(&s.p.tree, 0)
}

// next returns the next line with its end, valid until the next call. Long
// lines come in pieces, and one that does not begin its line is told by its
// predecessor, which had no end.
func (s *scanner) next() ([]byte, error) {
	line, err := s.r.ReadSlice('\n')
	s.off += int64(len(line))
	if err == bufio.ErrBufferFull {
		return line, nil
	}
	if err == nil {
		s.line++
	}
	return line, err
}

// itemStart is what the first line of an item begins with.
var itemStart = []byte("  - ")

// items reads the items up to the end of the file.
func (s *scanner) items() error {
	var off int64
	var line int
	whole := true // whether the line before had its end
	for {
		at, number := s.off, s.line
		text, err := s.next()
		if err != nil && err != io.EOF {
			return err
		}
		first := whole && (bytes.HasPrefix(text, itemStart) ||
			err == io.EOF && len(text) > 0 && bytes.HasPrefix(itemStart, text)) // cut within the dash
		if !first && len(s.item) == 0 && len(text) > 0 {
			return errLayout
		}
		if first && len(s.item) > 0 {
			if err := s.add(off, line); err != nil {
				return err
			}
		}
		if first {
			off, line, s.item = at, number, s.item[:0]
		}
		if s.item = append(s.item, text...); len(s.item) > maxItem {
			return s.c.errorf(line, "the interaction has more than %d bytes", maxItem)
		}
		if err == io.EOF {
			break
		}
		whole = len(text) > 0 && text[len(text)-1] == '\n'
	}
	if len(s.item) == 0 {
		return nil
	}
	return s.last(off, line)
}

// add adds the item whose text was collected.
func (s *scanner) add(off int64, line int) error {
	if err := s.p.item(s.item, line); err != nil {
		return err
	}
	at, err := s.c.entry(&s.p.tree, 0)
	if err != nil {
		return err
	}
	if len(s.c.places) == maxItems {
		return s.c.errorf(line, "the cassette has more than %d interactions", maxItems)
	}
	if s.c.comment == 0 {
		s.c.comment = s.p.comment
	}
	at.Line, at.off, at.n = line, off, int64(len(s.item))
	s.c.places = append(s.c.places, at)
	return nil
}

// last adds the last item, or finds that it is torn.
func (s *scanner) last(off int64, line int) error {
	if s.item[len(s.item)-1] == '\n' && s.p.item(s.item, line) == nil && (!s.ours || s.p.isWhole(0)) {
		return s.add(off, line)
	}
	if !s.ours || !isTorn(s.item) {
		return errLayout // it was edited by hand
	}
	s.c.tear(line, off)
	return nil
}

// isWhole reports whether the item at i has come to its end: an encoder
// writes wire.conn last.
func (t *tree) isWhole(i int) bool {
	wire := t.lookup(i, "wire")
	return wire != 0 && t.lookup(wire, "conn") != 0
}

// item parses the text of an item, which begins with its dash.
func (p *parser) item(text []byte, line int) error {
	rest, ok := bytes.CutPrefix(text, itemStart)
	if !ok {
		return errLayout
	}
	return p.parse(rest, 4, line)
}
