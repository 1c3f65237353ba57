package cassettes

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/wiretape/wiretape/cassettes/internal/encode"
	"github.com/wiretape/wiretape/cassettes/internal/filelock"
	"github.com/wiretape/wiretape/cassettes/internal/normalize"
)

// Format rewrites the cassette at path in the canonical layout and reports
// whether that changed it. Heads under wire and bodies in go-vcr's blocks are
// the truth; all else that follows from them is derived again. In doubt it
// changes nothing and returns an error.
func Format(path string) (changed bool, err error) {
	return rewriteFile(path, (*Cassette).formattable, (*Cassette).formatItem)
}

// rewriteFile writes the items that item returns in the place of the cassette
// at path, once check has found nothing wrong. The files beside it stay.
func rewriteFile(path string, check func(*Cassette) error, item func(*Cassette, int) (*Interaction, error)) (changed bool, err error) {
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
	if err := check(c); err != nil {
		return false, err
	}
	temp := "." + c.base + ".new"
	f, err := c.createFormatted(temp)
	if err != nil {
		return false, fmt.Errorf("format cassette %s: %w", c.Name, err)
	}
	if err := c.formatTo(f, item); err != nil {
		return false, errors.Join(err, c.root.Remove(temp))
	}
	if err := c.checkFormatted(temp); err != nil {
		return false, errors.Join(err, c.root.Remove(temp))
	}
	same, err := c.sameFile(temp)
	if err != nil || same {
		return false, errors.Join(err, c.root.Remove(temp))
	}
	return true, c.root.Rename(temp, c.base)
}

// formattable reports what Format cannot keep.
func (c *Cassette) formattable() error {
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

// createFormatted creates the file temp with the cassette's permissions.
func (c *Cassette) createFormatted(temp string) (*os.File, error) {
	info, err := c.root.Stat(c.base)
	if err != nil {
		return nil, err
	}
	return c.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, info.Mode().Perm())
}

// formatTo writes the cassette in the canonical layout to f, which it closes.
func (c *Cassette) formatTo(f *os.File, item func(*Cassette, int) (*Interaction, error)) error {
	out := bufio.NewWriter(f)
	out.Write(appendHeader(nil, &c.Header)) // its error stays
	e := &encode.Encoder{}
	for i := range c.Len() {
		it, err := item(c, i)
		if err != nil {
			f.Close()
			return err
		}
		e.Buf = e.Buf[:0]
		e.Item(it)
		out.Write(e.Buf)
	}
	return errors.Join(out.Flush(), f.Sync(), f.Close())
}

// formatItem reads item i and makes it agree with itself.
func (c *Cassette) formatItem(i int) (*Interaction, error) {
	b, at, err := c.read(i)
	if err != nil {
		return nil, err
	}
	return normalize.FromWire(b, at, c.Header.Redaction)
}

// checkFormatted verifies the formatted file.
func (c *Cassette) checkFormatted(temp string) error {
	f, err := Open(c.folder, temp)
	if err != nil {
		return c.doubt(err)
	}
	defer f.Close()
	if errs := Verify(f); len(errs) > 0 {
		return c.doubt(errs[0])
	}
	return nil
}

// doubt says that the result does not agree with itself. The line is that of
// the result, which is near the original's.
func (c *Cassette) doubt(err error) error {
	var fe *FormatError
	if errors.As(err, &fe) {
		return c.errorf(fe.Line, "nothing was changed, because the result would not verify: %w", fe.Err)
	}
	return err
}

// sameFile reports whether the file temp is equal to the cassette.
func (c *Cassette) sameFile(temp string) (bool, error) {
	f, err := c.root.Open(temp)
	if err != nil {
		return false, err
	}
	defer f.Close()
	return sameBytes(f, io.NewSectionReader(c.text, 0, c.size+1))
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

// FormatFromVCR is Format for a cassette that was edited where go-vcr reads it:
// methods, URLs, fields and the like in go-vcr's blocks are the truth, and the
// heads under wire are made to say the same. Equal parts stay as they are, down
// to the order and spelling of fields. A cassette that go-vcr wrote becomes one
// of ours.
func FormatFromVCR(path string) (changed bool, err error) {
	return rewriteFile(path, func(c *Cassette) error {
		if c.Header.Source == "" {
			c.Header.Source = SourceImported
		}
		return c.formattable()
	}, (*Cassette).itemFromVCR)
}

// itemFromVCR reads item i and makes it agree with go-vcr's blocks.
func (c *Cassette) itemFromVCR(i int) (*Interaction, error) {
	b, at, err := c.read(i)
	if err != nil {
		return nil, err
	}
	return normalize.FromVCR(b, at, c.Header.Redaction)
}
