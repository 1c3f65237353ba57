package record

import (
	"bytes"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/chunked"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/redact"
)

// maxRedactions is the number of masked spans that are listed of a message or
// stream. Beyond it secrets are masked all the same.
const maxRedactions = 1000

// maxInterim is the number of 1xx responses before a response from which on a
// server is not understood any more.
const maxInterim = 1000

// read is one read(2) of one side, or its end.
type read struct {
	seq int64
	at  time.Duration // since the recording began
	// joined says that it goes on where the side's read before it stopped:
	// nothing else took a seq between them, and at most a millisecond passed.
	joined bool
}

// piece is n bytes of a read.
type piece struct {
	read
	n int
}

// message is one side of an exchange while it is recorded.
type message struct {
	cassettes.Message
	x    *exchange
	side http1.Side

	begun, done bool // the head has come; nothing more will come
	frames      *cassettes.FrameSink
	body        *cassettes.BodySink
	mask        *redact.Body

	at    time.Duration // when the head, then each frame and mark, began
	last  int64         // the read that brought its last byte
	wire  int64         // bytes of the frame so far
	chunk chunkState
}

// chunkState says where in chunked coding a message is.
type chunkState uint8

const (
	noChunk chunkState = iota
	inChunk            // behind a size line
	inLast             // behind the last chunk's
)

// add handles an event of the message after its head. ps are the pieces that the
// event consists of, rd the read of the last one.
func (m *message) add(ev *http1.Event, ps []piece, rd read) error {
	if !m.x.keep {
		return nil
	}
	switch ev.Kind {
	case http1.ChunkLine:
		return m.line(ev, ps)
	case http1.Body:
		return m.data(rd, ev.Data)
	case http1.ChunkEnd:
		m.chunk = noChunk
		return m.addPieces(ps)
	case http1.Trailer:
		m.chunk = noChunk
		if len(ev.Data) > len("\r\n") {
			m.trailer(ev.Data)
		}
		return m.addPieces(ps)
	}
	return nil
}

// head begins the message.
func (m *message) head(h *http1.MessageHead, ps []piece) error {
	m.begun, m.Framing = true, h.Framing
	m.at, m.last = ps[0].at, ps[len(ps)-1].seq
	if !m.x.keep {
		return nil
	}
	m.Seq = ps[0].seq
	if m.x.item.Timed {
		m.Start = m.at - m.x.began(m.side)
	}
	m.masked(h)
	offset := int64(0)
	for i, p := range ps {
		if i > 0 && !p.joined {
			if err := m.sink().Split(offset, p.seq); err != nil {
				return err
			}
		}
		offset += int64(p.n)
	}
	return nil
}

// headMemo is a side's last head, masked, to be used again if the same head follows.
type headMemo struct {
	variant  int // of the head; 0: none
	head     []byte
	redacted []cassettes.Redaction
	rules    []redact.Rule  // of the spans, those beyond the list included
	content  redact.Content // where there is a body
}

// masked gives the message its masked head, and the mask for its body.
func (m *message) masked(h *http1.MessageHead) {
	known := &m.x.c.sides[m.side].head
	hasBody := h.Framing != http1.None && h.Framing != http1.Stream
	if known.variant == h.Variant {
		m.Head = append(m.Head[:0], known.head...)
		m.Redacted = append(m.Redacted[:0], known.redacted...)
		m.count(known.rules)
	} else {
		m.Head = append(m.Head[:0], h.Raw...)
		m.redacted("head", h.Raw, m.Head)
		known.variant = h.Variant
		known.head = append(known.head[:0], m.Head...)
		known.redacted = append(known.redacted[:0], m.Redacted...)
		known.rules = known.rules[:0]
		for _, s := range m.x.c.spans {
			known.rules = append(known.rules, s.Rule)
		}
		if hasBody {
			known.content = redact.ContentOf(h.Raw)
		}
	}
	if hasBody {
		m.mask = m.x.c.r.rules.BodyOf(m.x.target, known.content)
	}
	if m.mask != nil {
		m.mask.Identify(m.x.c.r.key)
	}
}

// count counts the secrets of a head that was masked before.
func (m *message) count(rules []redact.Rule) {
	for _, rule := range rules {
		m.x.c.r.masked.add(rule, m.x.item.ID)
	}
}

// interim adds a 1xx response. Its pieces are not kept.
func (m *message) interim(h *http1.MessageHead, ps []piece) {
	if len(m.Interim) == 0 {
		m.Seq = ps[0].seq // until the head comes
	}
	head := bytes.Clone(h.Raw)
	spans := m.x.c.r.rules.Head(head, nil)
	if m.x.keep {
		for _, s := range spans {
			m.x.c.r.masked.add(s.Rule, m.x.item.ID)
		}
	}
	m.Interim = append(m.Interim, cassettes.Interim{Seq: ps[0].seq, Head: head})
}

// redacted masks a head or trailer section, a copy of raw, and lists the spans by
// line.
func (m *message) redacted(where string, raw, section []byte) {
	c := m.x.c
	c.spans = c.r.rules.Head(section, c.spans[:0])
	c.r.key.Identify(raw, c.spans)
	for line, s := range redact.ByLine(section, c.spans) {
		m.list(where, line, s)
	}
}

// list counts and lists a masked span.
func (m *message) list(where string, index int, s redact.Span) {
	r := m.x.c.r
	r.masked.add(s.Rule, m.x.item.ID)
	if len(m.Redacted) < maxRedactions {
		m.Redacted = append(m.Redacted, cassettes.Redaction{Where: where, Index: index, Off: s.Off, Len: s.Len, Tag: r.tag(s)})
	}
}

