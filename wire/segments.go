package wire

import (
	"iter"
	"math"
	"strconv"
	"time"
)

// Segment is a run of a message's wire bytes that began in one read: an
// interim or final head, a frame, or a piece of one of them between two
// splits. Its bytes are Before, then Len bytes of the body from Off, then
// After.
type Segment struct {
	Frame  int           // -1: a head
	Seq    int64         // read in which it began
	Wait   time.Duration // since the frame before, or the head; 0 for a later piece
	Before []byte        // head; size line with its CRLF
	Off    int64         // in bytes from the start of the body
	Len    int64         // bytes of the body
	After  []byte        // CRLF after a chunk; the trailer section after the last
}

// Segments returns the message's wire bytes in order, as they came, without the
// Missing ones. Slices are valid until the next segment. Segments with equal Seq
// came in one read. An error, from a frames' file, ends the sequence.
func (m *Message) Segments() iter.Seq2[Segment, error] {
	return func(yield func(Segment, error) bool) {
		for i := range m.Interim {
			s := Segment{Frame: -1, Seq: m.Interim[i].Seq, Before: m.Interim[i].Head}
			if !yield(s, nil) {
				return
			}
		}
		c := cutter{m: m, rest: Segment{Frame: -1, Seq: m.Seq, Before: m.Head}}
		for l, err := range m.frameLines() {
			if err != nil {
				yield(Segment{}, err)
				return
			}
			if c.add(l); c.out.Size() > 0 && !yield(c.out, nil) {
				return
			}
		}
		if c.last(); c.out.Size() > 0 {
			yield(c.out, nil)
		}
	}
}

// Size returns the number of wire bytes in the segment.
func (s *Segment) Size() int64 {
	return AddSizes(int64(len(s.Before)+len(s.After)), s.Len)
}

// cut moves the first n bytes of s to first.
func (s *Segment) cut(n int64, first *Segment) {
	*first = *s
	before := min(n, int64(len(s.Before)))
	first.Before, s.Before = s.Before[:before], s.Before[before:]
	n -= before
	first.Len = min(n, s.Len)
	s.Off, s.Len = s.Off+first.Len, s.Len-first.Len
	n -= first.Len
	after := min(n, int64(len(s.After)))
	first.After, s.After = s.After[:after], s.After[after:]
}

// drop drops the last n bytes of s, or all where there are fewer.
func (s *Segment) drop(n int64) {
	after := min(n, int64(len(s.After)))
	s.After = s.After[:int64(len(s.After))-after]
	n -= after
	length := min(n, s.Len)
	s.Len -= length
	n -= length
	s.Before = s.Before[:max(int64(len(s.Before))-n, 0)]
}

// cutter cuts a message's wire bytes into segments.
type cutter struct {
	m    *Message
	out  Segment   // what take completed
	rest Segment   // of the current frame, or the head
	done int64     // its bytes before rest
	off  int64     // of the body, where the next frame begins
	line [2][]byte // size lines: of this segment, and of the last, which the caller holds
}

// add adds a frame, its size line or a split, and sets out to the segment that
// this completes; it is empty if none is complete.
func (c *cutter) add(l *FrameLine) {
	switch l.Kind {
	case IsFrame:
		c.out = c.rest
		c.begin(&l.Frame)
	case IsChunkLine:
		c.out = Segment{}
		c.line[0] = append(append(c.line[0][:0], l.ChunkLine...), crlf...)
		c.rest.Before = c.line[0]
	case IsSplit:
		c.rest.cut(max(l.Split.Offset-c.done, 0), &c.out)
		c.rest.Seq, c.rest.Wait = l.Split.Seq, 0
		c.done += c.out.Size()
	}
}

var crlf = []byte("\r\n")

// begin begins the next frame.
func (c *cutter) begin(f *Frame) {
	r := &c.rest
	r.Frame++
	r.Seq, r.Wait, r.Off, r.Len = f.Seq, f.Wait, c.off, f.Size
	r.Before, r.After = nil, nil
	c.off = AddSizes(c.off, f.Size)
	c.done = 0
	if c.m.Framing != Chunked {
		return
	}
	c.line[0], c.line[1] = c.line[1], c.line[0]
	c.line[0] = appendSizeLine(c.line[0][:0], f.Size)
	r.Before, r.After = c.line[0], crlf
	if f.Size == 0 && c.m.Trailer != nil {
		r.After = c.m.Trailer
	}
}

// last sets out to the rest of the last frame, without the missing bytes.
func (c *cutter) last() {
	c.rest.drop(c.m.Missing)
	c.out = c.rest
}

// frameLines returns the message's frames with their size lines and splits as
// a frames' file has them.
func (m *Message) frameLines() iter.Seq2[*FrameLine, error] {
	if m.Frames.File != nil {
		return m.Frames.File.Lines()
	}
	return func(yield func(*FrameLine, error) bool) {
		splits := m.Splits
		for i := -1; i < len(m.Frames.List); i++ {
			if i >= 0 && !yield(&FrameLine{Frame: m.Frames.List[i]}, nil) {
				return
			}
			if line, ok := m.ChunkLines[i]; ok && !yield(&FrameLine{Kind: IsChunkLine, ChunkLine: []byte(line)}, nil) {
				return
			}
			for ; len(splits) > 0 && splits[0].Frame <= i; splits = splits[1:] {
				if !yield(&FrameLine{Kind: IsSplit, Split: splits[0]}, nil) {
					return
				}
			}
		}
	}
}

// FrameDetail is a frame with what else is known of how it came.
type FrameDetail struct {
	Frame
	ChunkLine string  // size line, without CRLF, where it is not the plain number
	Splits    []Split // pieces that came in later reads
}

// FrameDetails returns the message's head, as a frame that is empty but for its
// splits, and then its frames in order. An error, from a frames' file, ends the
// sequence.
func (m *Message) FrameDetails() iter.Seq2[FrameDetail, error] {
	return func(yield func(FrameDetail, error) bool) {
		var d FrameDetail
		for l, err := range m.frameLines() {
			switch {
			case err != nil:
				yield(FrameDetail{}, err)
				return
			case l.Kind == IsChunkLine:
				d.ChunkLine = string(l.ChunkLine)
			case l.Kind == IsSplit:
				d.Splits = append(d.Splits, l.Split)
			default:
				if !yield(d, nil) {
					return
				}
				d = FrameDetail{Frame: l.Frame}
			}
		}
		yield(d, nil)
	}
}

// appendSizeLine appends the plain size line of a chunk, with its CRLF.
func appendSizeLine(dst []byte, size int64) []byte {
	return append(strconv.AppendInt(dst, size, 16), "\r\n"...)
}

// AddSizes returns a+b, and math.MaxInt64 if that is less: sizes in a cassette
// are not trusted. A is not negative.
func AddSizes(a, b int64) int64 {
	if b > math.MaxInt64-a {
		return math.MaxInt64
	}
	return a + b
}
