package cassettes

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"math"
	"strconv"
	"time"

	"github.com/wiretape/wiretape/internal/yamltext"
)

// Len returns the number of frames.
func (f *Frames) Len() int {
	if f.file.name != "" {
		return f.n
	}
	return len(f.List)
}

// All returns the frames in order, reading them from the file where they are
// in one. An error ends the sequence.
func (f *Frames) All() iter.Seq2[Frame, error] {
	return func(yield func(Frame, error) bool) {
		if f.file.name == "" {
			for _, frame := range f.List {
				if !yield(frame, nil) {
					return
				}
			}
			return
		}
		for l, err := range f.lines() {
			if (err != nil || l.kind == frameLine) && !yield(l.frame, err) {
				return
			}
		}
	}
}

// lineKind says what a line of a frames' file is.
type lineKind uint8

const (
	frameLine lineKind = iota
	chunkLine
	splitLine
)

// frameFileLine is a line of a frames' file.
type frameFileLine struct {
	kind  lineKind
	frame Frame  // frameLine
	text  []byte // chunkLine
	split Split  // splitLine; without Frame
}

// lines returns the lines of the frames' file. A line is valid until the next.
func (f *Frames) lines() iter.Seq2[*frameFileLine, error] {
	return func(yield func(*frameFileLine, error) bool) {
		var l frameFileLine
		r, err := f.file.reader()
		if err != nil {
			yield(&l, err)
			return
		}
		defer r.close()
		n := 0
		for r.next() {
			if err := l.parse(r.text, f.base); err != nil {
				yield(&l, f.file.errorf(r.line, "%w", err))
				return
			}
			if l.kind == frameLine {
				n++
			}
			if !yield(&l, nil) {
				return
			}
		}
		if r.err == nil && n != f.n {
			r.err = f.file.errorf(0, "want %d frames, found %d", f.n, n)
		}
		if r.err != nil {
			yield(&l, r.err)
		}
	}
}

// parse reads a line as appendFrameLine, appendChunkLine and appendSplitLine
// write it.
func (l *frameFileLine) parse(line []byte, base int64) (err error) {
	n := numbers{rest: line}
	switch {
	case bytes.HasPrefix(line, []byte("line ")):
		l.kind = chunkLine
		l.text, err = yamltext.ParseScalar(line[len("line "):])
		return err
	case bytes.HasPrefix(line, []byte("split ")):
		n.rest = line[len("split "):]
		l.kind = splitLine
		l.split = Split{Offset: n.next(), Seq: n.next() + base}
	default:
		l.kind = frameLine
		l.frame.Size = n.next()
		l.frame.Seq = n.next() + base
		l.frame.Wait = n.wait()
	}
	if n.end(); n.err != nil {
		return fmt.Errorf("%q: %w", clip(line), n.err)
	}
	return nil
}

// numbers reads the numbers of a line.
type numbers struct {
	rest []byte
	err  error
}

var errNumber = errors.New("want numbers with a space between them, and a duration at the end")

// next returns the next number, which is not negative.
func (n *numbers) next() (v int64) {
	i := 0
	for ; i < len(n.rest) && '0' <= n.rest[i] && n.rest[i] <= '9'; i++ {
		d := int64(n.rest[i] - '0')
		if v > (math.MaxInt64-d)/10 {
			break // what is left is an error
		}
		v = 10*v + d
	}
	if i == 0 {
		n.err = errNumber
	}
	n.rest = n.rest[i:]
	if len(n.rest) > 0 && n.rest[0] == ' ' {
		n.rest = n.rest[1:]
	}
	return v
}

// wait returns the duration that ends the line, if one does.
func (n *numbers) wait() time.Duration {
	if len(n.rest) == 0 || n.err != nil {
		return 0
	}
	d, err := time.ParseDuration(string(n.rest))
	if err != nil {
		n.err = errNumber // err would quote all of it
	}
	n.rest = nil
	return d
}

func (n *numbers) end() {
	if n.err == nil && len(n.rest) > 0 {
		n.err = errNumber
	}
}

// sizeLine appends the plain size line of a chunk, with its CRLF.
func sizeLine(dst []byte, size int64) []byte {
	return append(strconv.AppendInt(dst, size, 16), "\r\n"...)
}
