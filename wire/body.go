package wire

import (
	"bytes"
	"io"
)

// Body is a body's bytes: Data, or, if they are too many for a cassette's text,
// File.
type Body struct {
	Data   []byte   // the bytes, of which Memory has the owner; nil if they are in File
	File   BodyFile // nil if the bytes are in Data
	Memory Memory   // owner of Data; nil if the garbage collector owns it
}

// BodyFile is a file beside a cassette that holds a body, or what one side sent
// in a stream.
type BodyFile interface {
	// Name is relative to the cassette's folder.
	Name() string
	// Size is in bytes, as the cassette gives it.
	Size() int64
	// Open opens the file; the caller closes it. It fails if the size is not
	// Size. The reader is an *os.File if the cassette is on disk.
	Open() (io.ReadSeekCloser, error)
}

// InFile returns the name of the file that holds the bytes, relative to the
// cassette's folder, and whether there is one.
func (b *Body) InFile() (name string, ok bool) {
	if b.File == nil {
		return "", false
	}
	return b.File.Name(), true
}

// Size returns the number of bytes.
func (b *Body) Size() int64 {
	if b.File != nil {
		return b.File.Size()
	}
	return int64(len(b.Data))
}

// Open returns a reader of the bytes, which the caller closes; see BodyFile.
func (b *Body) Open() (io.ReadSeekCloser, error) {
	if b.File != nil {
		return b.File.Open()
	}
	return memory{bytes.NewReader(b.Data)}, nil
}

// memory is a reader of bytes in memory.
type memory struct{ *bytes.Reader }

// Close does nothing.
func (memory) Close() error { return nil }
