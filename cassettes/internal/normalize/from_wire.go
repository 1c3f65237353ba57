package normalize

import (
	"slices"

	"github.com/wiretape/wiretape/cassettes/internal/consistency"
	"github.com/wiretape/wiretape/cassettes/internal/decode"
	"github.com/wiretape/wiretape/cassettes/internal/verify"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/internal/vcrhead"
	"github.com/wiretape/wiretape/internal/yamltext"
	"github.com/wiretape/wiretape/wire"
)

// FromWire reads the interaction at index at, and makes all that follows from
// its heads and bodies agree with them. Rules are the names of the redaction
// rules in force.
func FromWire(b *decode.Reader, at int, rules []string) (*wire.Interaction, error) {
	it := b.Item(at)
	if b.Err == nil && b.Lookup(at, "wire") == 0 {
		b.Fail(at, "interaction %d has no block wire; write at least its heads there", it.ID)
	}
	if b.Err == nil {
		Keepable(b, it, at)
	}
	r := normalizer{Reader: b, it: it, wire: b.Lookup(at, "wire"), rules: rules}
	for m, key := range it.Messages() {
		r.message(m, key)
	}
	return it, b.Err
}

// normalizer makes an item agree with itself: its heads and bodies are right.
type normalizer struct {
	*decode.Reader
	it   *wire.Interaction
	wire int
	// rules are the names of the redaction rules in force.
	rules []string
}

// Keepable fails where go-vcr's blocks hold something that the layout has no
// place for.
func Keepable(b *decode.Reader, it *wire.Interaction, at int) {
	for k := range b.Pairs(at) {
		switch key := b.TextAt(k); key {
		case "id", "request", "response", "wire":
		default:
			b.Fail(k, "the key %q would be lost; remove it first", key)
		}
	}
	for m, side := range it.Messages() {
		block := b.Lookup(at, side)
		if block == 0 {
			continue
		}
		for k, v := range b.Pairs(block) {
			switch key := b.TextAt(k); {
			case !slices.Contains(vcrKeys, key):
				b.Fail(k, "the key %q would be lost; remove it first", key)
			case key == "body" && len(m.Head) == 0 && !isEmpty(b, v):
				b.Fail(k, "the body would be lost: wire has no head for the %s", side)
			case slices.Contains(consistency.FreeKeys, key) && key != "body" && !isEmpty(b, v):
				b.Fail(k, "%s.%s would be lost: it is no part of what crossed the wire; remove it first", side, key)
			}
		}
	}
}

// vcrKeys are the keys of go-vcr's blocks.
var vcrKeys = []string{
	"proto", "proto_major", "proto_minor", "content_length", "transfer_encoding", "trailer", "host",
	"remote_addr", "request_uri", "body", "form", "headers", "url", "method",
	"uncompressed", "status", "code", "duration",
}

// isEmpty reports whether a value is null, false, an empty string or an empty
// collection.
func isEmpty(b *decode.Reader, at int) bool {
	if b.Kind(at) != yamltext.Scalar {
		return b.Len(at) == 0
	}
	s, err := b.Text(at)
	return err == nil && (s == "" || s == "false")
}

// message makes a message agree with its head and body.
func (r *normalizer) message(m *wire.Message, key string) {
	if r.Err != nil || len(m.Head) == 0 {
		return
	}
	block := r.Lookup(r.wire, key)
	declared := r.framing(m, block, key)
	if len(consistency.Sizes(r.Reader, m, block, key)) > 0 {
		r.frames(m, block, key)
	}
	if m.Framing == http1.Length && m.End == wire.Complete && declared != m.Body.Size() {
		m.Head = vcrhead.WithLength(m.Head, m.Body.Size())
	}
	r.redaction(m, block)
}

