package decode

import (
	"github.com/wiretape/wiretape/cassettes/internal/columns"
	"github.com/wiretape/wiretape/cassettes/internal/encode"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/wire"
)

// Item reads the interaction at index at. After an error it may be incomplete.
func (b *Reader) Item(at int) *wire.Interaction {
	it := &wire.Interaction{ID: b.id}
	var request, response, block int
	b.Keys(at, "interaction", func(key string, v int) bool {
		switch key {
		case "request":
			request = v
		case "response":
			response = v
		case "wire":
			block = v
		}
		return true // go-vcr ignores unknown keys, and so do we
	})
	if block == 0 {
		b.derived(it, at, request, response)
		return it
	}
	b.wire(it, block)
	if b.Err != nil {
		return it
	}
	b.body(it.Request, request)
	b.body(it.Response, response)
	return it
}

// body gives a message its body from go-vcr's block.
func (b *Reader) body(m *wire.Message, vcr int) {
	if m == nil || vcr == 0 {
		return
	}
	at := b.Lookup(vcr, "body")
	if at == 0 {
		return
	}
	body := b.DataAt(at)
	if m.Body.File == nil {
		m.Body.Data = body
		return
	}
	if len(body) > 0 {
		b.Fail(at, "body: want it empty, because body_file names %s", m.Body.File.Name())
	}
}

// wire fills the interaction in from the block wire.
func (b *Reader) wire(it *wire.Interaction, at int) {
	var request, response int
	turns := turnKeys{}
	b.Keys(at, "wire", func(key string, v int) bool {
		switch key {
		case "session":
			it.Session = b.CountAt(v)
		case "conn":
			it.Conn = b.CountAt(v)
		case "peer":
			it.Peer = b.CountAt(v)
		case "request":
			request = v
		case "response":
			response = v
		default:
			return turns.take(key, v)
		}
		return true
	})
	base := int64(0)
	if request != 0 {
		it.Request, it.Timed = b.message(request, "wire.request", 0, true)
		base = it.Request.Seq
	} else if turns.seq != 0 {
		base = b.size(turns.seq)
	}
	if response != 0 {
		it.Response, _ = b.message(response, "wire.response", base, it.Timed)
	}
	b.turns(it, &turns, base)
	if b.Lookup(at, "conn") == 0 {
		b.Fail(at, "wire: want the key conn")
	}
	if b.Err == nil {
		if err := encode.Check(it); err != nil {
			b.Fail(at, "wire: %v", err)
		}
	}
}

// messageKeys are the values of a message's lists that need others first.
type messageKeys struct {
	frames, seqs, times, closed, splits int

	bodyFile, framesFile columns.File
	bodySize             int64
	framesCount          int
}

// message makes a message of the block at; timed says that its item has
// times so far. Its seq counts from base, as all others do, except a
// request's own.
func (b *Reader) message(at int, what string, base int64, timed bool) (*wire.Message, bool) {
	m := &wire.Message{End: wire.Complete}
	var keys messageKeys
	b.Keys(at, what, func(key string, v int) bool {
		switch key {
		case "seq":
			m.Seq = b.IntAt(v) + base
		case "head":
			m.Head = b.SectionAt(v)
		case "head_raw":
			m.Head = b.DataAt(v)
		case "framing":
			m.Framing = b.framing(v)
		case "body_file":
			keys.bodyFile = b.file(v)
		case "body_size":
			keys.bodySize = b.size(v)
		case "frames_file":
			keys.framesFile = b.file(v)
		case "frames_count":
			keys.framesCount = int(b.size(v))
		case "trailer":
			m.Trailer = b.SectionAt(v)
		case "trailer_raw":
			m.Trailer = b.DataAt(v)
		case "end":
			m.End = b.end(v)
		case "missing":
			m.Missing = b.size(v)
		default:
			return b.messageList(m, &keys, key, v)
		}
		return true
	})
	if len(m.Head) > 0 && b.Lookup(at, "seq") == 0 {
		b.Fail(at, "%s: want the key seq", what)
	}
	if what == "wire.request" {
		base = m.Seq
	}
	b.interim(m, at, base)
	if keys.bodyFile.Path != "" {
		m.Body.File = columns.NewBodyFile(keys.bodyFile, keys.bodySize)
	}
	if keys.framesFile.Path != "" {
		m.Frames.File = columns.NewFrameFile(keys.framesFile, keys.framesCount, base)
	}
	b.columns(m, at, &keys, base)
	return m, keys.times != 0
}

// messageList takes the keys that hold lists.
func (b *Reader) messageList(m *wire.Message, keys *messageKeys, key string, v int) bool {
	switch key {
	case "interim":
	case "frames":
		keys.frames = v
	case "seqs":
		keys.seqs = v
	case "times":
		keys.times = v
	case "closed":
		keys.closed = v
	case "splits":
		keys.splits = v
	case "chunk_lines":
		m.ChunkLines = b.chunkLines(v)
	case "redacted":
		m.Redacted = b.redacted(v)
	default:
		return false
	}
	return true
}

// SectionAt joins the lines of a head or trailer section.
func (b *Reader) SectionAt(at int) []byte {
	section := []byte{}
	b.list(at, func(_, v int) {
		section = append(append(section, b.DataAt(v)...), "\r\n"...)
	})
	return append(section, "\r\n"...)
}

func (b *Reader) framing(at int) http1.Framing {
	s := b.TextAt(at)
	for f := http1.None; f <= http1.Stream; f++ {
		if f.String() == s {
			return f
		}
	}
	b.Fail(at, "want none, length, chunked, close or stream as framing, not %q", s)
	return http1.None
}

func (b *Reader) end(at int) wire.End {
	switch s := wire.End(b.TextAt(at)); s {
	case wire.Complete, wire.Incomplete, wire.NoEnd:
		return s
	default:
		b.Fail(at, "want complete, incomplete or none as end, not %q", s)
		return wire.NoEnd
	}
}
