package decode

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

// Source is the cassette that interactions are read from.
type Source struct {
	Name    string // for errors
	Folder  fs.FS  // holds the files beside the cassette
	Version int64  // of go-vcr's format: 1 or 2
}

// Values reads values of a tree. The first error stays in Err, with the line of
// the node that is to blame; later reads return zero values.
type Values struct {
	*yamltext.Tree
	From *Source // names the file in errors
	Err  error   // the first mistake, a *wire.FormatError
}

// Reader reads interactions of a tree, and their values.
type Reader struct {
	Values
	id     int    // of the interaction
	Source []byte // its text, if it is in the canonical layout

	// Memory that is used again.
	own yamltext.Parser
	buf []byte
}

var builders = sync.Pool{New: func() any { return new(Reader) }}

// NewReader returns a Reader for interaction id of from, somewhere in t.
func NewReader(from *Source, id int, t *yamltext.Tree) *Reader {
	b := builders.Get().(*Reader)
	b.Tree, b.From, b.id = t, from, id
	return b
}

// ParseItem returns a Reader for interaction id of from: n bytes of text from off
// on, in the canonical layout, which begin on that line. The interaction is the
// root of its tree.
func ParseItem(from *Source, id int, text io.ReaderAt, off, n int64, line int) (*Reader, error) {
	b := NewReader(from, id, nil)
	b.buf = slices.Grow(b.buf[:0], int(n))[:n]
	if _, err := text.ReadAt(b.buf, off); err != nil && err != io.EOF {
		return nil, wire.Errorf(from.Name, line, "read the interaction: %w", err)
	}
	if err := encode.ParseItem(&b.own, b.buf, line); err != nil {
		return nil, wire.Errorf(from.Name, line, "read the interaction: the file has changed since it was opened")
	}
	b.Tree, b.Source = &b.own.Tree, b.buf
	return b, nil
}

// Release gives b's memory back. No interaction that b read refers to it.
func (b *Reader) Release() {
	const keep = 256 << 10
	*b = Reader{own: b.own, buf: b.buf}
	if cap(b.buf) > keep {
		*b = Reader{}
	}
	builders.Put(b)
}

// ErrorAt returns an error at the line of node at.
func (b *Values) ErrorAt(at int, format string, args ...any) *wire.FormatError {
	return wire.Errorf(b.From.Name, b.Line(at), format, args...)
}

// TextUnder returns the string under key in the mapping at, "" if there is none.
func (b *Values) TextUnder(at int, key string) string {
	if v := b.Lookup(at, key); v != 0 {
		return b.TextAt(v)
	}
	return ""
}

// Fail sets Err to an error at the line of node at, unless it is set.
func (b *Values) Fail(at int, format string, args ...any) {
	if b.Err == nil {
		b.Err = b.ErrorAt(at, format, args...)
	}
}

// Keys calls f with each key of the mapping at and its value, as long as there
// is no error. Where f returns false, the key is unknown, and that is an
// error. Null is an empty mapping.
func (b *Values) Keys(at int, what string, f func(key string, v int) bool) {
	if b.Err != nil || b.IsNull(at) {
		return
	}
	if b.Kind(at) != yamltext.Mapping {
		b.Fail(at, "%s: want a mapping, not %s", what, b.Describe(at))
		return
	}
	if twice := b.twice(at); twice != 0 {
		b.Fail(twice, "%s: the key %s stands here twice", what, b.Describe(twice))
		return
	}
	for k, v := range b.Pairs(at) {
		key := b.TextAt(k)
		if b.Err == nil && !f(key, v) {
			b.Fail(k, "%s: unknown key %q", what, key)
		}
		if b.Err != nil {
			return
		}
	}
}

// twice returns a key of the mapping at that stands there twice, or 0.
func (b *Values) twice(at int) int {
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

func (b *Values) twiceInMany(at int) int {
	seen := make(map[string]bool)
	for k := range b.Pairs(at) {
		key := b.TextAt(k)
		if seen[key] {
			return k
		}
		seen[key] = true
	}
	return 0
}

// sameKey reports whether two nodes are the same string.
func (b *Values) sameKey(i, j int) bool {
	if b.IsVerbatim(i) {
		return b.Is(j, string(b.Raw(i)))
	}
	s, _ := b.Text(i)
	return b.Is(j, s)
}

// TextAt returns the string at.
func (b *Values) TextAt(at int) string {
	s, err := b.Text(at)
	if err != nil {
		b.Fail(at, "%v", err)
	}
	return s
}

// DataAt returns the bytes at.
func (b *Values) DataAt(at int) []byte {
	s, err := b.Bytes(at)
	if err != nil {
		b.Fail(at, "%v", err)
	}
	return s
}

// IntAt returns the integer at.
func (b *Values) IntAt(at int) int64 {
	n, err := b.Int(at)
	if err != nil {
		b.Fail(at, "%v", err)
	}
	return n
}

// size returns the integer at, which is not negative. A Content-Length of any
// size is one, so sums must be guarded.
func (b *Values) size(at int) int64 {
	n := b.IntAt(at)
	if n < 0 {
		b.Fail(at, "want a number of 0 or more, not %d", n)
		return 0
	}
	return n
}

// CountAt returns the integer at, from 0 to what fits an int on any machine.
func (b *Values) CountAt(at int) int {
	n := b.size(at)
	if n > math.MaxInt32 {
		b.Fail(at, "want a number of at most %d, not %d", math.MaxInt32, n)
	}
	return int(n)
}

// DurationAt returns the duration at.
func (b *Values) DurationAt(at int) time.Duration {
	d, err := b.Duration(at)
	if err != nil {
		b.Fail(at, "%v", err)
	}
	return d
}

// list calls f with the index of each element of the list at.
func (b *Values) list(at int, f func(i, v int)) {
	if b.Err != nil || b.IsNull(at) {
		return
	}
	if b.Kind(at) != yamltext.Sequence {
		b.Fail(at, "want a list, not %s", b.Describe(at))
		return
	}
	i := 0
	for v := range b.Children(at) {
		if f(i, v); b.Err != nil {
			return
		}
		i++
	}
}

// tuple returns the elements of the list at, which has from min to max of
// them.
func (b *Values) tuple(at, min, max int, want string) [5]int {
	var t [5]int
	if n := b.Len(at); b.Kind(at) != yamltext.Sequence || n < min || n > max {
		b.Fail(at, "want %s", want)
		return t
	}
	b.list(at, func(i, v int) { t[i] = v })
	return t
}

// TextsAt returns the list of strings at.
func (b *Values) TextsAt(at int) []string {
	var list []string
	b.list(at, func(_, v int) { list = append(list, b.TextAt(v)) })
	return list
}
