package decode

import (
	"io/fs"
	"strconv"
	"strings"

	"github.com/wiretape/wiretape/cassettes/internal/columns"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/wire"
)

// columns fills in the lists that stand beside each other: frames, seqs,
// closed and times.
func (b *Reader) columns(m *wire.Message, at int, keys *messageKeys, base int64) {
	if b.Err != nil {
		return
	}
	if keys.frames != 0 {
		m.Frames.List = make([]wire.Frame, 0, b.Len(keys.frames))
		b.list(keys.frames, func(_, v int) {
			m.Frames.List = append(m.Frames.List, wire.Frame{Size: b.size(v)})
		})
	}
	n := len(m.Frames.List)
	if m.Frames.File != nil && n > 0 {
		b.Fail(at, "both frames and frames_file are there")
	}
	if b.sameLen(at, keys.seqs, "seqs", n) {
		b.list(keys.seqs, func(i, v int) { m.Frames.List[i].Seq = b.IntAt(v) + base })
	}
	b.closed(m, keys.closed, base)
	b.splits(m, keys.splits, base)
	if keys.times == 0 || !b.sameLen(at, keys.times, "times", 1+n+len(m.Closed)) {
		return
	}
	b.list(keys.times, func(i, v int) {
		switch d := b.DurationAt(v); {
		case i == 0:
			m.Start = d
		case i <= n:
			m.Frames.List[i-1].Wait = d
		default:
			m.Closed[i-1-n].Wait = d
		}
	})
}

// sameLen reports whether the list at list has n elements; anything else is
// an error.
func (b *Reader) sameLen(at, list int, what string, n int) bool {
	got := 0
	if list != 0 {
		at, got = list, b.Len(list)
	}
	if got != n {
		b.Fail(at, "%s: want %d numbers, found %d", what, n, got)
	}
	return got == n && n > 0
}

func (b *Reader) closed(m *wire.Message, at int, base int64) {
	if at == 0 {
		return
	}
	b.list(at, func(_, v int) {
		t := b.tuple(v, 2, 2, "[eof|cut|close|reset, seq]")
		if b.Err != nil {
			return
		}
		mark := wire.Mark(b.TextAt(t[0]))
		if mark != wire.EOF && mark != wire.Cut && mark != wire.FullClose && mark != wire.Reset {
			b.Fail(v, "want eof, cut, close or reset, not %q", mark)
		}
		m.Closed = append(m.Closed, wire.Closed{Mark: mark, Seq: b.IntAt(t[1]) + base})
	})
}

func (b *Reader) splits(m *wire.Message, at int, base int64) {
	if at == 0 {
		return
	}
	b.list(at, func(_, v int) {
		t := b.tuple(v, 3, 3, "[frame, offset, seq]")
		if b.Err != nil {
			return
		}
		frame := -1
		if n := b.IntAt(t[0]); n != -1 {
			frame = b.CountAt(t[0])
		}
		m.Splits = append(m.Splits, wire.Split{Frame: frame, Offset: b.size(t[1]), Seq: b.IntAt(t[2]) + base})
	})
}

func (b *Reader) redacted(at int) (spans []wire.Redaction) {
	b.list(at, func(_, v int) {
		t := b.tuple(v, 4, 5, "[head|body|trailer|turn, line or turn, offset, length], and perhaps a tag")
		if b.Err != nil {
			return
		}
		r := wire.Redaction{Where: b.TextAt(t[0]), Index: b.CountAt(t[1]), Off: b.size(t[2]), Len: b.size(t[3])}
		if t[4] != 0 {
			r.Tag = b.tag(t[4])
		}
		spans = append(spans, r)
	})
	return spans
}

// tag returns the tag of a secret.
func (b *Reader) tag(at int) string {
	s := b.TextAt(at)
	if b.Err == nil && !redact.ValidTag(s) {
		b.Fail(at, "want hex digits in lower case as the tag of a secret, not %q", s)
	}
	return s
}

// interim fills in the 1xx responses.
func (b *Reader) interim(m *wire.Message, at int, base int64) {
	if at = b.Lookup(at, "interim"); at == 0 {
		return
	}
	b.list(at, func(_, v int) {
		var r wire.Interim
		b.Keys(v, "interim", func(key string, v int) bool {
			switch key {
			case "seq":
				r.Seq = b.IntAt(v) + base
			case "head":
				r.Head = b.SectionAt(v)
			case "head_raw":
				r.Head = b.DataAt(v)
			default:
				return false
			}
			return true
		})
		m.Interim = append(m.Interim, r)
	})
}

func (b *Reader) chunkLines(at int) map[int]string {
	lines := make(map[int]string)
	b.Keys(at, "chunk_lines", func(key string, v int) bool {
		frame, err := strconv.Atoi(key)
		if err != nil || frame < 0 {
			b.Fail(at, "chunk_lines: want the number of a frame, not %q", key)
			return true
		}
		lines[frame] = b.TextAt(v)
		return true
	})
	return lines
}

