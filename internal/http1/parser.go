package http1

import (
	"bytes"

	"github.com/wiretape/wiretape/chunked"
)

// Parser parses one direction of a connection. The zero value parses the
// client's. It allocates nothing per call once its buffers have grown.
type Parser struct {
	// Side is the sender of the bytes. Set it before the first call.
	Side Side

	state state
	rest  int64           // of a body framed by length
	dec   chunked.Decoder // of a chunked body
	sec   section         // head or trailer section
	buf   []byte          // bytes of sec, once it comes in pieces; never raw data
	ev    Event
	head  MessageHead
	known known
	asked []question // requests that wait for an answer, from next on
	next  int
}

// state names the part of a message that the next byte belongs to.
type state uint8

const (
	inHead state = iota
	inLength
	inChunks
	inTrailer
	inClose
	inRaw
)

// known is the last head, if it is small. Most heads are sent again and again
// on a connection.
type known struct {
	raw     []byte
	asked   question // the request that it answered
	variant int
}

// maxKnown is the size of a head beyond which it is not remembered.
const maxKnown = 4 << 10

// question holds the facts about a request that decide the framing of its
// answer.
type question struct{ head, connect, hijack bool }

// keepBuffer is the size up to which a buffer is kept for the next head.
const keepBuffer = 64 << 10

// Next consumes the first n bytes of b, n >= 1, and returns the event that
// they make. b must not be empty. The n of all calls add up to all bytes: Next
// skips nothing and returns nothing twice. (The event is a pointer because
// copying it took three times as long as parsing a chunk.)
func (p *Parser) Next(b []byte) (ev *Event, n int) {
	switch p.state {
	case inChunks:
		return p.readChunk(b)
	case inLength:
		return p.readLength(b)
	case inClose:
		return p.event(Body, false, b), len(b)
	case inTrailer:
		return p.readTrailer(b)
	case inRaw:
		return p.event(Raw, false, b), len(b)
	}
	return p.readHead(b)
}

// EOF tells the parser that its side has closed. It reports whether the close
// completes a message (framing Close), and whether it cuts one short. Neither
// is true where the close fell between two messages, nor in a raw direction.
// Switch returns the bytes of Partial events that have not come again.
func (p *Parser) EOF() (complete, cut bool) {
	switch p.state {
	case inClose:
		return true, false
	case inHead:
		return false, len(p.buf) > 0
	case inRaw:
		return false, false
	}
	return false, true
}

// Expect tells the server's parser about the next request that it will see an
// answer to: its method, and MessageHead.Upgrade of its head. Calls come in
// the order of the requests, each before the first byte of its answer.
func (p *Parser) Expect(method []byte, upgrade bool) {
	if p.state == inRaw {
		return
	}
	if p.next > len(p.asked)/2 {
		p.asked = append(p.asked[:0], p.asked[p.next:]...)
		p.next = 0
	}
	p.asked = append(p.asked, question{
		head:    string(method) == "HEAD",
		connect: string(method) == "CONNECT",
		hijack:  upgrade || string(method) == "POST",
	})
}

// Switch makes all later bytes Raw, for a direction whose other one was
// upgraded or gave up. It returns the bytes of Partial events that have not
// come again: they are the first bytes of the raw data. The slice is valid
// until the next call.
func (p *Parser) Switch() []byte {
	held := p.buf
	if p.state == inChunks {
		held = p.dec.Pending()
	}
	p.state, p.buf, p.asked, p.next = inRaw, nil, nil, 0
	return held
}

// Missing returns the number of wire bytes of the current frame that are still
// to come: the rest of a body framed by length, or of a chunk's data with its
// CRLF. It is 0 between frames.
func (p *Parser) Missing() int64 {
	switch p.state {
	case inLength:
		return p.rest
	case inChunks:
		return p.dec.Missing()
	}
	return 0
}

// event resets the one event of the parser and returns it.
func (p *Parser) event(kind Kind, end bool, data []byte) *Event {
	ev := &p.ev
	ev.Kind = kind
	ev.End = end
	ev.Data = data
	ev.Line = nil
	ev.Size = 0
	ev.Head = nil
	return ev
}

// readLength reads a body framed by length.
func (p *Parser) readLength(b []byte) (*Event, int) {
	if int64(len(b)) < p.rest {
		p.rest -= int64(len(b))
		return p.event(Body, false, b), len(b)
	}
	n := int(p.rest)
	p.rest, p.state = 0, inHead
	return p.event(Body, true, b[:n]), n
}

// readChunk reads chunked coding up to the size line of the last chunk.
func (p *Parser) readChunk(b []byte) (*Event, int) {
	kind, n, err := p.dec.Next(b)
	if err != nil {
		return p.raw(p.dec.Pending(), b)
	}
	switch kind {
	case chunked.Line:
		if p.dec.Done() {
			p.state = inTrailer
		}
		ev := p.event(ChunkLine, false, nil)
		ev.Line, ev.Size = p.dec.Line(), p.dec.Size()
		return ev, n
	case chunked.Data:
		return p.event(Body, false, b[:n]), n
	case chunked.End:
		return p.event(ChunkEnd, false, nil), n
	}
	return p.event(Partial, false, nil), n
}