// sink returns where frames and splits go.
func (m *message) sink() *cassettes.FrameSink {
	if m.frames == nil {
		m.frames = m.x.c.r.Cassette.NewFrames(m.x.item.ID, m.side, m.x.req.Seq)
	}
	return m.frames
}

// wait returns the time from the last head, frame or mark to at, which
// becomes the last.
func (m *message) wait(at time.Duration) time.Duration {
	d := at - m.at
	m.at = at
	if !m.x.item.Timed {
		return 0
	}
	return max(d, 0)
}

// line begins a chunk.
func (m *message) line(ev *http1.Event, ps []piece) error {
	m.chunk = inChunk
	if ev.Size == 0 {
		m.chunk = inLast
	}
	s := m.sink()
	if err := s.Add(cassettes.Frame{Size: ev.Size, Seq: ps[0].seq, Wait: m.wait(ps[0].at)}); err != nil {
		return err
	}
	if !chunked.Plain(ev.Line) {
		if err := s.ChunkLine(ev.Line); err != nil {
			return err
		}
	}
	m.wire, m.last = 0, ps[0].seq
	return m.addPieces(ps)
}

// addPieces adds wire bytes to the frame.
func (m *message) addPieces(ps []piece) error {
	for _, p := range ps {
		if err := m.addWire(p.read, p.n); err != nil {
			return err
		}
	}
	return nil
}

// addWire adds n wire bytes of a read to the frame.
func (m *message) addWire(rd read, n int) error {
	if rd.seq != m.last && !rd.joined {
		if err := m.frames.Split(m.wire, rd.seq); err != nil {
			return err
		}
	}
	m.last = rd.seq
	m.wire += int64(n)
	return nil
}

// data adds bytes of the body.
func (m *message) data(rd read, p []byte) error {
	if err := m.frame(rd, len(p)); err != nil {
		return err
	}
	if m.body == nil {
		what := "request"
		if m.side == http1.Server {
			what = "response"
		}
		m.body = m.x.c.r.Cassette.NewBody(m.x.item.ID, what, m.x.c.r.InlineMax)
	}
	if m.mask == nil {
		_, err := m.body.Write(p)
		return err
	}
	buf := scratch.Get().(*[]byte)
	defer scratch.Put(buf)
	*buf = m.mask.Append((*buf)[:0], p)
	return m.writeBody(*buf)
}

// writeBody adds masked bytes to the body. The mask lists the secrets in them.
func (m *message) writeBody(p []byte) error {
	for _, s := range m.mask.Take() {
		m.list("body", 0, s)
	}
	_, err := m.body.Write(p)
	return err
}

// frame adds n bytes of the body to the frames: to the chunk, or where the
// wire has no frames, to the last one if they go on where it stopped.
func (m *message) frame(rd read, n int) error {
	if m.chunk != noChunk {
		return m.addWire(rd, n)
	}
	s := m.sink()
	going := s.Len() > 0 && (rd.seq == m.last || rd.joined && rd.seq == m.last+1)
	m.last = rd.seq
	if going {
		s.Grow(int64(n))
		return nil
	}
	return s.Add(cassettes.Frame{Size: int64(n), Seq: rd.seq, Wait: m.wait(rd.at)})
}

// trailer sets the trailer section, or the part of it that came.
func (m *message) trailer(section []byte) {
	m.Trailer = append([]byte{}, section...)
	m.redacted("trailer", section, m.Trailer)
}

// mark adds a close of the sender.
func (m *message) mark(mark cassettes.Mark, rd read) {
	m.Closed = append(m.Closed, cassettes.Closed{Mark: mark, Seq: rd.seq, Wait: m.wait(rd.at)})
}

// cut ends the message before its time. The parser held back held, which came
// in ps, and says how many bytes the current frame is missing. It reports
// whether the bytes held are the message's.
func (m *message) cut(end cassettes.End, missing int64, held []byte, ps []piece) (taken bool, err error) {
	m.done, m.End = true, end
	if !m.x.keep || m.frames == nil || m.frames.Len() == 0 {
		return false, nil
	}
	switch {
	case m.chunk == inLast:
		m.trailer(held)
		return true, m.addPieces(ps)
	case m.chunk == inChunk && missing == 0:
		// The CRLF after the data was none: the bytes that stand there are no
		// part of the message.
		missing = int64(len("\r\n"))
	case m.chunk == inChunk && len(held) > 0: // the CR
		taken, err = true, m.addPieces(ps)
	case m.Framing == http1.Length:
		m.frames.Grow(missing)
	}
	m.Missing = missing
	return taken, err
}

// seal completes the message for the cassette.
func (m *message) seal() error {
	var err error
	if m.body != nil {
		err = m.sealBody()
	}
	if m.mask != nil {
		m.mask.Free()
		m.mask = nil
	}
	if err != nil {
		return err
	}
	if m.frames == nil {
		return nil
	}
	frames := m.frames
	m.frames = nil
	return frames.Finish(&m.Message)
}

func (m *message) sealBody() (err error) {
	if m.mask != nil {
		buf := scratch.Get().(*[]byte)
		defer scratch.Put(buf)
		*buf = m.mask.Flush((*buf)[:0])
		err = m.writeBody(*buf)
	}
	body, ferr := m.body.Finish() // closes its file in any case
	m.Body, m.body = body, nil
	if err != nil {
		return err
	}
	return ferr
}
