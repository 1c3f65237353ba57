package cassettes

import (
	"sync"

	"github.com/wiretape/wiretape/cassettes/internal/columns"
)

// MaxInline is the size in bytes beyond which a body goes to a file whatever
// the sink's own limit is, so that a reader accepts every cassette.
const MaxInline = 8 << 20

// BodySink collects a body. A sink is used by one goroutine at a time.
type BodySink struct {
	w    *Writer
	id   int
	what string
	max  int

	data []byte
	file *spill
	size int64
}

var bodySinks = sync.Pool{New: func() any { return new(BodySink) }}

// NewBody returns a sink for a body of item id: in memory up to max bytes,
// beyond in the file "NAME.bodies/<id>-<what>" beside the cassette, what
// being request, response, client or server.
func (w *Writer) NewBody(id int, what string, max int) *BodySink {
	s := bodySinks.Get().(*BodySink)
	*s = BodySink{w: w, id: id, what: what, max: min(max, MaxInline), data: s.data[:0]}
	return s
}

// Write adds p, which it does not keep.
func (s *BodySink) Write(p []byte) (int, error) {
	if s.file == nil && len(s.data)+len(p) <= s.max {
		s.data = append(s.data, p...)
		s.size += int64(len(p))
		return len(p), nil
	}
	if s.file == nil {
		if err := s.toFile(); err != nil {
			return 0, err
		}
	}
	n, err := s.file.Write(p)
	s.size += int64(n)
	return n, s.w.fail(err)
}

// toFile moves the body to its file.
func (s *BodySink) toFile() (err error) {
	if s.file, err = s.w.spill(s.id, s.what); err != nil {
		return err
	}
	_, err = s.file.Write(s.data)
	s.data = s.data[:0]
	return s.w.fail(err)
}

// Finish returns the body.
func (s *BodySink) Finish() (Body, error) {
	if s.file == nil {
		return Body{Data: s.data, Memory: s}, nil
	}
	b := Body{File: columns.NewBodyFile(s.file.ref, s.size), Memory: s}
	return b, s.w.fail(s.file.Close())
}

// Release gives the sink's memory back; Interaction.Release calls it.
func (s *BodySink) Release() {
	const keep = 256 << 10
	if s.file = nil; cap(s.data) > keep {
		s.data = nil
	}
	s.w = nil
	bodySinks.Put(s)
}
