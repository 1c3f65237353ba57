package compare

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/jsondiff"
)

// maxBody is the size in bytes of the largest body that is compared by its
// content.
const maxBody = 8 << 20

// body compares two bodies. It reports whether they are the same, apart from
// differences that the options hide.
func (c *comparer) body(side string, a, b *cassettes.Message) (same bool, err error) {
	if a.Body.Size() > maxBody || b.Body.Size() > maxBody {
		return c.large(side, a, b)
	}
	x, err := read(&a.Body)
	if err != nil {
		return false, err
	}
	y, err := read(&b.Body)
	if err != nil {
		return false, err
	}
	return c.bytes(side+" body", x, y), nil
}

func read(b *cassettes.Body) ([]byte, error) {
	r, err := b.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// bytes compares two bodies by their content: JSON, text or bytes.
func (c *comparer) bytes(what string, a, b []byte) (same bool) {
	if bytes.Equal(a, b) {
		return true
	}
	before := len(c.lines)
	x, isJSON := jsondiff.Decode(a)
	y, isToo := jsondiff.Decode(b)
	switch {
	case isJSON && isToo:
		if c.o.Volatile {
			s := newStabilizer(a, b)
			x, y = s.json("", x), s.json("", y)
		}
		c.values(what, x, y)
	case isText(a) && isText(b):
		c.text(what, string(a), string(b))
	default:
		at := difference(a, b)
		c.add("%s: %d B -> %d B, different from byte %d on", what, len(a), len(b), at)
	}
	if len(c.lines) == before && !c.o.Volatile {
		c.add("%s: the same values, written otherwise (%d B -> %d B)", what, len(a), len(b))
	}
	return len(c.lines) == before
}

// isText reports whether people can read b.
func isText(b []byte) bool {
	return utf8.Valid(b) && bytes.IndexFunc(b, func(c rune) bool {
		return c < ' ' && c != '\t' && c != '\r' && c != '\n' && c != '\x1b'
	}) < 0
}

// values compares JSON values by path, or lists of lines.
func (c *comparer) values(what string, a, b any) {
	for _, d := range jsondiff.Differences(a, b) {
		c.add("%s %s", what, d)
	}
}

// text compares texts line by line.
func (c *comparer) text(what, a, b string) {
	if c.o.Volatile {
		s := newStabilizer([]byte(a), []byte(b))
		a, b = s.text(a), s.text(b)
	}
	c.values(what, strings.SplitAfter(a, "\n"), strings.SplitAfter(b, "\n"))
}

// large compares bodies that are too large for a comparison by content.
func (c *comparer) large(side string, a, b *cassettes.Message) (same bool, err error) {
	x, err := a.Body.Open()
	if err != nil {
		return false, err
	}
	defer x.Close()
	y, err := b.Body.Open()
	if err != nil {
		return false, err
	}
	// ReadFull keeps the two bodies in step: each turn compares ranges at the
	// same offset.
	defer y.Close()
	at := int64(0)
	p, q := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, err1 := io.ReadFull(x, p)
		m, err2 := io.ReadFull(y, q)
		d := difference(p[:n], q[:m])
		at += int64(d)
		if d < n || d < m {
			c.add("%s body: %d B -> %d B, different from byte %d on", side, a.Body.Size(), b.Body.Size(), at)
			return false, nil
		}
		if err := firstOf(err1, err2); err != nil {
			return false, err
		}
		if err1 != nil && err2 != nil {
			return true, nil
		}
	}
}

// firstOf returns the first error that is not the end of a body.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return err
		}
	}
	return nil
}

// difference returns the number of equal bytes at the start of two slices.
func difference(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// stream compares the stream after an upgrade, or a connection without HTTP:
// the bytes and marks of each side.
func (c *comparer) stream(a, b *cassettes.Turns) error {
	if a == nil && b == nil {
		return nil
	}
	x, err := sides(a)
	if err != nil {
		return err
	}
	y, err := sides(b)
	if err != nil {
		return err
	}
	for i, side := range []string{"client", "server"} {
		c.bytes("stream from the "+side, x.data[i], y.data[i])
		if p, q := fmt.Sprint(x.marks[i]), fmt.Sprint(y.marks[i]); p != q {
			c.add("stream marks of the %s: %s -> %s", side, p, q)
		}
	}
	return nil
}

// dialogue is a stream by side.
type dialogue struct {
	data  [2][]byte
	marks [2][]cassettes.Mark
}

// sides reads a stream and returns up to maxBody bytes of each side.
func sides(t *cassettes.Turns) (d dialogue, err error) {
	if t == nil {
		return d, nil
	}
	for turn, err := range t.All() {
		switch {
		case err != nil:
			return d, err
		case turn.Mark != "":
			d.marks[turn.Side] = append(d.marks[turn.Side], turn.Mark)
		case len(d.data[turn.Side]) < maxBody:
			d.data[turn.Side] = append(d.data[turn.Side], turn.Data...)
		}
	}
	return d, nil
}
