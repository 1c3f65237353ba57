package cassettes

import (
	"fmt"
	"math"
	"time"

	"github.com/wiretape/wiretape/internal/http1"
)

// builder makes what a tree means of it. The first error stays; all that
// comes after it does nothing.
type builder struct {
	*tree
	c   *Cassette
	id  int    // of the item
	src []byte // of the item, where it is in the canonical layout
	err error

	// Memory that is used again.
	own parser
	buf []byte
}

// entry returns what is known of the item at index at of t.
func (c *Cassette) entry(t *tree, at int) (place, error) {
	b := &builder{tree: t, c: c}
	p := place{Entry: Entry{Line: t.lineOf(at)}}
	if t.kind(at) != mapping {
		b.fail(at, "interaction: want a mapping, not %s", t.describe(at))
		return p, b.err
	}
	if id := t.lookup(at, "id"); id != 0 {
		p.ID = b.count(id)
	}
	if request := t.lookup(at, "request"); request != 0 {
		if url := t.lookup(request, "url"); url != 0 {
			p.URL = b.text(url)
		}
		if method := t.lookup(request, "method"); method != 0 {
			p.Method = b.text(method)
		}
	}
	if wire := t.lookup(at, "wire"); wire != 0 {
		if session := t.lookup(wire, "session"); session != 0 {
			p.Session = b.count(session)
		}
	}
	return p, b.err
}

// fail keeps the first error, at the node's line.
func (b *builder) fail(at int, format string, args ...any) {
	if b.err == nil {
		b.err = &FormatError{b.c.Name, b.lineOf(at), fmt.Errorf(format, args...)}
	}
}

// keys calls f with each key of the mapping at and its value, as long as there
// is no error. Where f returns false, the key is unknown, and that is an
// error. Null is an empty mapping.
func (b *builder) keys(at int, what string, f func(key string, v int) bool) {
	if b.err != nil || b.isNull(at) {
		return
	}
	if b.kind(at) != mapping {
		b.fail(at, "%s: want a mapping, not %s", what, b.describe(at))
		return
	}
	if twice := b.twice(at); twice != 0 {
		b.fail(twice, "%s: the key %s stands here twice", what, b.describe(twice))
		return
	}
	for k, v := range b.pairs(at) {
		key := b.text(k)
		if b.err == nil && !f(key, v) {
			b.fail(k, "%s: unknown key %q", what, key)
		}
		if b.err != nil {
			return
		}
	}
}

// twice returns a key of the mapping at that stands there twice, or 0.
func (b *builder) twice(at int) int {
	const few = 32
	if b.len(at) > 2*few {
		return b.twiceInMany(at)
	}
	for k := range b.pairs(at) {
		for other := range b.pairs(at) {
			if other == k {
				break
			}
			if b.sameKey(k, other) {
				return k
			}
		}
	}
	return 0
}

func (b *builder) twiceInMany(at int) int {
	seen := make(map[string]bool)
	for k := range b.pairs(at) {
		key := b.text(k)
		if seen[key] {
			return k
		}
		seen[key] = true
	}
	return 0
}

// sameKey reports whether two nodes are the same string.
func (b *builder) sameKey(i, j int) bool {
	if b.isVerbatim(i) {
		return b.is(j, string(b.raw(i)))
	}
	s, _ := b.str(i)
	return b.is(j, s)
}

// text returns the string at.
func (b *builder) text(at int) string {
	s, err := b.str(at)
	if err != nil {
		b.fail(at, "%v", err)
	}
	return s
}

// data returns the bytes at.
func (b *builder) data(at int) []byte {
	s, err := b.decode(at)
	if err != nil {
		b.fail(at, "%v", err)
	}
	return s
}

// int returns the integer at.
func (b *builder) int(at int) int64 {
	n, err := b.integer(at)
	if err != nil {
		b.fail(at, "%v", err)
	}
	return n
}

// size returns the integer at, which is not negative.
func (b *builder) size(at int) int64 {
	n := b.int(at)
	if n < 0 {
		b.fail(at, "want a number of 0 or more, not %d", n)
	}
	return n
}

// count returns the integer at, from 0 to what fits an int on any machine.
func (b *builder) count(at int) int {
	n := b.size(at)
	if n > math.MaxInt32 {
		b.fail(at, "want a number of at most %d, not %d", math.MaxInt32, n)
	}
	return int(n)
}

// duration returns the duration at.
func (b *builder) duration(at int) time.Duration {
	d, err := b.elapsed(at)
	if err != nil {
		b.fail(at, "%v", err)
	}
	return d
}

// list calls f with the index of each element of the list at.
func (b *builder) list(at int, f func(i, v int)) {
	if b.err != nil || b.isNull(at) {
		return
	}
	if b.kind(at) != sequence {
		b.fail(at, "want a list, not %s", b.describe(at))
		return
	}
	i := 0
	for v := range b.children(at) {
		if f(i, v); b.err != nil {
			return
		}
		i++
	}
}

