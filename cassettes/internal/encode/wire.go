package encode

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/vcrhead"
	"github.com/wiretape/wiretape/internal/yamltext"
	"github.com/wiretape/wiretape/wire"
)

// wire appends what go-vcr does not keep. Its last line is conn, by which a
// reader knows that the item is whole.
func (e *Encoder) wire(it *wire.Interaction) {
	e.block(inItem, "wire")
	if it.Session > 0 {
		e.intKey(inWire, "session", int64(it.Session))
	}
	base := Base(it)
	if it.Request != nil {
		e.block(inWire, "request")
		e.message(it.Request, e.derived[http1.Client], 0, base, it.Timed)
	}
	if it.Response != nil {
		e.block(inWire, "response")
		e.message(it.Response, e.derived[http1.Server], base, base, it.Timed)
	}
	if it.Turns != nil {
		e.turns(it, base)
	}
	if it.Peer > 0 {
		e.intKey(inWire, "peer", int64(it.Peer))
	}
	e.intKey(inWire, "conn", int64(it.Conn))
}

// Base returns the seq that the item's others count from.
func Base(it *wire.Interaction) int64 {
	switch {
	case it.Request != nil:
		return it.Request.Seq
	case it.Turns == nil:
	case it.Turns.File != nil:
		return it.Turns.File.Base()
	case len(it.Turns.List) > 0:
		return it.Turns.List[0].Seq
	}
	return 0
}

// message appends a message, of whose head d may be derived. Its own seq
// counts from origin, which is 0 for a request; all others count from base.
func (e *Encoder) message(m *wire.Message, d *derived, origin, base int64, timed bool) {
	if len(m.Head) > 0 {
		e.intKey(inMessage, "seq", m.Seq-origin)
	}
	e.interim(m, base)
	e.head(m, d)
	e.frames(m, base)
	e.bodyFile(m)
	e.chunkLines(m)
	if m.Trailer != nil {
		e.section(inMessage, "trailer", m.Trailer)
	}
	if end := end(m); end != wire.Complete {
		e.rawKey(inMessage, "end", string(end))
	}
	if m.Missing > 0 {
		e.intKey(inMessage, "missing", m.Missing)
	}
	e.closed(m, base)
	e.splits(m, base)
	e.redacted(inMessage, m.Redacted)
	if timed {
		e.messageTimes(m)
	}
}

// head appends the head and the framing. Where d is set, it remembers the text
// that the head became, or the fields behind a request line.
func (e *Encoder) head(m *wire.Message, d *derived) {
	n := 0
	if d != nil && d.request {
		n = bytes.IndexByte(m.Head, '\n') + 1
	}
	known := d != nil && d.is(m, d.request, m.Head[n:])
	if known && len(d.wire) > 0 && (n == 0 || isCanonicalLine(m.Head[:n])) {
		e.block(inMessage, "head")
		e.lines(inMessage, m.Head[:n])
		e.Buf = append(e.Buf, d.wire...)
		return
	}
	if len(m.Head) > 0 {
		e.section(inMessage, "head", m.Head)
	}
	if m.Framing != http1.None {
		e.rawKey(inMessage, "framing", m.Framing.String())
	}
	if known && isCanonicalSection(m.Head) {
		text := e.Buf
		e.Buf = d.wire[:0]
		e.lines(inMessage, m.Head[n:len(m.Head)-2])
		if m.Framing != http1.None {
			e.rawKey(inMessage, "framing", m.Framing.String())
		}
		d.wire, e.Buf = e.Buf, text
	}
}

// end returns how the message ended; one of which no head came has not.
func end(m *wire.Message) wire.End {
	switch {
	case m.End != "":
		return m.End
	case len(m.Head) == 0:
		return wire.NoEnd
	}
	return wire.Complete
}

func (e *Encoder) interim(m *wire.Message, base int64) {
	if len(m.Interim) == 0 {
		return
	}
	e.block(inMessage, "interim")
	for i := range m.Interim {
		e.intKey(inMessage+2, "- seq", m.Interim[i].Seq-base)
		e.section(inMessage+4, "head", m.Interim[i].Head)
	}
}

// section appends a head or trailer section as a list of its lines, or, where
// that would lose something, as its bytes under KEY_raw.
func (e *text) section(indent int, key string, section []byte) {
	if !isCanonicalSection(section) {
		e.key(indent, key+"_raw")
		e.Buf = append(yamltext.AppendQuoted(e.Buf, section), '\n')
		return
	}
	section = section[:len(section)-2]
	if len(section) == 0 {
		e.rawKey(indent, key, "[]")
		return
	}
	e.block(indent, key)
	e.lines(indent, section)
}

// lines appends lines as elements of a list.
func (e *text) lines(indent int, lines []byte) {
	for len(lines) > 0 {
		var line []byte
		line, lines = vcrhead.CutLine(lines)
		e.Buf = yamltext.AppendIndent(e.Buf, indent+2)
		e.Buf = append(e.Buf, "- "...)
		e.Buf = append(yamltext.AppendQuoted(e.Buf, line), '\n')
	}
}

// isCanonicalLine reports whether line, which ends with its only LF, ends
// with its only CR before that.
func isCanonicalLine(line []byte) bool {
	return bytes.IndexByte(line, '\r') == len(line)-len("\r\n")
}

