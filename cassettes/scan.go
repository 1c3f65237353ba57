package cassettes

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"strings"

	"github.com/wiretape/wiretape/cassettes/internal/encode"
	"github.com/wiretape/wiretape/internal/yamltext"
)

// scanner reads a cassette in the canonical layout once, as a stream, and
// finds its items.
type scanner struct {
	c    *Cassette
	r    io.Reader
	read int    // size of reads
	buf  []byte // text that was read and not parsed yet
	eof  bool
	off  int64 // of buf
	line int   // its number
	p    yamltext.Parser
	ours bool // a Writer began the file
}

// scanBuffer is the size of reads that a processor parses while the next comes.
const scanBuffer = 256 << 10

// scan fills in the header and the places of the items. It returns errLayout
// where the file, or a part of it, is not in the canonical layout. Read is the
// size of reads.
func (c *Cassette) scan(read int) error {
	s := &scanner{c: c, read: read, r: io.NewSectionReader(c.text, 0, c.size), line: 1}
	if err := s.header(); err != nil {
		return err
	}
	return s.items()
}

// more reads on into new memory: another goroutine may still parse the old buf.
func (s *scanner) more() error {
	size := max(s.read, 2*len(s.buf))
	if left := s.c.size - s.off; left < int64(size) {
		size = int(left) + 1 // it takes one more to see the end
	}
	mem := make([]byte, size)
	n := copy(mem, s.buf)
	m, err := io.ReadFull(s.r, mem[n:])
	s.buf = mem[:n+m]
	if s.eof = err != nil; err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return ignoreEOF(err)
}

// until returns the bytes of buf up to and with the first newline at which
// mark begins, or all of them at the end of the file. More than limit bytes
// are a *FormatError.
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

// drop forgets the first n bytes of buf, which begin and end with lines.
func (s *scanner) drop(n int) {
	s.off += int64(n)
	s.line += bytes.Count(s.buf[:n], []byte("\n"))
	s.buf = s.buf[n:]
}

// listKey is the line behind which the items stand.
var listKey = []byte("\ninteractions:\n")

// header reads up to the line that announces the items.
func (s *scanner) header() error {
	text, found, err := s.until(listKey, maxHeader)
	if long := (*FormatError)(nil); errors.As(err, &long) {
		return yamltext.ErrLayout // another tool's list may have another key, or stand first
	}
	if err != nil {
		return err
	}
	rest, ok := bytes.CutPrefix(text, []byte("---\n"))
	if !found || !ok {
		return yamltext.ErrLayout
	}
	n := len(text) + len(listKey) - 1
	rest = s.buf[len(text)-len(rest) : n]
	if err := s.p.Parse(rest, 0, 2); err != nil {
		return err
	}
	s.ours = isOurs(&s.p.Tree)
	s.c.comment = s.p.Comment
	if err := s.c.buildHeader(&s.p.Tree, 0); err != nil {
		return err
	}
	s.drop(n)
	s.c.start = s.off
	return nil
}

// nextItem is the text where one line ends and the first line of an item begins.
var nextItem = []byte("\n" + encode.ItemStart)

// items reads the items up to the end of the file.
func (s *scanner) items() error {
	if len(s.buf) < len(encode.ItemStart) {
		if err := s.more(); err != nil {
			return err
		}
	}
	if len(s.buf) >= len(encode.ItemStart) && !bytes.HasPrefix(s.buf, []byte(encode.ItemStart)) {
		return yamltext.ErrLayout // no need to look for the second one, through all of the file
	}
	var parts parts
	for !parts.failed.Load() {
		_, found, err := s.until(nextItem, maxItem)
		if err != nil {
			return cmp.Or(parts.merge(s.c), err)
		}
		if !found {
			break
		}
		n := bytes.LastIndex(s.buf, nextItem) + 1
		parts.parse(&part{c: s.c, text: s.buf[:n], off: s.off, line: s.line})
		s.drop(n)
	}
	if err := parts.merge(s.c); err != nil || len(s.buf) == 0 {
		return err
	}
	return s.tail(s.buf)
}

// tail adds the last item, or finds that it is torn. The text behind the last
// newline may be the beginning of the next one's dash.
func (s *scanner) tail(text []byte) error {
	at := bytes.LastIndexByte(text, '\n') + 1
	begun := s.ours && at < len(text) && strings.HasPrefix(encode.ItemStart, string(text[at:]))
	if begun {
		text = text[:at]
	}
	switch {
	case begun && at == 0:
	case at == len(text) && encode.ParseItem(&s.p, text, s.line) == nil && (!s.ours || isWhole(&s.p.Tree, 0)):
		last := part{c: s.c, text: text, off: s.off, line: s.line}
		if last.parse(); last.err != nil {
			return last.err
		}
		if err := s.c.add(&last.listing); err != nil || !begun {
			return err
		}
		s.drop(at)
	case !s.ours || !bytes.HasPrefix(text, []byte(encode.ItemStart)) || !isTorn(text):
		return yamltext.ErrLayout // it was edited by hand
	}
	s.c.tear(s.line, s.off)
	return nil
}

// isWhole reports whether the item at i has come to its end: an encoder
// writes wire.conn last.
func isWhole(t *yamltext.Tree, i int) bool {
	block := t.Lookup(i, "wire")
	return block != 0 && t.Lookup(block, "conn") != 0
}