// tuple returns the elements of the list at, which has from min to max of
// them.
func (b *builder) tuple(at, min, max int, want string) [4]int {
	var t [4]int
	if n := b.len(at); b.kind(at) != sequence || n < min || n > max {
		b.fail(at, "want %s", want)
		return t
	}
	b.list(at, func(i, v int) { t[i] = v })
	return t
}

// texts returns the list of strings at.
func (b *builder) texts(at int) []string {
	var list []string
	b.list(at, func(_, v int) { list = append(list, b.text(v)) })
	return list
}

// item makes the item at.
func (b *builder) item(at int) *Item {
	it := &Item{ID: b.id}
	var request, response, wire int
	b.keys(at, "interaction", func(key string, v int) bool {
		switch key {
		case "request":
			request = v
		case "response":
			response = v
		case "wire":
			wire = v
		}
		return true // go-vcr ignores what it does not know, and so do we
	})
	if wire == 0 {
		b.derived(it, at, request, response)
		return it
	}
	b.wire(it, wire)
	if b.err != nil {
		return it
	}
	b.body(it.Request, request)
	b.body(it.Response, response)
	return it
}

// body gives a message its body from go-vcr's block.
func (b *builder) body(m *Message, vcr int) {
	if m == nil || vcr == 0 {
		return
	}
	at := b.lookup(vcr, "body")
	if at == 0 {
		return
	}
	body := b.data(at)
	if m.Body.file.name == "" {
		m.Body.Data = body
		return
	}
	if len(body) > 0 {
		b.fail(at, "body: want it empty, because body_file names %s", m.Body.file.name)
	}
}

// wire fills in what the block wire says.
func (b *builder) wire(it *Item, at int) {
	var request, response int
	turns := turnKeys{}
	b.keys(at, "wire", func(key string, v int) bool {
		switch key {
		case "session":
			it.Session = b.count(v)
		case "conn":
			it.Conn = b.count(v)
		case "peer":
			it.Peer = b.count(v)
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
	if b.lookup(at, "conn") == 0 {
		b.fail(at, "wire: want the key conn")
	}
	if b.err == nil {
		if err := it.check(); err != nil {
			b.fail(at, "wire: %v", err)
		}
	}
}

// messageKeys are the values of a message's lists that need others first.
type messageKeys struct {
	frames, seqs, times, closed, splits int
}

// message makes a message of the block at; timed says that its item has
// times so far. Its seq counts from base, as all others do, except a
// request's own.
func (b *builder) message(at int, what string, base int64, timed bool) (*Message, bool) {
	m := &Message{End: Complete}
	var keys messageKeys
	b.keys(at, what, func(key string, v int) bool {
		switch key {
		case "seq":
			m.Seq = b.int(v) + base
		case "head":
			m.Head = b.section(v)
		case "head_raw":
			m.Head = b.data(v)
		case "framing":
			m.Framing = b.framing(v)
		case "body_file":
			m.Body.file = b.file(v)
		case "body_size":
			m.Body.size = b.size(v)
		case "frames_file":
			m.Frames.file = b.file(v)
		case "frames_count":
			m.Frames.n = b.count(v)
		case "trailer":
			m.Trailer = b.section(v)
		case "trailer_raw":
			m.Trailer = b.data(v)
		case "end":
			m.End = b.end(v)
		case "missing":
			m.Missing = b.size(v)
		default:
			return b.messageList(m, &keys, key, v)
		}
		return true
	})
	if len(m.Head) > 0 && b.lookup(at, "seq") == 0 {
		b.fail(at, "%s: want the key seq", what)
	}
	if what == "wire.request" {
		base = m.Seq
	}
	b.interim(m, at, base)
	m.Frames.base = base
	b.columns(m, at, &keys, base)
	return m, keys.times != 0
}

// messageList takes the keys that hold lists.
func (b *builder) messageList(m *Message, keys *messageKeys, key string, v int) bool {
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

// section joins the lines of a head or trailer section.
func (b *builder) section(at int) []byte {
	section := []byte{}
	b.list(at, func(_, v int) {
		section = append(append(section, b.data(v)...), "\r\n"...)
	})
	return append(section, "\r\n"...)
}

func (b *builder) framing(at int) http1.Framing {
	s := b.text(at)
	for f := http1.None; f <= http1.Stream; f++ {
		if f.String() == s {
			return f
		}
	}
	b.fail(at, "want none, length, chunked, close or stream as framing, not %q", s)
	return http1.None
}

func (b *builder) end(at int) End {
	switch s := End(b.text(at)); s {
	case Complete, Incomplete, NoEnd:
		return s
	default:
		b.fail(at, "want complete, incomplete or none as end, not %q", s)
		return NoEnd
	}
}
