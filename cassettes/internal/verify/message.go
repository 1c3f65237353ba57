package verify

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"github.com/wiretape/wiretape/cassettes/internal/consistency"
	"github.com/wiretape/wiretape/cassettes/internal/decode"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/wire"
)

// verifier finds what disagrees in an item.
type verifier struct {
	*decode.Reader
	it    *wire.Interaction
	wire  int // the block wire
	rules *redact.Rules
	errs  []*wire.FormatError
}

// add adds an error at the key of a block, or at the block where it has no
// such key.
func (v *verifier) add(block int, key, format string, args ...any) {
	at := v.Lookup(block, key)
	if at == 0 {
		at = block
	}
	v.errs = append(v.errs, v.ErrorAt(at, format, args...))
}

// Interaction returns the contradictions within it, which b read at index at.
// Rules, nil for none, are those that masked it.
func Interaction(b *decode.Reader, it *wire.Interaction, at int, rules *redact.Rules) []*wire.FormatError {
	block := b.Lookup(at, "wire")
	if block == 0 {
		return nil // go-vcr wrote it: all of it follows from go-vcr's keys
	}
	v := &verifier{Reader: b, it: it, wire: block, rules: rules}
	v.errs = consistency.Views(b, it, at, true)
	for m, key := range it.Messages() {
		block := b.Lookup(v.wire, key)
		errs := consistency.Sizes(b, m, block, key)
		v.errs = append(v.errs, errs...)
		if len(errs) == 0 {
			v.message(m, block, key)
		}
	}
	if it.Turns != nil {
		v.turns(it.Turns)
	}
	return v.errs
}

// message parses the wire bytes of a message and compares heads, frames and
// ends with the keys of the block.
func (v *verifier) message(m *wire.Message, block int, key string) {
	v.order(m, block)
	p := MessageParser(v.it, key)
	w := &walker{verifier: v, m: m, block: block, p: p, frame: -1}
	if err := w.walk(); err != nil {
		v.fileError(block, "frames", err)
		return
	}
	w.finish()
	v.redaction(m, block, key)
}

// fileError adds an error of a file beside the cassette, whose names, counts
// and sizes stand in the block. Columns is the kind of the columns that may be
// in one: frames or turns.
func (v *verifier) fileError(block int, columns string, err error) {
	key := columns + "_file"
	var fe *wire.FormatError
	switch body := v.Lookup(block, "body_file"); {
	case !errors.As(err, &fe):
	case body != 0 && v.Is(body, fe.File):
		key = "body_size"
	case fe.Line == 0:
		key = columns + "_count"
	}
	v.add(block, key, "%w", err)
}

// MessageParser returns a parser for the "request" or the "response" of it. The
// response's knows the request.
func MessageParser(it *wire.Interaction, key string) *http1.Parser {
	if key == "request" {
		return &http1.Parser{}
	}
	request := &http1.Parser{}
	p := &http1.Parser{Side: http1.Server}
	head := it.Request.Head
	for len(head) > 0 {
		ev, n := request.Next(head)
		if head = head[n:]; ev.Kind == http1.Head {
			p.Expect(ev.Head.Method, ev.Head.Upgrade)
			break
		}
	}
	return p
}

// walker feeds a message's wire bytes to a parser and compares.
type walker struct {
	*verifier
	m     *wire.Message
	block int
	p     *http1.Parser

	sum     int64 // bytes of the body so far
	frame   int   // the one that the bytes belong to; -1 for heads
	interim int   // 1xx heads seen
	head    bool
	size    int64 // declared size of the chunk
	last    http1.Kind
	ended   bool
	failed  bool
}

// walk feeds all bytes.
func (w *walker) walk() error {
	body, err := w.m.Body.Open()
	if err != nil {
		return err
	}
	defer body.Close()
	buf := make([]byte, pieceSize)
	for s, err := range w.m.Segments() {
		if err != nil {
			return err
		}
		if s.Frame != w.frame {
			w.frameEnd()
			w.frame = s.Frame
		}
		w.feed(s.Before)
		w.feedBody(body, s.Len, buf)
		w.feed(s.After)
		if w.failed {
			return nil
		}
	}
	if n := w.m.Body.Size(); w.sum != n {
		w.fail(w.framesKey(), "the frames have %d bytes of the body, the body has %d", w.sum, n)
	}
	return nil
}

// feedBody feeds the next n bytes of the body.
func (w *walker) feedBody(body io.Reader, n int64, buf []byte) {
	for n > 0 {
		piece := buf[:min(n, int64(len(buf)))]
		got, err := io.ReadFull(body, piece)
		w.sum += int64(got)
		if err != nil {
			w.fail(w.framesKey(), "the frames have more than the %d bytes of the body", w.sum)
			return
		}
		w.feed(piece)
		n -= int64(got)
	}
}

func (w *walker) feed(b []byte) {
	for len(b) > 0 && !w.failed {
		if w.ended {
			w.fail(w.what(), "the message ends before its last frame")
			return
		}
		ev, n := w.p.Next(b)
		b = b[n:]
		w.event(ev)
	}
}

// what returns the key that the bytes under way stand under.
func (w *walker) what() string {
	switch {
	case w.frame >= 0:
		return w.framesKey()
	case w.interim < len(w.m.Interim):
		return "interim"
	}
	return w.headKey("head")
}

func (w *walker) headKey(key string) string { return rawKey(w.Reader, w.block, key) }

// rawKey returns key, or key_raw where the block at has only that.
func rawKey(b *decode.Reader, at int, key string) string {
	if b.Lookup(at, key) == 0 && b.Lookup(at, key+"_raw") != 0 {
		return key + "_raw"
	}
	return key
}

