package plan

import (
	"errors"
	"fmt"
	"io"

	"github.com/wiretape/wiretape/cassettes"
)

// source reads a recorded body from its beginning to its end: small pieces into
// memory, large pieces straight from its file.
type source struct {
	body *cassettes.Body
	file io.ReadSeekCloser // nil until it is needed
	at   int64             // bytes taken
	room []byte            // buffer for reading ahead
	buf  []byte            // the part of room that was read and not taken
}

// readAhead is the size in bytes of the reads of a body's file, and of the
// smallest piece that is large.
const readAhead = 64 << 10

// inMemory takes the next n bytes, if the body is in memory.
func (s *source) inMemory(n int64) ([]byte, bool) {
	data := s.body.Data
	if _, ok := s.body.InFile(); ok || s.at+n > int64(len(data)) {
		return nil, false
	}
	b := data[s.at : s.at+n]
	s.at += n
	return b, true
}

// append takes the next n bytes and appends them to dst.
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

// straight takes the next n bytes and returns a reader for them, to be read
// before the next call. Bytes that were read ahead must have been taken.
func (s *source) straight(n int64) (io.Reader, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	s.at += n
	return s.file, nil
}

// ahead returns the number of bytes that were read ahead and not taken.
func (s *source) ahead() int64 { return int64(len(s.buf)) }

// fill reads ahead.
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
		err = fmt.Errorf("read the body's file: it ends after %d of %d bytes: %w", s.at, s.body.Size(), io.ErrUnexpectedEOF)
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
