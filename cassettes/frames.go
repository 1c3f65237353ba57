package cassettes

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"strconv"
	"time"
)

// Len returns the number of frames.
func (f *Frames) Len() int {
	if f.file.name != "" {
		return f.n
	}
	return len(f.List)
}

// All returns the frames in order, reading them from the file where they are
// in one. An error ends the sequence.
func (f *Frames) All() iter.Seq2[Frame, error] {
	return func(yield func(Frame, error) bool) {
		if f.file.name == "" {
			for _, frame := range f.List {
				if !yield(frame, nil) {
					return
				}
			}
			return
		}
		for l, err := range f.lines() {
			if (err != nil || l.kind == frameLine) && !yield(l.frame, err) {
				return
			}
		}
	}
}

// lineKind says what a line of a frames' file is.
type lineKind uint8

const (
	frameLine lineKind = iota
	chunkLine
	splitLine
)

// frameFileLine is a line of a frames' file.
type frameFileLine struct {
	kind  lineKind
	frame Frame  // frameLine
	text  []byte // chunkLine
	split Split  // splitLine; without Frame
}

// lines returns the lines of the frames' file. A line is valid until the next.
func (f *Frames) lines() iter.Seq2[*frameFileLine, error] {
	return func(yield func(*frameFileLine, error) bool) {
		n, number := 0, 0
		var l frameFileLine
		for text, err := range f.file.lines() {
			number++
			if err == nil {
				err = l.parse(text, f.base)
			}
			if err != nil {
				yield(&l, f.file.at(number, err))
				return
			}
			if l.kind == frameLine {
				n++
			}
			if !yield(&l, nil) {
				return
			}
		}
		if n != f.n {
			yield(&l, f.file.errorf(0, "want %d frames, found %d", f.n, n))
		}
	}
}

// at makes an error one of a line of the file.
func (r *fileRef) at(line int, err error) error {
	var fe *FormatError
	if errors.As(err, &fe) {
		return err
	}
	return &FormatError{r.name, line, err}
}

func (r *fileRef) errorf(line int, format string, args ...any) error {
	return &FormatError{r.name, line, fmt.Errorf(format, args...)}
}

// maxLine is how long a line of a frames' or turns' file may be.
const maxLine = 64 << 10

// lines returns the lines of the file, without their ends. A line is valid
// until the next.
func (r *fileRef) lines() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		f, err := r.open()
		if err != nil {
			yield(nil, err)
			return
		}
		defer f.Close()
		in := bufio.NewReaderSize(f, maxLine)
		for n := 1; ; n++ {
			line, err := in.ReadSlice('\n')
			switch {
			case err == io.EOF && len(line) == 0:
				return
			case err == io.EOF:
				yield(nil, r.errorf(n, "the last line is unfinished"))
				return
			case err != nil:
				yield(nil, r.errorf(n, "%w", err))
				return
			}
			if !yield(line[:len(line)-1], nil) {
				return
			}
		}
	}
}

// open opens the file.
func (r *fileRef) open() (fs.File, error) {
	f, err := r.fsys.Open(r.name)
	if err != nil {
		return nil, r.errorf(0, "%w", unwrapPath(err))
	}
	return f, nil
}

// parse reads a line as appendFrameLine, appendChunkLine and appendSplitLine
// write it.
func (l *frameFileLine) parse(line []byte, base int64) (err error) {
	n := numbers{rest: line}
	switch {
	case bytes.HasPrefix(line, []byte("line ")):
		l.kind = chunkLine
		l.text, err = parseQuoted(line[len("line "):])
		return err
	case bytes.HasPrefix(line, []byte("split ")):
		n.rest = line[len("split "):]
		l.kind = splitLine
		l.split = Split{Offset: n.next(), Seq: n.next() + base}
	default:
		l.kind = frameLine
		l.frame.Size = n.next()
		l.frame.Seq = n.next() + base
		l.frame.Wait = n.wait()
	}
	if n.end(); n.err != nil {
		return fmt.Errorf("%q: %w", clip(line), n.err)
	}
	return nil
}

// parseQuoted reads a scalar that appendQuoted wrote.
func parseQuoted(s []byte) ([]byte, error) {
	p := parser{tree: tree{input: s, nodes: make([]node, 1, 2)}}
	at, err := p.scalar(0, 0)
	if err != nil || p.pos < len(s) {
		return nil, fmt.Errorf("want a quoted string, not %q", s)
	}
	return p.decode(at)
}

// numbers reads the numbers of a line.
type numbers struct {
	rest []byte
	err  error
}

var errNumber = errors.New("want numbers with a space between them, and a duration at the end")

// next returns the next number, which is not negative.
func (n *numbers) next() (v int64) {
	i := 0
	for ; i < len(n.rest) && isDigit(n.rest[i]) && i < 18; i++ {
		v = 10*v + int64(n.rest[i]-'0')
	}
	if i == 0 {
		n.err = errNumber
	}
	n.rest = n.rest[i:]
	if len(n.rest) > 0 && n.rest[0] == ' ' {
		n.rest = n.rest[1:]
	}
	return v
}

// wait returns the duration that ends the line, if one does.
func (n *numbers) wait() time.Duration {
	if len(n.rest) == 0 || n.err != nil {
		return 0
	}
	d, err := time.ParseDuration(string(n.rest))
	n.rest, n.err = nil, err
	return d
}

func (n *numbers) end() {
	if n.err == nil && len(n.rest) > 0 {
		n.err = errNumber
	}
}

// sizeLine appends the plain size line of a chunk, with its CRLF.
func sizeLine(dst []byte, size int64) []byte {
	return append(strconv.AppendInt(dst, size, 16), "\r\n"...)
}
