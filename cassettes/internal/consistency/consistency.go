package consistency

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/wiretape/wiretape/cassettes/internal/decode"
	"github.com/wiretape/wiretape/cassettes/internal/encode"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/vcrhead"
	"github.com/wiretape/wiretape/internal/yamltext"
	"github.com/wiretape/wiretape/wire"
)

// Check sets b.Err to the first contradiction within it, which b read at index
// at. Frames in a file are not read.
func Check(b *decode.Reader, it *wire.Interaction, at int) {
	block := b.Lookup(at, "wire")
	if block == 0 {
		return // all of it was derived
	}
	for m, key := range it.Messages() {
		if errs := Sizes(b, m, b.Lookup(block, key), key); len(errs) > 0 {
			b.Err = errs[0]
			return
		}
	}
	if errs := Views(b, it, at, false); len(errs) > 0 {
		b.Err = errs[0]
	}
}

// Lost returns how many of m's missing bytes are bytes of the body. Of a chunk,
// the CRLF after its data is missing first.
func Lost(m *wire.Message) int64 {
	if m.Framing == http1.Chunked {
		return max(m.Missing-int64(len("\r\n")), 0)
	}
	return m.Missing
}

// came returns how many bytes of the body came, by the frames in memory. The lost
// bytes are the last frame's. They are subtracted from it before it is added, so
// that the sum of a recorder's frames fits an int64; other sums saturate.
func came(m *wire.Message) (sum int64) {
	last := len(m.Frames.List) - 1
	if last < 0 {
		return -Lost(m)
	}
	for _, f := range m.Frames.List[:last] {
		sum = wire.AddSizes(sum, f.Size)
	}
	return wire.AddSizes(sum, m.Frames.List[last].Size-Lost(m))
}

// Sizes returns an error for each line that may be wrong if the frames of m,
// whose block key is at index at, do not add up to its body. Frames in a file
// are not read.
func Sizes(b *decode.Reader, m *wire.Message, at int, key string) []*wire.FormatError {
	if m.Frames.File != nil {
		return nil // it is read when it is verified
	}
	sum := came(m)
	if sum == m.Body.Size() {
		return nil
	}
	var errs []*wire.FormatError
	for _, line := range wrongFrames(b, m, at, key) {
		errs = append(errs, wire.Errorf(b.From.Name, line, "wire.%s: its frames have %d bytes of the body, the body has %d; "+
			"cassette fmt makes the frames agree", key, sum, m.Body.Size()))
	}
	return errs
}

// wrongFrames returns the lines that may be wrong where the frames of the
// message at do not add up to its body.
func wrongFrames(b *decode.Reader, m *wire.Message, at int, key string) []int {
	list, missing := b.Lookup(at, "frames"), b.Lookup(at, "missing")
	if list == 0 {
		return []int{b.Line(at)}
	}
	if i, ok := wrongFrame(b, m, key); ok && missing == 0 {
		return []int{b.Line(b.Element(list, i))}
	}
	return linesOf(b, list, missing)
}

// wrongFrame returns the first frame that does not end where a line of the
// body does, in the layout that the encoder writes.
func wrongFrame(b *decode.Reader, m *wire.Message, key string) (int, bool) {
	if b.Source == nil {
		return 0, false
	}
	body := b.Lookup(b.Lookup(0, key), "body")
	if body == 0 || !b.IsQuoted(body) || b.IsBinary(body) {
		return 0, false
	}
	ends := append(yamltext.Breaks(b.Raw(body)), len(m.Body.Data))
	end := 0
	for i, f := range m.Frames.List {
		if f.Size > int64(len(m.Body.Data)-end) {
			return i, true
		}
		end += int(f.Size)
		if _, ok := slices.BinarySearch(ends, yamltext.RuneEnd(m.Body.Data, end)); !ok {
			return i, true
		}
	}
	return 0, false
}