// isCanonicalSection reports whether section is nothing but lines that end
// with CRLF and an empty one at the end.
func isCanonicalSection(section []byte) bool {
	for {
		end := bytes.IndexByte(section, '\n')
		if end < 1 || bytes.IndexByte(section, '\r') != end-1 {
			return false
		}
		section = section[end+1:]
		if end == 1 {
			return len(section) == 0
		}
	}
}

// perLine is how many numbers stand on a line.
const perLine = 16

// list begins a list under key; next begins its element i; done ends it.
func (e *text) list(indent int, key string) {
	e.key(indent, key)
	e.Buf = append(e.Buf, '[')
}

func (e *text) next(indent, i int) {
	switch {
	case i == 0:
	case i%perLine == 0:
		e.Buf = yamltext.AppendIndent(append(e.Buf, ",\n"...), indent+2)
	default:
		e.Buf = append(e.Buf, ", "...)
	}
}

func (e *text) done() {
	e.Buf = append(e.Buf, "]\n"...)
}

func (e *Encoder) frames(m *wire.Message, base int64) {
	if m.Frames.File != nil {
		e.textKey(inMessage, "frames_file", []byte(m.Frames.File.Name()))
		e.intKey(inMessage, "frames_count", int64(m.Frames.File.Len()))
		return
	}
	if len(m.Frames.List) == 0 {
		return
	}
	e.list(inMessage, "frames")
	for i := range m.Frames.List {
		e.next(inMessage, i)
		e.Buf = strconv.AppendInt(e.Buf, m.Frames.List[i].Size, 10)
	}
	e.done()
	e.list(inMessage, "seqs")
	for i := range m.Frames.List {
		e.next(inMessage, i)
		e.Buf = strconv.AppendInt(e.Buf, m.Frames.List[i].Seq-base, 10)
	}
	e.done()
}

func (e *Encoder) bodyFile(m *wire.Message) {
	if m.Body.File == nil {
		return
	}
	e.textKey(inMessage, "body_file", []byte(m.Body.File.Name()))
	e.intKey(inMessage, "body_size", m.Body.Size())
}

func (e *Encoder) chunkLines(m *wire.Message) {
	if len(m.ChunkLines) == 0 {
		return
	}
	e.keys = e.keys[:0]
	for frame := range m.ChunkLines {
		e.keys = append(e.keys, frame)
	}
	slices.Sort(e.keys)
	e.block(inMessage, "chunk_lines")
	for _, frame := range e.keys {
		e.Buf = yamltext.AppendIndent(e.Buf, inMessage+2)
		e.Buf = strconv.AppendInt(e.Buf, int64(frame), 10)
		e.Buf = append(e.Buf, ": "...)
		e.Buf = append(yamltext.AppendQuoted(e.Buf, []byte(m.ChunkLines[frame])), '\n')
	}
}

func (e *Encoder) closed(m *wire.Message, base int64) {
	if len(m.Closed) == 0 {
		return
	}
	e.list(inMessage, "closed")
	for i, c := range m.Closed {
		e.next(inMessage, i)
		e.Buf = append(append(append(e.Buf, '['), c.Mark...), ", "...)
		e.Buf = append(strconv.AppendInt(e.Buf, c.Seq-base, 10), ']')
	}
	e.done()
}

func (e *Encoder) splits(m *wire.Message, base int64) {
	if len(m.Splits) == 0 {
		return
	}
	e.list(inMessage, "splits")
	for i, s := range m.Splits {
		e.next(inMessage, i)
		e.Buf = append(e.Buf, '[')
		e.Buf = append(strconv.AppendInt(e.Buf, int64(s.Frame), 10), ", "...)
		e.Buf = append(strconv.AppendInt(e.Buf, s.Offset, 10), ", "...)
		e.Buf = append(strconv.AppendInt(e.Buf, s.Seq-base, 10), ']')
	}
	e.done()
}

func (e *Encoder) redacted(indent int, spans []wire.Redaction) {
	if len(spans) == 0 {
		return
	}
	e.list(indent, "redacted")
	for i, r := range spans {
		e.next(indent, i)
		e.Buf = append(append(append(e.Buf, '['), r.Where...), ", "...)
		e.Buf = append(strconv.AppendInt(e.Buf, int64(r.Index), 10), ", "...)
		e.Buf = append(strconv.AppendInt(e.Buf, r.Off, 10), ", "...)
		e.Buf = strconv.AppendInt(e.Buf, r.Len, 10)
		if r.Tag != "" {
			e.Buf = append(append(append(e.Buf, `, "`...), r.Tag...), '"')
		}
		e.Buf = append(e.Buf, ']')
	}
	e.done()
}

// messageTimes appends the message's start, the waits of its frames, where
// these are not in a file, and of its closes.
func (e *Encoder) messageTimes(m *wire.Message) {
	e.list(inMessage, "times")
	e.Buf = yamltext.AppendDuration(e.Buf, m.Start)
	n := 1
	for i := range m.Frames.List {
		e.next(inMessage, n)
		e.Buf = yamltext.AppendDuration(e.Buf, m.Frames.List[i].Wait)
		n++
	}
	for _, c := range m.Closed {
		e.next(inMessage, n)
		e.Buf = yamltext.AppendDuration(e.Buf, c.Wait)
		n++
	}
	e.done()
}