func (w *walker) framesKey() string {
	if w.m.Frames.File != nil {
		return "frames_file"
	}
	return "frames"
}

// fail notes a mistake in the message. It keeps the first alone, because the
// others follow from it.
func (w *walker) fail(key, format string, args ...any) {
	if w.failed {
		return
	}
	w.failed = true
	at := w.Lookup(w.block, key)
	if key == "interim" {
		at = w.interimHead(at)
	}
	if list := w.Lookup(w.block, "chunk_lines"); w.frame >= 0 && list != 0 {
		if line := w.Lookup(list, strconv.Itoa(w.frame)); line != 0 {
			at = line
		}
	} else if key == "frames" && at != 0 {
		at = w.Element(at, w.frame)
	}
	if at == 0 {
		at = w.block
	}
	w.errs = append(w.errs, w.ErrorAt(at, format, args...))
}

// interimHead returns the head of the interim response under way, in the list
// at.
func (w *walker) interimHead(at int) int {
	at = w.Element(at, w.interim)
	if head := w.Lookup(at, rawKey(w.Reader, at, "head")); head != 0 {
		return w.Element(head, 0)
	}
	return at
}

func (w *walker) event(ev *http1.Event) {
	w.ended = ev.End
	switch ev.Kind {
	case http1.Head:
		w.gotHead(ev.Head)
	case http1.ChunkLine:
		w.size = ev.Size
		w.chunkLine(ev.Line)
	case http1.Raw:
		if w.frame >= 0 {
			w.fail(w.what(), "frame %d: %q is not chunked coding here", w.frame, clip(ev.Data))
		}
		w.fail(w.what(), "%q is not HTTP/1.x here", clip(ev.Data))
	}
	if ev.Kind != http1.Partial {
		w.last = ev.Kind
	}
}

func (w *walker) gotHead(h *http1.MessageHead) {
	switch {
	case w.head:
		w.fail(w.what(), "a second message begins within the frames")
	case h.Interim && w.interim < len(w.m.Interim) && bytes.Equal(h.Raw, w.m.Interim[w.interim].Head):
		w.interim++
	case h.Interim:
		w.fail(w.headKey("head"), "this is the head of an interim response (%d)", h.Code)
	case w.interim < len(w.m.Interim):
		w.fail("interim", "head %d of interim is no interim response", w.interim)
	case h.Framing != w.m.Framing:
		w.fail("framing", "framing is %s, the head says %s", w.m.Framing, h.Framing)
	}
	w.head = w.head || !h.Interim
}

// chunkLine compares a size line with the frame's size.
func (w *walker) chunkLine(line []byte) {
	if text, ok := w.m.ChunkLines[w.frame]; ok && text+"\r\n" == string(http1.AppendChunkLine(nil, "", w.size)) {
		w.fail("chunk_lines", "chunk_lines: %q is the plain size line of frame %d and needs no mention", text, w.frame)
	}
	if w.m.Frames.File == nil && w.size != w.m.Frames.List[w.frame].Size {
		w.fail("frames", "frame %d has %d bytes, its size line %q says %d",
			w.frame, w.m.Frames.List[w.frame].Size, line, w.size)
	}
}

// frameEnd checks that a frame which another one follows is whole.
func (w *walker) frameEnd() {
	if w.frame < 0 || w.m.Framing != http1.Chunked || w.failed {
		return
	}
	if w.last != http1.ChunkEnd {
		w.fail(w.framesKey(), "frame %d does not end where its chunk does", w.frame)
	}
}

// finish compares how the message ends.
func (w *walker) finish() {
	m := w.m
	if w.failed {
		return
	}
	if !w.head {
		if m.End == wire.Complete {
			w.fail("end", "end is complete, and no head of a final response came")
		}
		return
	}
	for frame, line := range m.ChunkLines {
		if frame >= m.Frames.Len() || m.Framing != http1.Chunked {
			w.fail("chunk_lines", "chunk_lines: there is no chunk %d for %q", frame, line)
		}
	}
	if m.Framing == http1.Close {
		w.ended = closedBy(m)
	}
	if m.Framing == http1.Stream {
		return
	}
	if complete := m.End == wire.Complete; complete != w.ended {
		w.fail("end", "end is %s, but the bytes are %s", m.End, map[bool]string{true: "complete", false: "not complete"}[w.ended])
	}
	if missing := w.missing(); m.Missing != missing {
		w.fail("missing", "missing is %d, the framing says %d", m.Missing, missing)
	}
	if m.Trailer != nil && m.Framing != http1.Chunked {
		w.fail(w.headKey("trailer"), "a trailer section belongs to chunked coding, not to framing %s", m.Framing)
	}
}

// missing returns the number of bytes that the parser still expects of the last
// frame.
func (w *walker) missing() int64 {
	if w.m.Frames.Len() == 0 || w.ended {
		return 0
	}
	if n := w.p.Missing(); n > 0 || w.m.Trailer != nil {
		return n
	}
	return trailing(w.m)
}

// trailing returns how much of the CRLF behind the last chunk's size line is
// missing where there is no trailer section: the parser has no word for it.
func trailing(m *wire.Message) int64 {
	if m.Framing != http1.Chunked {
		return 0
	}
	return min(m.Missing, int64(len("\r\n")))
}

// closedBy reports whether a close of the sender, other than a reset, ended
// the message.
func closedBy(m *wire.Message) bool {
	return len(m.Closed) > 0 && m.Closed[0].Mark != wire.Reset
}

// clip shortens bytes for an error.
func clip(b []byte) []byte {
	const most = 40
	return b[:min(len(b), most)]
}

// pieceSize is how much of a body is read at once.
const pieceSize = 64 << 10
