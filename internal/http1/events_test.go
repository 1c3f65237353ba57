package http1

import (
	"bytes"
	"fmt"
	"strings"
)

// asking is a request that the server's parser expects an answer to.
type asking struct {
	method  string
	upgrade bool
}

// feed is a parser with notes of its events.
type feed struct {
	p       Parser
	notes   []string
	wire    []byte // rebuilt from the events
	partial int    // bytes of Partial events that have not come again
	joined  string // kind of the bytes without a note yet, as more may come
	data    []byte // these bytes
}

// newFeed returns a feed for one side.
func newFeed(side Side, asked []asking) *feed {
	f := &feed{p: Parser{Side: side}}
	for _, q := range asked {
		f.p.Expect([]byte(q.method), q.upgrade)
	}
	return f
}

// write feeds b to the parser, as a reader would whose buffer is used again.
func (f *feed) write(b []byte) {
	b = bytes.Clone(b)
	for len(b) > 0 {
		ev, n := f.p.Next(b)
		if n < 1 || n > len(b) {
			panic(fmt.Sprintf("Next consumed %d of %d bytes", n, len(b)))
		}
		f.event(ev, n)
		clear(b[:n])
		b = b[n:]
	}
}

// event notes an event that consumed n bytes.
func (f *feed) event(ev *Event, n int) {
	before := len(f.wire)
	switch ev.Kind {
	case Partial:
		if ev.End {
			panic("a Partial event ends a message")
		}
		f.partial += n
		return
	case Head:
		f.head(ev)
	case ChunkLine:
		f.wire = append(append(f.wire, ev.Line...), "\r\n"...)
		f.note("line", fmt.Sprintf("%q %d", ev.Line, ev.Size))
	case Body:
		f.wire = append(f.wire, ev.Data...)
		f.more("body", ev.Data)
	case ChunkEnd:
		f.wire = append(f.wire, "\r\n"...)
		f.note("chunk end", "")
	case Trailer:
		f.wire = append(f.wire, ev.Data...)
		f.note("trailer", fmt.Sprintf("%q", ev.Data))
	case Raw:
		f.wire = append(f.wire, ev.Data...)
		f.more("raw", ev.Data)
	}
	if got := len(f.wire) - before; got != f.partial+n {
		panic(fmt.Sprintf("event of kind %d has %d bytes, want %d held and %d new", ev.Kind, got, f.partial, n))
	}
	f.partial = 0
	if ev.End {
		f.note("end", "")
	}
}

// head notes a head and checks its statements about itself.
func (f *feed) head(ev *Event) {
	h := ev.Head
	lines, ok := Lines(h.Raw)
	if ok != h.Canonical {
		panic(fmt.Sprintf("Lines says %v of a head whose Canonical is %v: %q", ok, h.Canonical, h.Raw))
	}
	raw := h.Raw
	if ok {
		raw = AppendHead(nil, lines)
	}
	f.wire = append(f.wire, raw...)
	var b strings.Builder
	if f.p.Side == Client {
		fmt.Fprintf(&b, "%s %s", h.Method, h.Target)
	} else {
		fmt.Fprintf(&b, "%d %q", h.Code, h.Reason)
	}
	fmt.Fprintf(&b, " 1.%d %v", h.Minor, h.Framing)
	if h.Framing == Length {
		fmt.Fprintf(&b, " %d", h.Length)
	}
	for _, flag := range []struct {
		set  bool
		name string
	}{{!h.Canonical, "odd"}, {h.Interim, "interim"}, {h.Upgrade, "upgrade"}, {h.Close, "close"}, {h.Expect, "expect"}} {
		if flag.set {
			b.WriteString(" " + flag.name)
		}
	}
	f.note("head", b.String())
	for _, field := range h.Fields {
		f.note("field", fmt.Sprintf("%s=%q", field.Name, field.Value))
	}
}

// note adds a note.
func (f *feed) note(kind, text string) {
	f.flush()
	f.notes = append(f.notes, strings.TrimSpace(kind+" "+text))
}

// flush notes the bytes that have no note yet.
func (f *feed) flush() {
	if f.joined != "" {
		f.notes = append(f.notes, fmt.Sprintf("%s %q", f.joined, f.data))
	}
	f.joined, f.data = "", nil
}

// more adds bytes to the pending note if it is of the same kind.
func (f *feed) more(kind string, b []byte) {
	if f.joined != kind {
		f.flush()
	}
	f.joined, f.data = kind, append(f.data, b...)
}

// end closes the feed, notes the result of EOF, and gives back the bytes that
// were held.
func (f *feed) end() {
	missing := f.p.Missing()
	complete, cut := f.p.EOF()
	switch {
	case complete:
		f.note("eof", "complete")
	case cut:
		f.note("eof", fmt.Sprintf("cut, %d missing", missing))
	default:
		f.note("eof", "")
	}
	held := f.p.Switch()
	if len(held) != f.partial {
		panic(fmt.Sprintf("Switch returned %d bytes, want %d", len(held), f.partial))
	}
	f.wire = append(f.wire, held...)
	if len(held) > 0 {
		f.note("held", fmt.Sprintf("%q", held))
	}
}

// run feeds the pieces of one direction and returns the notes and the bytes
// that came back.
func run(side Side, asked []asking, pieces ...[]byte) (notes string, wire []byte) {
	f := newFeed(side, asked)
	for _, piece := range pieces {
		f.write(piece)
	}
	f.end()
	return strings.Join(f.notes, "\n"), f.wire
}
