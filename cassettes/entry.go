package cassettes

import (
	"github.com/wiretape/wiretape/cassettes/internal/decode"
	"github.com/wiretape/wiretape/internal/vcrhead"
	"github.com/wiretape/wiretape/internal/yamltext"
)

// entryReader reads the Entry of an item without reading all of the item.
type entryReader struct {
	*decode.Reader
	l *listing // that the entry is for
}

// entry returns the place of the item at index at of t, which is to be added to
// l.
func (c *Cassette) entry(l *listing, t *yamltext.Tree, at int) (place, error) {
	b := &entryReader{&decode.Reader{Values: decode.Values{Tree: t, From: &c.source}}, l}
	p := place{Entry: Entry{Line: t.Line(at)}}
	if t.Kind(at) != yamltext.Mapping {
		b.Fail(at, "interaction: want a mapping, not %s", t.Describe(at))
		return p, b.Err
	}
	if id := t.Lookup(at, "id"); id != 0 {
		p.ID = b.CountAt(id)
	}
	block := t.Lookup(at, "wire")
	if request := t.Lookup(at, "request"); request != 0 {
		p.URL = b.TextUnder(request, "url")
		p.Method = b.methodOf(request)
	}
	if block != 0 && p.URL == "" && p.Method == "" {
		b.entryOfHead(&p.Entry, block)
	}
	if block == 0 {
		p.LostBody = b.LostBody(at, p.Method)
	}
	if block != 0 && t.Kind(block) == yamltext.Mapping {
		b.entryOfWire(&p.Entry, block)
	}
	return p, b.Err
}

// entryOfWire takes from the mapping wire what an entry has of it.
func (b *entryReader) entryOfWire(e *Entry, block int) {
	for k, v := range b.Pairs(block) {
		switch {
		case b.Is(k, "session"):
			e.Session = b.CountAt(v)
		case b.Is(k, "conn"):
			e.Conn = b.CountAt(v)
		case b.Is(k, "peer"):
			e.Peer = b.CountAt(v)
		case b.l.resets:
		case b.Is(k, "response"):
			b.l.resets = b.HasTuple(b.Lookup(v, "closed"), "reset")
		case b.Is(k, "turns"):
			b.l.resets = b.HasTuple(v, "server-reset")
		case b.Is(k, "turns_file"):
			b.l.resets = true // it may be there
		}
	}
}

// methodOf returns the method of a request, in most cases that of the one
// before.
func (b *entryReader) methodOf(request int) string {
	v := b.Lookup(request, "method")
	if v != 0 && !b.Is(v, b.l.method) {
		b.l.method = b.TextAt(v)
	}
	if v == 0 {
		return ""
	}
	return b.l.method
}

// entryOfHead takes method and URL from the request's head under wire, where
// somebody wrote no more than that.
func (b *entryReader) entryOfHead(e *Entry, block int) {
	request := b.Lookup(block, "request")
	if request == 0 {
		return
	}
	var v vcrhead.View
	if head := b.Lookup(request, "head"); head != 0 {
		v.Parse(b.SectionAt(head), true)
	} else if raw := b.Lookup(request, "head_raw"); raw != 0 {
		v.Parse(b.DataAt(raw), true)
	}
	method, _, _ := v.RequestLine()
	e.Method, e.URL = string(method), string(v.AppendURL(nil))
}