// file returns a reference to a file beneath the cassette's folder.
func (b *Reader) file(at int) columns.File {
	name := b.TextAt(at)
	if b.Err == nil && (!fs.ValidPath(name) || name == "." || strings.Contains(name, `\`)) {
		b.Fail(at, "want the name of a file beneath the cassette's folder, not %q", name)
	}
	if b.Err != nil {
		return columns.File{}
	}
	info, err := fs.Stat(b.From.Folder, name)
	switch {
	case err != nil:
		b.Fail(at, "file %s: %w", name, columns.WithoutPath(err))
	case !info.Mode().IsRegular():
		b.Fail(at, "file %s: want a regular file, found a %s", name, columns.DescribeMode(info.Mode()))
	}
	return columns.File{FS: b.From.Folder, Path: name}
}

// turnKeys are the values of the keys under wire that belong to a stream.
type turnKeys struct {
	seq, turns, file, count, times, redacted int
	data, size                               [2]int
}

func (k *turnKeys) take(key string, v int) bool {
	switch key {
	case "seq":
		k.seq = v
	case "turns":
		k.turns = v
	case "turns_file":
		k.file = v
	case "turns_count":
		k.count = v
	case "times":
		k.times = v
	case "redacted":
		k.redacted = v
	case "client_file":
		k.data[http1.Client] = v
	case "server_file":
		k.data[http1.Server] = v
	case "client_size":
		k.size[http1.Client] = v
	case "server_size":
		k.size[http1.Server] = v
	default:
		return false
	}
	return true
}

// turns fills in the stream, whose seqs count from base.
func (b *Reader) turns(it *wire.Interaction, keys *turnKeys, base int64) {
	if b.Err != nil || keys.turns == 0 && keys.file == 0 {
		return
	}
	t := &wire.Turns{}
	for side := range t.Data {
		if keys.data[side] == 0 {
			continue
		}
		file, size := b.file(keys.data[side]), int64(0)
		if keys.size[side] != 0 {
			size = b.size(keys.size[side])
		}
		t.Data[side].File = columns.NewBodyFile(file, size)
	}
	if keys.file != 0 {
		file, n := b.file(keys.file), 0
		if keys.count != 0 {
			n = int(b.size(keys.count))
		}
		t.File = columns.NewTurnFile(file, n, base)
	}
	if keys.turns != 0 {
		b.list(keys.turns, func(_, v int) { t.List = append(t.List, b.turn(v, base)) })
	}
	if keys.redacted != 0 {
		t.Redacted = b.redacted(keys.redacted)
	}
	it.Turns = t
	b.turnTimes(it, keys.times)
}

// turnTimes fills in the start of an item without a request and the waits of
// the turns.
func (b *Reader) turnTimes(it *wire.Interaction, at int) {
	if at == 0 {
		return
	}
	it.Timed = true
	starts := 0
	if it.Request == nil {
		starts = 1
	}
	if !b.sameLen(at, at, "times", starts+len(it.Turns.List)) {
		return
	}
	b.list(at, func(i, v int) {
		if d := b.DurationAt(v); i < starts {
			it.Turns.Start = d
		} else {
			it.Turns.List[i-starts].Wait = d
		}
	})
}

// turn makes a turn, [side, seq, data or size], or a mark, [side-mark, seq].
func (b *Reader) turn(at int, base int64) (t wire.Turn) {
	parts := b.tuple(at, 2, 3, "[client|server, seq, data] or [client-eof, seq]")
	if b.Err != nil {
		return t
	}
	name := b.TextAt(parts[0])
	side, mark, marked := strings.Cut(name, "-")
	switch {
	case side == "server":
		t.Side = http1.Server
	case side != "client":
		b.Fail(at, "want client or server, not %q", name)
	}
	t.Seq = b.IntAt(parts[1]) + base
	if !marked {
		b.turnData(&t, at, parts[2])
		return t
	}
	switch t.Mark = wire.Mark(mark); {
	case t.Mark == wire.Unreachable && t.Side == http1.Server:
	case t.Mark != wire.EOF && t.Mark != wire.Cut && t.Mark != wire.FullClose && t.Mark != wire.Reset:
		b.Fail(at, "want eof, cut, close, reset or server-unreachable, not %q", name)
	}
	if parts[2] != 0 {
		b.Fail(at, "want no data after a mark")
	}
	return t
}

// turnData gives a turn its data or, where that is an integer, its size.
func (b *Reader) turnData(t *wire.Turn, at, data int) {
	if data == 0 {
		b.Fail(at, "want data after the seq")
		return
	}
	if size, err := b.Int(data); err == nil && size >= 0 {
		t.Size = size
		return
	}
	t.Data = b.DataAt(data)
	t.Size = int64(len(t.Data))
}