// framing takes the framing from the head, and returns the length that it
// declares.
func (r *normalizer) framing(m *wire.Message, block int, key string) (length int64) {
	p := verify.MessageParser(r.it, key)
	for head := m.Head; len(head) > 0; {
		ev, n := p.Next(head)
		head = head[n:]
		switch ev.Kind {
		case http1.Partial:
		case http1.Head:
			r.reframe(m, block, ev.Head.Framing)
			return ev.Head.Length
		default:
			r.Fail(block, "wire.%s: %q is no head of HTTP/1.x", key, m.Head[:min(len(m.Head), 40)])
			return 0
		}
	}
	r.Fail(block, "wire.%s: the head does not end with an empty line", key)
	return 0
}

// reframe changes the framing and what frames say of it.
func (r *normalizer) reframe(m *wire.Message, block int, f http1.Framing) {
	if f == m.Framing {
		return
	}
	if m.Frames.File != nil || m.Missing > 0 || m.End != wire.Complete {
		r.Fail(block, "the head says framing %s, and the frames are those of a message framed %s", f, m.Framing)
		return
	}
	if m.Framing == http1.Chunked {
		m.Frames.List = slices.DeleteFunc(m.Frames.List, func(f wire.Frame) bool { return f.Size == 0 })
		m.ChunkLines, m.Trailer, m.Splits = nil, nil, nil
	}
	m.Framing = f
	if f == http1.Chunked {
		m.Frames.List = append(m.Frames.List, wire.Frame{Seq: lastSeq(m)})
	}
}

// lastSeq returns the read in which the last frame, or the head, began.
func lastSeq(m *wire.Message) int64 {
	if n := len(m.Frames.List); n > 0 {
		return m.Frames.List[n-1].Seq
	}
	return m.Seq
}

// frames makes the frames add up to the body: each line of the body in the
// file is one, or, where there is one frame only, the whole body.
func (r *normalizer) frames(m *wire.Message, block int, key string) {
	var old []wire.Frame
	for _, f := range m.Frames.List {
		if f.Size > 0 {
			old = append(old, f)
		}
	}
	_, inFile := m.Body.InFile()
	body := r.Lookup(r.Lookup(0, key), "body")
	var ends []int
	switch {
	case m.Missing > 0 || inFile || m.Framing == http1.None || m.Framing == http1.Stream:
		r.Fail(block, "wire.%s: which frames changed cannot be told; set frames and missing by hand", key)
		return
	case r.Source != nil && body != 0 && !r.IsBinary(body):
		ends = yamltext.Breaks(r.Raw(body))
	case len(old) > 1:
		r.Fail(block, "wire.%s: which frames changed cannot be told; set frames by hand", key)
		return
	}
	m.Frames.List = r.newFrames(m, old, append(ends, len(m.Body.Data)))
	clear(m.ChunkLines)
	m.Splits = nil
}

// newFrames returns frames with these ends; reads and waits are those of the
// old frames, as far as there are such.
func (r *normalizer) newFrames(m *wire.Message, old []wire.Frame, ends []int) []wire.Frame {
	var frames []wire.Frame
	begin := 0
	f := wire.Frame{Seq: m.Seq}
	for _, end := range ends {
		if end == begin {
			continue
		}
		f.Wait = 0
		if i := len(frames); i < len(old) {
			f = old[i]
		}
		f.Size = int64(end - begin)
		frames = append(frames, f)
		begin = end
	}
	if m.Framing == http1.Chunked {
		last := wire.Frame{Seq: lastSeq(m)}
		if n := len(m.Frames.List); n > 0 && m.Frames.List[n-1].Size == 0 {
			last.Wait = m.Frames.List[n-1].Wait
		}
		frames = append(frames, last)
	}
	return frames
}

// redaction lists the masked spans anew, as the rules in force find them.
func (r *normalizer) redaction(m *wire.Message, block int) {
	rules, err := redact.Parse(r.rules)
	if err != nil {
		r.Fail(block, "wire.redaction: %w", err)
	}
	if rules == nil || r.Err != nil {
		return
	}
	if err := verify.Relist(rules, r.it, m); err != nil {
		r.Fail(block, "%w", err)
	}
}
