package columns

import (
	"bytes"
	"errors"
	"io"
	"io/fs"

	"github.com/wiretape/wiretape/wire"
)

// File is a file beside a cassette.
type File struct {
	FS   fs.FS  // the cassette's folder
	Path string // relative to it
}

// Name returns the path, relative to the cassette's folder.
func (r *File) Name() string { return r.Path }

// Beside returns the file.
func (r *File) Beside() *File { return r }

// OpenFile opens the file as it is.
func (r *File) OpenFile() (fs.File, error) {
	f, err := r.FS.Open(r.Path)
	if err != nil {
		return nil, r.errorf(0, "%w", WithoutPath(err))
	}
	return f, nil
}

func (r *File) errorf(line int, format string, args ...any) error {
	return wire.Errorf(r.Path, line, format, args...)
}

// WithoutPath returns a file system's error without the operation and the path,
// which the caller names.
func WithoutPath(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// maxLine is how long a line of a frames' or turns' file may be.
const maxLine = 64 << 10

// lineReader reads the lines of a file beside the cassette.
type lineReader struct {
	text []byte // the line, without its end; valid until the next
	line int    // its number, from 1
	err  error  // what ended the reading, if it was not the file's end

	ref  *File
	file fs.File
	buf  []byte
	rest []byte // the part of buf that was not returned yet
	eof  bool
}

// reader opens the file.
func (r *File) reader() (*lineReader, error) {
	f, err := r.OpenFile()
	if err != nil {
		return nil, err
	}
	return &lineReader{ref: r, file: f, buf: make([]byte, 2*maxLine)}, nil
}

func (r *lineReader) close() { r.file.Close() }

// next goes to the next line, if there is one.
func (r *lineReader) next() bool {
	end := bytes.IndexByte(r.rest, '\n')
	for end < 0 {
		if !r.more() {
			return false
		}
		end = bytes.IndexByte(r.rest, '\n')
	}
	r.text, r.rest = r.rest[:end], r.rest[end+1:]
	r.line++
	if end > maxLine {
		r.err = r.ref.errorf(r.line, "the line has more than %d bytes", maxLine)
	}
	return r.err == nil
}

// more reads on.
func (r *lineReader) more() bool {
	switch {
	case r.eof && len(r.rest) > 0:
		r.err = r.ref.errorf(r.line+1, "the last line is unfinished")
	case len(r.rest) > maxLine:
		r.err = r.ref.errorf(r.line+1, "the line has more than %d bytes", maxLine)
	}
	if r.err != nil || r.eof {
		return false
	}
	n := copy(r.buf, r.rest)
	m, err := io.ReadFull(r.file, r.buf[n:])
	r.rest = r.buf[:n+m]
	switch {
	case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
		r.eof = true
	case err != nil:
		r.err = r.ref.errorf(r.line+1, "%w", err)
	}
	return r.err == nil
}
