package cassettes

import (
	"bytes"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/wiretape/wiretape/cassettes/internal/encode"
	"github.com/wiretape/wiretape/internal/yamltext"
)

// part is items that follow each other in the canonical layout.
type part struct {
	c    *Cassette
	text []byte // from the first one's dash to the end of a line
	off  int64  // of it
	line int    // its number
	dash []byte // before and at the beginning of an item, if not as in nextItem

	listing
	err error
}

// parse lists the items of the text, which is not needed any more then.
func (p *part) parse() {
	var parser yamltext.Parser
	text, off, line, dash := p.text, p.off, p.line, nextItem
	if p.dash != nil {
		dash = p.dash
	}
	for p.err == nil && len(text) > 0 {
		item := text
		if i := bytes.Index(text, dash); i >= 0 {
			item = text[:i+1]
		}
		if p.dash != nil {
			p.err = p.piece(item, off, line)
			line += bytes.Count(item, []byte("\n"))
		} else {
			p.err = p.item(&parser, item, off, line)
			line = int(parser.NextLine)
		}
		text = text[len(item):]
		off += int64(len(item))
	}
	p.text = nil
}

// item lists an item.
func (p *part) item(parser *yamltext.Parser, text []byte, off int64, line int) error {
	if err := encode.ParseItem(parser, text, line); err != nil {
		return err
	}
	at, err := p.c.entry(&p.listing, &parser.Tree, 0)
	if err != nil {
		return err
	}
	if p.comment == 0 {
		p.comment = parser.Comment
	}
	at.off, at.n = off, int64(len(text))
	p.places = append(p.places, at)
	return nil
}

// parts are parsed side by side, as many as there are processors.
type parts struct {
	all     []*part
	running sync.WaitGroup
	slots   chan struct{} // has room for each that may run
	items   atomic.Int64  // so far
	failed  atomic.Bool   // there is no use in more
}

// parse has the next part parsed; it waits until there is a processor for it.
func (ps *parts) parse(p *part) {
	if ps.slots == nil {
		ps.slots = make(chan struct{}, runtime.GOMAXPROCS(0))
	}
	ps.all = append(ps.all, p)
	ps.slots <- struct{}{}
	ps.running.Go(func() {
		defer func() { <-ps.slots }()
		p.parse()
		if ps.items.Add(int64(len(p.places))) > maxItems || p.err != nil {
			ps.failed.Store(true)
		}
	})
}

// merge waits for all parts and adds their listings to c. It returns the error
// of the first part, in the order of the file, that has one.
func (ps *parts) merge(c *Cassette) error {
	ps.running.Wait()
	n := 0
	for _, p := range ps.all {
		n += len(p.places)
	}
	c.places = slices.Grow(c.places, n)
	for i, p := range ps.all {
		ps.all[i] = nil
		if p.err != nil {
			return p.err
		}
		if err := c.add(&p.listing); err != nil {
			return err
		}
	}
	return nil
}

// add adds the items that come next in the file.
func (c *Cassette) add(l *listing) error {
	if n := maxItems - len(c.places); len(l.places) > n {
		return c.errorf(l.places[n].Line, "the cassette has more than %d interactions", maxItems)
	}
	c.places = append(c.places, l.places...)
	c.resets = c.resets || l.resets
	if c.comment == 0 {
		c.comment = l.comment
	}
	return nil
}