// readTrailer reads a trailer section. It accepts field lines that end with
// CRLF. A trailer section that is not canonical is raw: recipients disagree
// about such trailers.
func (p *Parser) readTrailer(b []byte) (*Event, int) {
	// The usual case: no trailers, in one piece.
	if len(p.buf) == 0 && len(b) > 1 && b[0] == '\r' && b[1] == '\n' {
		p.state = inHead
		return p.event(Trailer, true, b[:2]), 2
	}
	if len(p.buf) == 0 {
		p.sec.begin(false)
	}
	src, n, ok := p.readSection(b)
	switch {
	case !ok || src != nil && !p.sec.canonical:
		return p.giveUp(b)
	case src == nil:
		return p.event(Partial, false, nil), n
	}
	p.state = inHead
	p.release()
	return p.event(Trailer, true, src), n
}

// readHead reads a message's head.
func (p *Parser) readHead(b []byte) (*Event, int) {
	if len(p.buf) == 0 {
		if p.Side == Server && p.next == len(p.asked) {
			return p.raw(nil, b) // an answer without a request
		}
		if p.isKnown(b) {
			return p.headEvent(), len(p.known.raw)
		}
		p.sec.begin(true)
	}
	src, n, ok := p.readSection(b)
	switch {
	case !ok:
		return p.giveUp(b)
	case src == nil:
		return p.event(Partial, false, nil), n
	}
	// The head is parsed from the remembered bytes, so that its slices stay
	// valid when the same head comes again.
	src = p.remember(src)
	p.sec.head(&p.head, p.known.variant, src)
	if !p.frame(&p.head) {
		return p.giveUp(b)
	}
	p.release()
	return p.headEvent(), n
}

// headEvent returns the event of p.head and prepares the parser for the bytes
// after it.
func (p *Parser) headEvent() *Event {
	ev := p.event(Head, p.start(&p.head), nil)
	ev.Head = &p.head
	return ev
}

// isKnown reports whether b begins with the head that p.head still holds.
func (p *Parser) isKnown(b []byte) bool {
	return len(p.known.raw) > 0 && bytes.HasPrefix(b, p.known.raw) && p.known.asked == p.answered()
}

// answered returns the request that the next head answers.
func (p *Parser) answered() question {
	if p.Side == Client {
		return question{}
	}
	return p.asked[p.next]
}

// remember returns the bytes of a head at a place where they stay until the
// next head.
func (p *Parser) remember(src []byte) []byte {
	k := &p.known
	k.variant++
	k.raw = k.raw[:0]
	if len(src) > maxKnown {
		return src
	}
	k.raw, k.asked = append(k.raw, src...), p.answered()
	return k.raw
}

// start prepares the parser for the bytes after head h, and reports whether
// the head is the whole message.
func (p *Parser) start(h *MessageHead) (end bool) {
	if p.Side == Server && !h.Interim {
		p.next++
	}
	switch h.Framing {
	case Length:
		if h.Length == 0 {
			return true
		}
		p.state, p.rest = inLength, h.Length
	case Chunked:
		p.state = inChunks
		p.dec.Reset()
	case Close:
		p.state = inClose
	case Stream:
		p.state = inRaw
	case None:
		return !h.Interim
	}
	return false
}

// readSection reads lines of p.sec from b, after those in p.buf. Once the
// section is complete it returns all its bytes, which alias b if they came in
// one piece, and the number of bytes of b that belong to it. It reports
// whether the bytes can still be HTTP. If not, the bytes held before this call
// are the first p.sec.held of p.buf.
func (p *Parser) readSection(b []byte) (src []byte, n int, ok bool) {
	s := &p.sec
	s.held = len(p.buf)
	for n < len(b) {
		i := bytes.IndexByte(b[n:], '\n')
		if i < 0 {
			break
		}
		n += i + 1
		src = b[:n]
		if s.held > 0 {
			// The section began in an earlier call: its lines are joined in
			// the buffer.
			p.buf = append(p.buf, b[n-i-1:n]...)
			src = p.buf
		}
		end, ok := s.add(src, p.Side)
		switch {
		case !ok:
			return nil, 0, false
		case end:
			return src, n, s.sound(src)
		}
	}
	if s.held+len(b) >= MaxHead {
		return nil, 0, false
	}
	// Nothing of b is in the buffer yet: not even its whole lines.
	if s.held == 0 {
		n = 0
	}
	p.buf = append(p.buf, b[n:]...)
	return nil, len(b), s.begun(p.buf, p.Side)
}

// release frees the buffer for the next section. Its bytes stay valid until
// the next call.
func (p *Parser) release() {
	if cap(p.buf) > keepBuffer {
		p.buf = nil
	}
	p.buf = p.buf[:0]
}

// giveUp makes everything raw from the beginning of the refused section on.
func (p *Parser) giveUp(b []byte) (*Event, int) {
	return p.raw(p.buf[:p.sec.held], b)
}

// raw makes everything raw: the bytes held before b, and b.
func (p *Parser) raw(held, b []byte) (*Event, int) {
	data := b
	if len(held) > 0 {
		data = append(held, b...)
	}
	p.state, p.buf, p.asked, p.next = inRaw, nil, nil, 0
	return p.event(Raw, false, data), len(b)
}
