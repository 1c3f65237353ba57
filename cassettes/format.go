package cassettes

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/wiretape/wiretape/cassettes/internal/decode"
	"github.com/wiretape/wiretape/cassettes/internal/encode"
	"github.com/wiretape/wiretape/cassettes/internal/filelock"
	"github.com/wiretape/wiretape/cassettes/internal/normalize"
)

// Format rewrites the cassette at path in the canonical layout and reports
// whether that changed it. Heads under wire and bodies in go-vcr's blocks are
// the truth; all else that follows from them is derived again. In doubt it
// changes nothing and returns an error.
func Format(path string) (changed bool, err error) {
	return rewriteFile(path, normalize.FromWire, "")
}

// FormatFromVCR is Format for a cassette that was edited where go-vcr reads it:
// methods, URLs, fields and the like in go-vcr's blocks are the truth, and the
// heads under wire are made to say the same. Equal parts stay as they are, down
// to the order and spelling of fields. A cassette that go-vcr wrote becomes one
// of ours.
func FormatFromVCR(path string) (changed bool, err error) {
	return rewriteFile(path, normalize.FromVCR, SourceImported)
}

// rewriteFile rewrites the cassette at path, with the items that agree returns. The
// files beside it stay. A cassette without a source gets source.
func rewriteFile(path string, agree agreement, source string) (changed bool, err error) {
	locked, err := filelock.OpenPath(path)
	if err != nil {
		return false, fmt.Errorf("format cassette %s: %w", path, err)
	}
	defer locked.Close()
	c, err := OpenFile(path)
	if err != nil {
		return false, err
	}
	defer c.Close()
	c.Header.Source = cmp.Or(c.Header.Source, source)
	f := &formatter{c: c, agree: agree, temp: "." + c.base + ".new"}
	return f.rewrite()
}

// agreement reads the item at an index of a tree and makes it agree with itself, under
// redaction rules.
type agreement func(b *decode.Reader, at int, rules []string) (*Interaction, error)

// formatter writes an open cassette in the canonical layout, and puts the result into
// its place.
type formatter struct {
	c     *Cassette
	agree agreement
	temp  string // the name of the result until then
}

// rewrite reports whether the result differs from the cassette, whose place it has
// taken then.
func (f *formatter) rewrite() (changed bool, err error) {
	c := f.c
	if err := f.mayRewrite(); err != nil {
		return false, err
	}
	out, err := f.create()
	if err != nil {
		return false, fmt.Errorf("format cassette %s: %w", c.Name, err)
	}
	if err := f.write(out); err != nil {
		return false, errors.Join(err, c.root.Remove(f.temp))
	}
	if err := f.verify(); err != nil {
		return false, errors.Join(err, c.root.Remove(f.temp))
	}
	same, err := f.same()
	if err != nil || same {
		return false, errors.Join(err, c.root.Remove(f.temp))
	}
	return true, c.root.Rename(f.temp, c.base)
}

// mayRewrite returns an error for a cassette that would lose something.
func (f *formatter) mayRewrite() error {
	c := f.c
	switch {
	case c.Torn != nil:
		return c.Torn
	case c.Header.Source == "":
		return c.errorf(1, "this cassette has no header wire: go-vcr wrote it, and replay plays it as it is; cassette fmt --from vcr makes one of ours of it")
	case c.comment != 0:
		return c.errorf(c.comment, "a comment stands here, which would be lost; remove it first")
	}
	return nil
}

// create creates the result's file, with the cassette's permissions.
func (f *formatter) create() (*os.File, error) {
	info, err := f.c.root.Stat(f.c.base)
	if err != nil {
		return nil, err
	}
	return f.c.root.OpenFile(f.temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, info.Mode().Perm())
}

// write writes the result to file, which it closes.
func (f *formatter) write(file *os.File) error {
	out := bufio.NewWriter(file)
	out.Write(appendHeader(nil, &f.c.Header)) // its error stays
	e := &encode.Encoder{}
	for i := range f.c.Len() {
		it, err := f.item(i)
		if err != nil {
			file.Close()
			return err
		}
		e.Buf = e.Buf[:0]
		e.Item(it)
		out.Write(e.Buf)
	}
	return errors.Join(out.Flush(), file.Sync(), file.Close())
}

// item returns item i, which agrees with itself.
func (f *formatter) item(i int) (*Interaction, error) {
	b, at, err := f.c.read(i)
	if err != nil {
		return nil, err
	}
	return f.agree(b, at, f.c.Header.Redaction)
}

// verify verifies the result.
func (f *formatter) verify() error {
	result, err := Open(f.c.folder, f.temp)
	if err != nil {
		return f.doubt(err)
	}
	defer result.Close()
	if errs := Verify(result); len(errs) > 0 {
		return f.doubt(errs[0])
	}
	return nil
}

// doubt says that the result does not agree with itself. The line is that of
// the result, which is near the original's.
func (f *formatter) doubt(err error) error {
	var fe *FormatError
	if errors.As(err, &fe) {
		return f.c.errorf(fe.Line, "nothing was changed, because the result would not verify: %w", fe.Err)
	}
	return err
}

// same reports whether the result is equal to the cassette.
func (f *formatter) same() (bool, error) {
	result, err := f.c.root.Open(f.temp)
	if err != nil {
		return false, err
	}
	defer result.Close()
	return sameBytes(result, io.NewSectionReader(f.c.text, 0, f.c.size+1))
}

// sameBytes reports whether two readers give the same bytes.
func sameBytes(a, b io.Reader) (bool, error) {
	x, y := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, err1 := io.ReadFull(a, x)
		m, err2 := io.ReadFull(b, y)
		if !bytes.Equal(x[:n], y[:m]) {
			return false, nil
		}
		if err1 != nil || err2 != nil {
			return err1 != nil && err2 != nil, errors.Join(pastEnd(err1), pastEnd(err2))
		}
	}
}

// pastEnd returns err unless it says that a file is at its end.
func pastEnd(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil
	}
	return err
}