// linesOf returns the numbers of the lines on which the nodes and their
// children begin, each once.
func linesOf(b *decode.Reader, nodes ...int) (lines []int) {
	for _, at := range nodes {
		if at == 0 {
			continue
		}
		lines = append(lines, b.Line(at))
		for c := range b.Children(at) {
			lines = append(lines, b.Line(c))
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// Views encodes it again and compares go-vcr's keys of that with those at index
// at. With all, a missing key is an error too.
func Views(b *decode.Reader, it *wire.Interaction, at int, all bool) []*wire.FormatError {
	e := encode.Get()
	defer e.Free()
	e.Item(it)
	if bytes.Equal(e.Buf, b.Source) {
		return nil
	}
	var want yamltext.Parser
	if err := encode.ParseItem(&want, e.Buf, 1); err != nil {
		return []*wire.FormatError{b.ErrorAt(at, "the interaction cannot be written again: %v", err)}
	}
	v := viewer{Reader: b, want: &want.Tree, wire: b.Lookup(at, "wire"), all: all}
	for _, key := range []string{"request", "response"} {
		v.message(key, b.Lookup(at, key), want.Lookup(0, key))
	}
	return v.errs
}

// viewer compares go-vcr's blocks of an item with those that follow from its heads.
type viewer struct {
	*decode.Reader
	want *yamltext.Tree
	wire int // the block wire
	all  bool
	errs []*wire.FormatError
}

// message compares a block with the one at index want.
func (v *viewer) message(key string, got, want int) {
	switch {
	case want == 0 && got == 0:
	case want == 0:
		v.add(got, 0, "%s stands here, and wire has no head for it", key)
	case got == 0:
		if v.all {
			v.add(v.wire, 0, "%s is missing, and wire has a head for it", key)
		}
	default:
		v.block(key, got, want)
	}
}

// FreeKeys are go-vcr's keys that do not follow from the bytes on the wire.
var FreeKeys = []string{"remote_addr", "request_uri", "form", "uncompressed", "body"}

// block compares a block key by key.
func (v *viewer) block(side string, got, want int) {
	for k, w := range v.want.Pairs(want) {
		key := string(v.want.Raw(k))
		if slices.Contains(FreeKeys, key) {
			continue
		}
		g := v.Lookup(got, key)
		switch {
		case g == 0:
			if v.all {
				v.add(got, v.source(side, key, ""), "%s.%s is missing, want %s", side, key, v.describe(v.want, w))
			}
		case v.want.Kind(w) == yamltext.Mapping:
			v.fields(side, key, g, w)
		default:
			v.value(side, key, "", g, w)
		}
	}
}

// fields compares headers or trailers.
func (v *viewer) fields(side, key string, got, want int) {
	if k := v.Kind(got); k != yamltext.Mapping && !v.IsNull(got) {
		v.add(got, 0, "%s.%s: want a mapping", side, key)
		return
	}
	for k, w := range v.want.Pairs(want) {
		name, _ := v.want.Text(k)
		if g := v.Lookup(got, name); g != 0 {
			v.value(side, key, name, g, w)
		} else {
			v.add(got, v.source(side, key, name), "%s.%s has no %q", side, key, name)
		}
	}
	if v.Kind(got) != yamltext.Mapping {
		return
	}
	for k := range v.Pairs(got) {
		if name, _ := v.Text(k); v.want.Lookup(want, name) == 0 {
			v.add(k, v.source(side, key, name), "%s.%s has %q, the head has not", side, key, name)
		}
	}
}

// value compares a value, of the field name where that is set.
func (v *viewer) value(side, key, name string, got, want int) {
	if yamltext.Same(v.Tree, got, v.want, want) {
		return
	}
	what := side + "." + key
	if name != "" {
		what += "." + name
	}
	v.add(got, v.source(side, key, name), "%s is %s, want %s", what, v.describe(v.Tree, got), v.describe(v.want, want))
}

// add adds an error at source, the line under wire that says otherwise, or
// where there is none at the node itself.
func (v *viewer) add(at, source int, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if source != 0 {
		text = fmt.Sprintf("the head disagrees with line %d: %s", v.Line(at), text)
		at = source
	}
	v.errs = append(v.errs, v.ErrorAt(at, "%s; cassette fmt derives go-vcr's keys from the wire", text))
}

// source returns the node under wire that go-vcr's key of a side follows from.
func (v *viewer) source(side, key, name string) int {
	block := v.Lookup(v.wire, side)
	if block == 0 {
		return 0
	}
	list := v.Lookup(block, "head")
	switch key {
	case "trailer":
		list = v.Lookup(block, "trailer")
	case "host":
		name = "Host"
	case "content_length":
		name = "Content-Length"
	case "transfer_encoding":
		return v.Lookup(block, "framing")
	case "duration":
		list = v.Lookup(block, "times")
	}
	if list == 0 {
		return 0
	}
	if at := v.line(list, name); at != 0 || key == "trailer" {
		return at
	}
	return v.First(list)
}

// line returns the element of a list of lines that holds the field name.
func (v *viewer) line(list int, name string) int {
	for c := range v.Children(list) {
		line, _ := v.Bytes(c)
		got, _, ok := bytes.Cut(line, []byte{':'})
		if ok && name != "" && string(vcrhead.AppendCanonical(nil, got)) == name {
			return c
		}
	}
	return 0
}

// describe shows a value in an error.
func (v *viewer) describe(t *yamltext.Tree, at int) string {
	if t.Kind(at) != yamltext.Sequence {
		return t.Describe(at)
	}
	var list []byte
	for c := range t.Children(at) {
		if len(list) > 0 {
			list = append(list, ", "...)
		}
		list = append(list, t.Describe(c)...)
	}
	return "[" + string(list) + "]"
}
