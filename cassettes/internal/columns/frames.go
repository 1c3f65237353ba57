package columns

import (
	"bytes"
	"fmt"
	"iter"
	"strconv"

	"github.com/wiretape/wiretape/internal/yamltext"
	"github.com/wiretape/wiretape/wire"
)

// FrameFile is a file of frames: it implements wire.FrameFile.
type FrameFile struct {
	File
	base int64
	n    int
}

// NewFrameFile returns the file f, which holds n frames, and whose numbers count
// from the seq base.
func NewFrameFile(f File, n int, base int64) *FrameFile { return &FrameFile{f, base, n} }

// Len returns the number of frames.
func (f *FrameFile) Len() int { return f.n }

// Base returns the seq that the file's numbers count from.
func (f *FrameFile) Base() int64 { return f.base }

// Lines reads the file. A line is valid until the next. An error ends the
// sequence.
func (f *FrameFile) Lines() iter.Seq2[*wire.FrameLine, error] {
	return func(yield func(*wire.FrameLine, error) bool) {
		var l wire.FrameLine
		r, err := f.reader()
		if err != nil {
			yield(&l, err)
			return
		}
		defer r.close()
		n := 0
		for r.next() {
			if err := ParseFrameLine(&l, r.text, f.base); err != nil {
				yield(&l, f.errorf(r.line, "%w", err))
				return
			}
			if l.Kind == wire.IsFrame {
				n++
			}
			if !yield(&l, nil) {
				return
			}
		}
		if r.err == nil && n != f.n {
			r.err = f.errorf(0, "want %d frames, found %d", f.n, n)
		}
		if r.err != nil {
			yield(&l, r.err)
		}
	}
}

// ParseFrameLine sets l to a line that AppendFrame, AppendChunkLine or
// AppendSplit wrote.
func ParseFrameLine(l *wire.FrameLine, line []byte, base int64) (err error) {
	n := numbers{rest: line}
	switch {
	case bytes.HasPrefix(line, []byte("line ")):
		l.Kind = wire.IsChunkLine
		l.ChunkLine, err = yamltext.ParseScalar(line[len("line "):])
		return err
	case bytes.HasPrefix(line, []byte("split ")):
		n.rest = line[len("split "):]
		l.Kind = wire.IsSplit
		l.Split = wire.Split{Offset: n.next(), Seq: n.next() + base}
	default:
		l.Kind = wire.IsFrame
		l.Frame.Size = n.next()
		l.Frame.Seq = n.next() + base
		l.Frame.Wait = n.wait()
	}
	if n.end(); n.err != nil {
		return fmt.Errorf("%q: %w", clip(line), n.err)
	}
	return nil
}

// AppendFrame appends a frame as a line of a frames' file: size, seq
// counted from base, and its wait where it has one.
func AppendFrame(dst []byte, f wire.Frame, base int64) []byte {
	dst = append(strconv.AppendInt(dst, f.Size, 10), ' ')
	dst = strconv.AppendInt(dst, f.Seq-base, 10)
	if f.Wait != 0 {
		dst = yamltext.AppendDuration(append(dst, ' '), f.Wait)
	}
	return append(dst, '\n')
}

// AppendChunkLine appends the size line of the frame before it.
func AppendChunkLine(dst []byte, line string) []byte {
	return append(yamltext.AppendQuoted(append(dst, "line "...), []byte(line)), '\n')
}

// AppendSplit appends a split of the frame before it, or of the head
// before the first.
func AppendSplit(dst []byte, s wire.Split, base int64) []byte {
	dst = strconv.AppendInt(append(dst, "split "...), s.Offset, 10)
	return append(strconv.AppendInt(append(dst, ' '), s.Seq-base, 10), '\n')
}
