package cassettes

import (
	"os"

	"github.com/wiretape/wiretape/cassettes/internal/columns"
)

// spill is a file beside the cassette, being written.
type spill struct {
	f   *os.File
	ref columns.File
	buf []byte // bytes not written yet; callers may append and flushAt
}

// spillBuffer is the size from which pending bytes are written.
const spillBuffer = 128 << 10

// spill creates the file "NAME.bodies/<id>-<what>".
func (w *Writer) spill(id int, what string) (*spill, error) {
	if err := w.Err(); err != nil {
		return nil, err
	}
	f, name, err := w.bodies.create(id, what)
	if err != nil {
		return nil, w.fail(err)
	}
	return &spill{f: f, ref: columns.File{FS: w.root.FS(), Path: name}}, nil
}

// Write adds p, which it does not keep.
func (s *spill) Write(p []byte) (int, error) {
	if len(s.buf)+len(p) < spillBuffer {
		s.buf = append(s.buf, p...)
		return len(p), nil
	}
	if err := s.flushAt(1); err != nil {
		return 0, err
	}
	n, err := s.f.Write(p)
	return n, s.yield(err)
}

// yield gives up the room that the file takes where err is not nil: nothing will
// refer to the file, and whole interactions may need the room.
func (s *spill) yield(err error) error {
	if err != nil {
		_ = s.f.Truncate(0) // it was worth a try
	}
	return err
}

// flushAt writes the pending bytes if there are n of them or more.
func (s *spill) flushAt(n int) error {
	if len(s.buf) < n {
		return nil
	}
	_, err := s.f.Write(s.buf)
	s.buf = s.buf[:0]
	return s.yield(err)
}

// Close writes the pending bytes and closes the file.
func (s *spill) Close() error {
	err := s.flushAt(1)
	if cerr := s.f.Close(); err == nil {
		err = cerr
	}
	return err
}
