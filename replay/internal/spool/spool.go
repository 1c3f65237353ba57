// Package spool keeps the body of a request that is not answered yet: up to 1 MiB
// in memory, a longer one in a temporary file without a name.
//
//	var s spool.Spool
//	s.Write(piece)
//	…
//	body, err := s.Open()
//	…
//	s.Close()
package spool

import (
	"bytes"
	"io"
	"os"
)

// MemoryMax is how many bytes of a body are kept in memory.
const MemoryMax = 1 << 20

// Spool keeps a body. The zero value is empty. It is for one goroutine at a time.
type Spool struct {
	data []byte
	file *os.File // nil: data is all
	size int64
	err  error // why something is missing
}

// Write adds a piece. An error is returned by Open.
func (s *Spool) Write(p []byte) {
	if s.err != nil {
		return
	}
	s.size += int64(len(p))
	if s.file == nil && len(s.data)+len(p) <= MemoryMax {
		s.data = append(s.data, p...)
		return
	}
	if s.file == nil {
		if s.err = s.spill(); s.err != nil {
			return
		}
	}
	_, s.err = s.file.Write(p)
}

// spill moves the bytes in memory to a file.
func (s *Spool) spill() error {
	f, err := os.CreateTemp("", "replay-body-")
	if err != nil {
		return err
	}
	s.file = f
	// Without a name the file goes with the process, however that ends.
	if err := os.Remove(f.Name()); err != nil {
		return err
	}
	_, err = f.Write(s.data)
	s.data = nil
	return err
}

// Size returns the number of bytes written.
func (s *Spool) Size() int64 { return s.size }

// Err returns why some of the body is missing, or nil.
func (s *Spool) Err() error { return s.err }

// Open returns a reader of all that was written so far, from its beginning. It
// may be called several times.
func (s *Spool) Open() (io.ReadCloser, error) {
	if s.err != nil {
		return nil, s.err
	}
	if s.file == nil {
		return io.NopCloser(bytes.NewReader(s.data)), nil
	}
	return io.NopCloser(io.NewSectionReader(s.file, 0, s.size)), nil
}

// Close gives the memory and the file back. A nil Spool is empty.
func (s *Spool) Close() {
	if s != nil && s.file != nil {
		s.file.Close()
	}
}
