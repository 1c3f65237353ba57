package chunked

import (
	"errors"
	"io"
	"iter"
	"math"
)

// A Splitter decides where to cut a body that arrives in pieces of any size.
// It keeps no bytes, and the pieces do not influence the cuts. Use one
// Splitter for one body.
type Splitter interface {
	// Split looks at b, the next bytes of the body, and consumes the first n.
	// Cut reports whether a chunk ends after them. A Splitter that learns from
	// b that a chunk ended before it returns 0 and true. In all other cases n
	// is at least 1, unless b is empty.
	Split(b []byte) (n int, cut bool)
}

// Whole returns a Splitter that never cuts: the body is one chunk.
func Whole() Splitter { return Every(math.MaxInt64) }

// Every returns a Splitter that cuts after every n bytes. It takes an n below
// 1 as 1.
func Every(n int64) Splitter {
	n = max(n, 1)
	return &every{n: n, rest: n}
}

// every is the Splitter of Every.
type every struct {
	n    int64
	rest int64 // bytes that the current chunk still takes
}

// Split implements Splitter.
func (s *every) Split(b []byte) (n int, cut bool) {
	if int64(len(b)) < s.rest {
		s.rest -= int64(len(b))
		return len(b), false
	}
	n = int(s.rest)
	s.rest = s.n
	return n, true
}

// Sizes reads a body from r and yields the sizes, in bytes, of the chunks that
// s cuts it into. No size is 0, and the sizes add up to the length of the
// body. Sizes holds 64 KiB of the body at a time. An error of r other than
// io.EOF ends the sequence, after the size of the part of the last chunk that
// was read.
func Sizes(r io.Reader, s Splitter) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		buf := make([]byte, 64<<10)
		var size int64
		for {
			n, err := r.Read(buf)
			for b := buf[:n]; len(b) > 0; {
				n, cut := s.Split(b)
				b = b[n:]
				size += int64(n)
				if !cut {
					continue
				}
				if !yield(size, nil) {
					return
				}
				size = 0
			}
			if err == nil {
				continue
			}
			if size > 0 && !yield(size, nil) {
				return
			}
			if !errors.Is(err, io.EOF) {
				yield(0, err)
			}
			return
		}
	}
}
