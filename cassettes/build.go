package cassettes

import (
	"io"
	"io/fs"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/wiretape/wiretape/cassettes/internal/encode"
	"github.com/wiretape/wiretape/internal/yamltext"
	"github.com/wiretape/wiretape/wire"
)

// source is the cassette that items are read from.
type source struct {
	name    string // for errors
	folder  fs.FS  // for the files beside it
	version int64  // of go-vcr's format
}

// builder makes values and items of a tree. The first error stays in err, at the
// line of the node that is to blame; all that comes after it does nothing.
type builder struct {
	*yamltext.Tree
	from *source
	id   int    // of the item
	src  []byte // its text, if it is in the canonical layout
	err  error

	// Memory that is used again.
	own yamltext.Parser
	buf []byte
}

var builders = sync.Pool{New: func() any { return new(builder) }}

// newBuilder returns a builder for item id in a tree.
func newBuilder(from *source, id int, t *yamltext.Tree) *builder {
	b := builders.Get().(*builder)
	b.Tree, b.from, b.id = t, from, id
	return b
}

// parseItem returns a builder for item id, which is n bytes of text at off and
// begins on a line. The item is the root of its tree.
func parseItem(from *source, id int, text io.ReaderAt, off, n int64, line int) (*builder, error) {
	b := newBuilder(from, id, nil)
	b.buf = slices.Grow(b.buf[:0], int(n))[:n]
	if _, err := text.ReadAt(b.buf, off); err != nil && err != io.EOF {
		return nil, wire.Errorf(from.name, line, "read the interaction: %w", err)
	}
	if err := encode.ParseItem(&b.own, b.buf, line); err != nil {
		return nil, wire.Errorf(from.name, line, "read the interaction: the file has changed since it was opened")
	}
	b.Tree, b.src = &b.own.Tree, b.buf
	return b, nil
}

// release makes the builder's memory available again. No item refers to it.
func (b *builder) release() {
	const keep = 256 << 10
	*b = builder{own: b.own, buf: b.buf}
	if cap(b.buf) > keep {
		*b = builder{}
	}
	builders.Put(b)
}

// errorAt returns an error at the node's line.
func (b *builder) errorAt(at int, format string, args ...any) *FormatError {
	return wire.Errorf(b.from.name, b.Line(at), format, args...)
}

// textOf returns the string under a key of the mapping at, "" where there is
// none.
func (b *builder) textOf(at int, key string) string {
	if v := b.Lookup(at, key); v != 0 {
		return b.text(v)
	}
	return ""
}

// fail keeps the first error, at the node's line.
func (b *builder) fail(at int, format string, args ...any) {
	if b.err == nil {
		b.err = b.errorAt(at, format, args...)
	}
}

// keys calls f with each key of the mapping at and its value, as long as there
// is no error. Where f returns false, the key is unknown, and that is an
// error. Null is an empty mapping.
func (b *builder) keys(at int, what string, f func(key string, v int) bool) {
	if b.err != nil || b.IsNull(at) {
		return
	}
	if b.Kind(at) != yamltext.Mapping {
		b.fail(at, "%s: want a mapping, not %s", what, b.Describe(at))
		return
	}
	if twice := b.twice(at); twice != 0 {
		b.fail(twice, "%s: the key %s stands here twice", what, b.Describe(twice))
		return
	}
	for k, v := range b.Pairs(at) {
		key := b.text(k)
		if b.err == nil && !f(key, v) {
			b.fail(k, "%s: unknown key %q", what, key)
		}
		if b.err != nil {
			return
		}
	}
}

// twice returns a key of the mapping at that stands there twice, or 0.
func (b *builder) twice(at int) int {
	const few = 32
	if b.Len(at) > 2*few {
		return b.twiceInMany(at)
	}
	for k := range b.Pairs(at) {
		for other := range b.Pairs(at) {
			if other == k {
				break
			}
			if b.sameKey(k, other) {
				return k
			}
		}
	}
	return 0
}

func (b *builder) twiceInMany(at int) int {
	seen := make(map[string]bool)
	for k := range b.Pairs(at) {
		key := b.text(k)
		if seen[key] {
			return k
		}
		seen[key] = true
	}
	return 0
}

// sameKey reports whether two nodes are the same string.
func (b *builder) sameKey(i, j int) bool {
	if b.IsVerbatim(i) {
		return b.Is(j, string(b.Raw(i)))
	}
	s, _ := b.Text(i)
	return b.Is(j, s)
}

// text returns the string at.
func (b *builder) text(at int) string {
	s, err := b.Text(at)
	if err != nil {
		b.fail(at, "%v", err)
	}
	return s
}

// data returns the bytes at.
func (b *builder) data(at int) []byte {
	s, err := b.Bytes(at)
	if err != nil {
		b.fail(at, "%v", err)
	}
	return s
}

// int returns the integer at.
func (b *builder) int(at int) int64 {
	n, err := b.Int(at)
	if err != nil {
		b.fail(at, "%v", err)
	}
	return n
}

// size returns the integer at, which is not negative. A Content-Length of any
// size is one, so sums must be guarded.
func (b *builder) size(at int) int64 {
	n := b.int(at)
	if n < 0 {
		b.fail(at, "want a number of 0 or more, not %d", n)
		return 0
	}
	return n
}

// count returns the integer at, from 0 to what fits an int on any machine.
func (b *builder) count(at int) int {
	n := b.size(at)
	if n > math.MaxInt32 {
		b.fail(at, "want a number of at most %d, not %d", math.MaxInt32, n)
	}
	return int(n)
}

// duration returns the duration at.
func (b *builder) duration(at int) time.Duration {
	d, err := b.Duration(at)
	if err != nil {
		b.fail(at, "%v", err)
	}
	return d
}

// list calls f with the index of each element of the list at.
func (b *builder) list(at int, f func(i, v int)) {
	if b.err != nil || b.IsNull(at) {
		return
	}
	if b.Kind(at) != yamltext.Sequence {
		b.fail(at, "want a list, not %s", b.Describe(at))
		return
	}
	i := 0
	for v := range b.Children(at) {
		if f(i, v); b.err != nil {
			return
		}
		i++
	}
}

// tuple returns the elements of the list at, which has from min to max of
// them.
func (b *builder) tuple(at, min, max int, want string) [4]int {
	var t [4]int
	if n := b.Len(at); b.Kind(at) != yamltext.Sequence || n < min || n > max {
		b.fail(at, "want %s", want)
		return t
	}
	b.list(at, func(i, v int) { t[i] = v })
	return t
}

// texts returns the list of strings at.
func (b *builder) texts(at int) []string {
	var list []string
	b.list(at, func(_, v int) { list = append(list, b.text(v)) })
	return list
}
