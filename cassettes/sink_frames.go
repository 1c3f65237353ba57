package cassettes

import (
	"sync"

	"github.com/wiretape/wiretape/cassettes/internal/columns"
	"github.com/wiretape/wiretape/wire"
)

// FrameSink collects frames and their splits.
type FrameSink struct {
	w    *Writer
	id   int
	side wire.Side
	base int64

	list   []Frame // all; with a file, the last one alone
	splits []Split // likewise
	lines  map[int]string
	n      int
	file   *spill
	err    error

	last    Frame // written, and its line
	text    [80]byte
	textLen int
}

var frameSinks = sync.Pool{New: func() any { return new(FrameSink) }}

// NewFrames returns a sink for the frames of one side of item id, in memory up
// to MaxColumns and beyond in a file "<id>-<side>-frames". base is the seq
// that the file's numbers count from: the item's first.
func (w *Writer) NewFrames(id int, side wire.Side, base int64) *FrameSink {
	s := frameSinks.Get().(*FrameSink)
	*s = FrameSink{w: w, id: id, side: side, base: base, list: s.list[:0], splits: s.splits[:0]}
	return s
}

// Add adds a frame.
func (s *FrameSink) Add(f Frame) error {
	switch {
	case s.file != nil && len(s.list) == 1 && len(s.splits)+len(s.lines) == 0:
		s.write(&s.list[0])
		s.list[0] = f
		s.n++
		return s.err
	case s.file != nil || len(s.list) == MaxColumns:
		s.flush()
	}
	s.list = append(s.list, f)
	s.n++
	return s.err
}

// write writes the line of a frame. Most frames of a stream are like the one
// before: they came in the same read.
func (s *FrameSink) write(f *Frame) {
	if s.err != nil {
		return
	}
	if *f == s.last && s.textLen > 0 {
		s.file.buf = append(s.file.buf, s.text[:s.textLen]...)
	} else {
		line := columns.AppendFrame(s.text[:0], *f, s.base)
		s.file.buf = append(s.file.buf, line...)
		s.last, s.textLen = *f, len(line)
	}
	if len(s.file.buf) >= spillBuffer {
		s.err = s.w.fail(s.file.flushAt(spillBuffer))
	}
}

// Grow adds n bytes to the last frame, which has no size line and no split.
func (s *FrameSink) Grow(n int64) {
	if len(s.list) > 0 {
		s.list[len(s.list)-1].Size += n
	}
}

// ChunkLine gives the last frame's size line, without CRLF, where it is not the
// plain lower case hexadecimal number.
func (s *FrameSink) ChunkLine(line []byte) error {
	if len(s.lines) == MaxColumns {
		s.flush()
	}
	if s.lines == nil {
		s.lines = make(map[int]string)
	}
	s.lines[s.n-1] = string(line)
	return s.err
}

// Split adds a split of the last frame, or of the head before the first one.
func (s *FrameSink) Split(offset, seq int64) error {
	if len(s.splits) == MaxColumns {
		s.flush()
	}
	s.splits = append(s.splits, Split{Frame: s.n - 1, Offset: offset, Seq: seq})
	return s.err
}

// Len returns the number of frames so far.
func (s *FrameSink) Len() int { return s.n }

// Finish sets m's Frames and, where they are in memory, its ChunkLines and
// Splits; beyond MaxColumns these stand in the frames' file.
func (s *FrameSink) Finish(m *Message) error {
	m.Frames = Frames{Memory: s}
	if s.file == nil {
		m.Frames.List, m.ChunkLines, m.Splits = s.list, s.lines, s.splits
		if len(m.Splits) == 0 {
			m.Splits = nil
		}
		return s.err
	}
	s.flush()
	m.Frames.File = columns.NewFrameFile(s.file.ref, s.n, s.base)
	if s.err == nil {
		s.err = s.w.fail(s.file.Close())
	}
	return s.err
}

// flush writes the frames to the file, each with its size line and splits,
// and forgets them.
func (s *FrameSink) flush() {
	if s.file == nil && s.err == nil {
		s.file, s.err = s.w.spill(s.id, s.side.String()+"-frames")
	}
	if s.err != nil {
		s.list, s.splits = s.list[:0], s.splits[:0]
		return
	}
	first := s.n - len(s.list)
	splits := s.writeSplits(s.splits, first-1)
	for i, f := range s.list {
		s.write(&f)
		if line, ok := s.lines[first+i]; ok {
			s.file.buf = columns.AppendChunkLine(s.file.buf, line)
		}
		splits = s.writeSplits(splits, first+i)
	}
	s.list, s.splits = s.list[:0], s.splits[:0]
	clear(s.lines)
}

// writeSplits writes the splits at the beginning of splits that are of frame
// or one before it, and returns the others.
func (s *FrameSink) writeSplits(splits []Split, frame int) []Split {
	for len(splits) > 0 && splits[0].Frame <= frame {
		s.file.buf = columns.AppendSplit(s.file.buf, splits[0], s.base)
		splits = splits[1:]
	}
	return splits
}

// Release gives the sink's memory back; Interaction.Release calls it.
func (s *FrameSink) Release() {
	*s = FrameSink{list: s.list[:0], splits: s.splits[:0]}
	frameSinks.Put(s)
}
