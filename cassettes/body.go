package cassettes

import (
	"bytes"
	"io"
	"io/fs"
)

// InFile reports whether the bytes are in a file, and its name relative to
// the cassette's folder.
func (b *Body) InFile() (name string, ok bool) {
	return b.file.name, b.file.name != ""
}

// Size returns the number of bytes.
func (b *Body) Size() int64 {
	if b.file.name != "" {
		return b.size
	}
	return int64(len(b.Data))
}

// Open returns a reader of the bytes; a body in a file is an *os.File where
// the cassette is on disk. The caller closes it.
func (b *Body) Open() (io.ReadSeekCloser, error) {
	if b.file.name == "" {
		return memory{bytes.NewReader(b.Data)}, nil
	}
	f, err := b.file.open()
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

// checkSize compares the file's size with what the cassette says.
func (b *Body) checkSize(f fs.File) error {
	info, err := f.Stat()
	if err != nil {
		return b.file.errorf(0, "%w", unwrapPath(err))
	}
	if info.Size() != b.size {
		return b.file.errorf(0, "the file has %d bytes, the cassette says %d", info.Size(), b.size)
	}
	return nil
}

// memory is a reader of bytes in memory.
type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }
