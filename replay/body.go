package replay

import (
	"errors"
	"fmt"
	"io"

	"github.com/wiretape/wiretape/cassettes"
)

// source reads a recorded body from its beginning to its end, a small piece
// into memory and a large one straight from its file.
type source struct {
	body *cassettes.Body
	file io.ReadSeekCloser // nil until it is needed
	at   int64             // what was taken
	room []byte            // holds what is read ahead
	buf  []byte            // what of it was not taken
}

// readAhead is how much of a body in a file is read at a time, where it is
// taken in small pieces, and the size from which a piece is large.
const readAhead = 64 << 10

// inMemory returns the next n bytes where the body is in memory.
func (s *source) inMemory(n int64) ([]byte, bool) {
	data := s.body.Data
	if _, ok := s.body.InFile(); ok || s.at+n > int64(len(data)) {
		return nil, false
	}
	b := data[s.at : s.at+n]
	s.at += n
	return b, true
}

// append appends the next n bytes to dst.
func (s *source) append(dst []byte, n int64) ([]byte, error) {
	if b, ok := s.inMemory(n); ok {
		return append(dst, b...), nil
	}
	for n > 0 {
		if len(s.buf) == 0 {
			if err := s.fill(); err != nil {
				return dst, err
			}
		}
		k := min(n, int64(len(s.buf)))
		dst = append(dst, s.buf[:k]...)
		s.buf = s.buf[k:]
		s.at += k
		n -= k
	}
	return dst, nil
}

// straight returns a reader that is read for the next n bytes, before anything
// else is taken. What was read ahead must have been taken.
func (s *source) straight(n int64) (io.Reader, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	s.at += n
	return s.file, nil
}

// ahead returns how much was read ahead.
func (s *source) ahead() int64 { return int64(len(s.buf)) }

func (s *source) fill() error {
	if err := s.open(); err != nil {
		return err
	}
	if s.room == nil {
		s.room = make([]byte, readAhead)
	}
	n, err := s.file.Read(s.room)
	if n > 0 {
		s.buf = s.room[:n]
		return nil
	}
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("the body ends after %d bytes, of %d: %w", s.at, s.body.Size(), io.ErrUnexpectedEOF)
	}
	return err
}

func (s *source) open() error {
	if s.file != nil {
		return nil
	}
	f, err := s.body.Open()
	if err != nil {
		return err
	}
	s.file = f
	return nil
}

func (s *source) close() {
	if s.file != nil {
		s.file.Close()
	}
}
