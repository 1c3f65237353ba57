package cassettes

import (
	"bytes"
	"io"
)

// scanner reads a cassette in the canonical layout once, as a stream, and
// finds its items.
type scanner struct {
	c    *Cassette
	r    io.Reader
	mem  []byte // what buf is a part of
	buf  []byte // what was read and not parsed yet
	eof  bool
	off  int64 // of buf
	line int   // its number
	p    parser
	ours bool // a Writer began the file
}

// scanBuffer is the size of the reads, and of the buffer where items are not
// larger.
const scanBuffer = 256 << 10

// scan fills in the header and the places of the items. It returns errLayout
// where the file, or a part of it, is not in the canonical layout.
func (c *Cassette) scan() error {
	s := &scanner{c: c, r: io.NewSectionReader(c.text, 0, c.size), line: 1}
	if err := s.header(); err != nil {
		return err
	}
	return s.items()
}

// more reads on. The bytes of buf move.
func (s *scanner) more() error {
	if cap(s.mem)-len(s.buf) < scanBuffer/2 {
		s.mem = make([]byte, 2*len(s.buf)+scanBuffer)
	}
	n := copy(s.mem, s.buf)
	m, err := io.ReadFull(s.r, s.mem[n:])
	s.buf = s.mem[:n+m]
	if s.eof = err != nil; err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return ignoreEOF(err)
}

// until returns the bytes of buf up to and with the first newline at which
// mark begins, or all of them at the end of the file. More than limit bytes
// are an error.
func (s *scanner) until(mark []byte, limit int) (text []byte, found bool, err error) {
	for seen := 0; ; {
		if i := bytes.Index(s.buf[seen:], mark); i >= 0 {
			return s.buf[:seen+i+1], true, nil
		}
		if s.eof {
			return s.buf, false, nil
		}
		if len(s.buf) > limit {
			return nil, false, s.c.errorf(s.line, "more than %d bytes belong together here", limit)
		}
		seen = max(len(s.buf)-len(mark)+1, 0)
		if err := s.more(); err != nil {
			return nil, false, err
		}
	}
}

// drop forgets the first n bytes of buf, which were parsed.
func (s *scanner) drop(n int) {
	s.off += int64(n)
	s.line = int(s.p.line)
	s.buf = s.buf[n:]
}

// listKey is the line behind which the items stand.
var listKey = []byte("\ninteractions:\n")

// header reads up to the line that announces the items.
func (s *scanner) header() error {
	text, found, err := s.until(listKey, maxHeader)
	if err != nil {
		return err
	}
	rest, ok := bytes.CutPrefix(text, []byte("---\n"))
	if !found || !ok {
		return errLayout
	}
	n := len(text) + len(listKey) - 1
	rest = s.buf[len(text)-len(rest) : n]
	if err := s.p.parse(rest, 0, 2); err != nil {
		return err
	}
	s.ours = s.p.isOurs()
	s.c.comment = s.p.comment
	if err := s.c.buildHeader(&s.p.tree, 0); err != nil {
		return err
	}
	s.drop(n)
	s.c.start = s.off
	return nil
}

// What the first line of an item begins with, alone and behind another line.
var (
	itemStart = []byte("  - ")
	nextItem  = []byte("\n  - ")
)

// items reads the items up to the end of the file.
func (s *scanner) items() error {
	for {
		text, found, err := s.until(nextItem, maxItem)
		switch {
		case err != nil:
			return err
		case !found && len(text) == 0:
			return nil
		case !found:
			return s.tail(text)
		}
		if err := s.add(text); err != nil {
			return err
		}
		s.drop(len(text))
	}
}

// add adds an item.
func (s *scanner) add(text []byte) error {
	if err := s.p.item(text, s.line); err != nil {
		return err
	}
	at, err := s.c.entry(&s.p.tree, 0)
	if err != nil {
		return err
	}
	if len(s.c.places) == maxItems {
		return s.c.errorf(s.line, "the cassette has more than %d interactions", maxItems)
	}
	if s.c.comment == 0 {
		s.c.comment = s.p.comment
	}
	at.off, at.n = s.off, int64(len(text))
	s.c.places = append(s.c.places, at)
	return nil
}

// tail adds the last item, or finds that it is torn. What follows the last
// newline may be the beginning of the next one's dash.
func (s *scanner) tail(text []byte) error {
	at := bytes.LastIndexByte(text, '\n') + 1
	begun := s.ours && at < len(text) && bytes.HasPrefix(itemStart, text[at:])
	if begun {
		text = text[:at]
	}
	switch {
	case begun && at == 0:
	case at == len(text) && s.p.item(text, s.line) == nil && (!s.ours || s.p.isWhole(0)):
		if err := s.add(text); err != nil || !begun {
			return err
		}
		s.drop(at)
	case !s.ours || !bytes.HasPrefix(text, itemStart) || !isTorn(text):
		return errLayout // it was edited by hand
	}
	s.c.tear(s.line, s.off)
	return nil
}

// isWhole reports whether the item at i has come to its end: an encoder
// writes wire.conn last.
func (t *tree) isWhole(i int) bool {
	wire := t.lookup(i, "wire")
	return wire != 0 && t.lookup(wire, "conn") != 0
}
