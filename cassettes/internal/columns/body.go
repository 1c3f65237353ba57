package columns

import (
	"bytes"
	"io"
	"io/fs"
)

// BodyFile is a file of bytes: it implements wire.BodyFile.
type BodyFile struct {
	File
	size int64
}

// NewBodyFile returns the file f, which is to have size bytes.
func NewBodyFile(f File, size int64) *BodyFile { return &BodyFile{f, size} }

// Size returns the number of bytes that the file is to have.
func (b *BodyFile) Size() int64 { return b.size }

// Open opens the file; the caller closes it. It fails if the size is not Size.
func (b *BodyFile) Open() (io.ReadSeekCloser, error) {
	f, err := b.OpenFile()
	if err != nil {
		return nil, err
	}
	if err := b.checkSize(f); err != nil {
		f.Close()
		return nil, err
	}
	if f, ok := f.(io.ReadSeekCloser); ok {
		return f, nil
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	return memory{bytes.NewReader(data)}, err
}

// checkSize compares the file's size with Size.
func (b *BodyFile) checkSize(f fs.File) error {
	info, err := f.Stat()
	if err != nil {
		return b.errorf(0, "%w", WithoutPath(err))
	}
	if info.Size() != b.size {
		return b.errorf(0, "the file has %d bytes, the cassette says %d", info.Size(), b.size)
	}
	return nil
}

// memory is a reader of bytes in memory.
type memory struct{ *bytes.Reader }

// Close does nothing.
func (memory) Close() error { return nil }
