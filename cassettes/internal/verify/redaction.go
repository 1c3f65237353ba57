package verify

import (
	"bytes"
	"io"
	"slices"

	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/internal/vcrhead"
	"github.com/wiretape/wiretape/wire"
)

// maxListed is the number of masked spans that a recorder lists of a message
// or stream. It masks the others all the same.
const maxListed = 1000

// masking masks a recorded interaction again: masks must leave masks as they are.
type masking struct {
	rules    *redact.Rules
	it       *wire.Interaction
	unmasked []string // keys of a block that hold a secret
}

// message returns the spans of a message, neighbours joined.
func (k *masking) message(m *wire.Message) ([]wire.Redaction, error) {
	spans := k.section(nil, "head", m.Head)
	spans, err := k.body(spans, m)
	if m.Trailer != nil {
		spans = k.section(spans, "trailer", m.Trailer)
	}
	return joined(spans), err
}

// section masks a head or trailer section.
func (k *masking) section(list []wire.Redaction, where string, section []byte) []wire.Redaction {
	masked := bytes.Clone(section)
	spans := k.rules.Head(masked, nil)
	if !bytes.Equal(masked, section) {
		k.unmasked = append(k.unmasked, where)
	}
	for line, s := range redact.ByLine(section, spans) {
		list = append(list, wire.Redaction{Where: where, Index: line, Off: s.Off, Len: s.Len})
	}
	return list
}

// body masks a body.
func (k *masking) body(spans []wire.Redaction, m *wire.Message) ([]wire.Redaction, error) {
	if m.Framing == http1.None || m.Framing == http1.Stream {
		return spans, nil
	}
	var request vcrhead.View
	request.Parse(k.it.Request.Head, true)
	_, target, _ := request.RequestLine()
	mask := k.rules.Body(target, m.Head)
	if mask == nil {
		return spans, nil
	}
	body, err := m.Body.Open()
	if err != nil {
		return spans, err
	}
	defer body.Close()
	same, err := remask(mask, body, func(s redact.Span) {
		spans = append(spans, wire.Redaction{Where: "body", Index: 0, Off: s.Off, Len: s.Len})
	})
	if !same {
		k.unmasked = append(k.unmasked, "body")
	}
	return spans, err
}

// remask masks a stream and calls span with each masked range. It reports
// whether the bytes stay as they are.
func remask(mask *redact.Body, r io.Reader, span func(redact.Span)) (same bool, err error) {
	same = true
	buf := make([]byte, pieceSize)
	var pending, masked []byte // input and output of the masks, behind the part where both agree
	for err == nil {
		var n int
		n, err = r.Read(buf)
		pending = append(pending, buf[:n]...)
		if masked = mask.Append(masked[:0], buf[:n]); err != nil {
			masked = mask.Flush(masked)
		}
		same = same && bytes.HasPrefix(pending, masked)
		pending = pending[:copy(pending, pending[min(len(masked), len(pending)):])]
		for _, s := range mask.Take() {
			span(s)
		}
	}
	return same, pastEOF(err)
}

// redaction compares the masked spans of a message with those listed.
func (v *verifier) redaction(m *wire.Message, block int, key string) {
	v.masked(block, m.Redacted, func(r wire.Redaction) ([]byte, bool) { return lineOf(m, r) })
	if v.rules == nil {
		return
	}
	again := masking{rules: v.rules, it: v.it}
	spans, err := again.message(m)
	if err != nil {
		v.errs = append(v.errs, v.ErrorAt(block, "%w", err))
		return
	}
	for _, what := range again.unmasked {
		at := v.Lookup(block, what)
		if what == "body" {
			at = v.bodyNode(key)
		}
		if at == 0 {
			at = block
		}
		v.errs = append(v.errs, v.ErrorAt(at, "%s: the %s holds what redaction masks", key, what))
	}
	v.sameSpans(block, m.Redacted, spans)
}

// bodyNode returns go-vcr's body of a message, or wire's block of it.
func (v *verifier) bodyNode(key string) int {
	item := 0 // the root of a tree of its own
	if v.Source == nil {
		return v.Lookup(v.wire, key)
	}
	if at := v.Lookup(v.Lookup(item, key), "body"); at != 0 {
		return at
	}
	return v.Lookup(v.wire, key)
}

// lineOf returns the bytes that r's offset counts from, and whether there are
// such.
func lineOf(m *wire.Message, r wire.Redaction) ([]byte, bool) {
	switch r.Where {
	case "head":
		return nthLine(m.Head, r.Index)
	case "trailer":
		return nthLine(m.Trailer, r.Index)
	case "body":
		if r.Index != 0 || r.Off < 0 || r.Len < 0 || r.Len > m.Body.Size()-r.Off {
			return nil, false
		}
		return spanOf(&m.Body)
	}
	return nil, false
}

// spanOf returns the body's bytes; nil if they are in a file, which is not read
// here: masking the body again tells.
func spanOf(b *wire.Body) ([]byte, bool) {
	if b.File == nil {
		return b.Data, true
	}
	return nil, true
}

func nthLine(section []byte, i int) ([]byte, bool) {
	for ; i > 0; i-- {
		_, rest, ok := bytes.Cut(section, []byte{'\n'})
		if !ok {
			return nil, false
		}
		section = rest
	}
	line, _ := vcrhead.CutLine(section)
	return line, true
}

// masked checks that each listed span lies within its text and holds nothing
// but masks.
func (v *verifier) masked(block int, list []wire.Redaction, line func(wire.Redaction) ([]byte, bool)) {
	at := v.Lookup(block, "redacted")
	for i, r := range list {
		text, ok := line(r)
		switch {
		case !ok || text != nil && r.Off+r.Len > int64(len(text)):
			v.errs = append(v.errs, v.ErrorAt(v.Element(at, i), "redacted: %s %d has no bytes from %d to %d",
				r.Where, r.Index, r.Off, r.Off+r.Len))
		case text != nil && !isMask(text[r.Off:r.Off+r.Len]):
			v.errs = append(v.errs, v.ErrorAt(v.Element(at, i), "redacted: %s %d holds %q at %d, which is no mask",
				r.Where, r.Index, clip(text[r.Off:r.Off+r.Len]), r.Off))
		}
	}
}

// isMask reports whether b holds nothing but masks: stars, ones, and the
// signature of a JWT.
func isMask(b []byte) bool {
	for _, c := range b {
		if c != '*' && c != '1' && c != 'A' {
			return false
		}
	}
	return true
}

// sameSpans compares the spans that are listed with those that masking again
// has given.
func (v *verifier) sameSpans(block int, listed, want []wire.Redaction) {
	at := v.Lookup(block, "redacted")
	cut := len(listed) >= maxListed
	got := joined(listed)
	for i, w := range want {
		if i >= len(got) {
			if !cut {
				v.add(block, "redacted", "redacted does not list %s %d, %d bytes from %d, which redaction masks", w.Where, w.Index, w.Len, w.Off)
			}
			return
		}
		if got[i] != w && !(cut && i == len(got)-1) {
			v.errs = append(v.errs, v.ErrorAt(v.spanAt(at, block, i, len(got) == len(listed)),
				"redacted lists %s %d, %d bytes from %d; redaction masks %s %d, %d bytes from %d",
				got[i].Where, got[i].Index, got[i].Len, got[i].Off, w.Where, w.Index, w.Len, w.Off))
			return
		}
	}
	if len(got) > len(want) {
		g := got[len(want)]
		v.errs = append(v.errs, v.ErrorAt(v.spanAt(at, block, len(want), len(got) == len(listed)),
			"redacted lists %s %d, %d bytes from %d, which redaction does not mask", g.Where, g.Index, g.Len, g.Off))
	}
}

// spanAt returns the node of span i of the list at, or the list where spans
// were joined.
func (v *verifier) spanAt(at, block, i int, each bool) int {
	switch {
	case at == 0:
		return block
	case each:
		return v.Element(at, i)
	}
	return at
}

// joined returns the spans with neighbours made one: where a secret crossed a
// read, it is listed in two. Tags are left out: masks do not show them.
func joined(list []wire.Redaction) []wire.Redaction {
	var out []wire.Redaction
	for _, r := range list {
		if n := len(out); n > 0 && out[n-1].Where == r.Where && out[n-1].Index == r.Index && out[n-1].Off+out[n-1].Len == r.Off {
			out[n-1].Len += r.Len
			continue
		}
		r.Tag = ""
		out = append(out, r)
	}
	return out
}

// turnRedaction masks a stream again.
func (v *verifier) turnRedaction(t *wire.Turns) {
	v.masked(v.wire, t.Redacted, func(r wire.Redaction) ([]byte, bool) {
		if r.Where != "turn" || r.Index >= t.Len() {
			return nil, false
		}
		if t.File != nil {
			return nil, true
		}
		return t.List[r.Index].Data, r.Len <= t.List[r.Index].Size-r.Off
	})
	if v.rules == nil {
		return
	}
	masks := [2]*redact.Lines{v.rules.Lines(), v.rules.Lines()}
	var spans []wire.Redaction
	var size, begin [2]int64
	index, seq := -1, int64(-1)
	for turn, err := range t.All() {
		if err != nil {
			v.fileError(v.wire, "turns", err)
			return
		}
		if turn.Mark != "" || turn.Seq != seq || index < 0 {
			index++
			begin[turn.Side] = size[turn.Side]
		}
		seq = turn.Seq
		size[turn.Side] += turn.Size
		masked := bytes.Clone(turn.Data)
		masks[turn.Side].Mask(masked)
		if !bytes.Equal(masked, turn.Data) {
			v.add(v.wire, "turns", "turn %d holds what redaction masks", index)
			return
		}
		for _, s := range masks[turn.Side].Take() {
			spans = append(spans, wire.Redaction{Where: "turn", Index: index, Off: s.Off - begin[turn.Side], Len: s.Len})
		}
	}
	v.sameSpans(v.wire, t.Redacted, joined(spans))
}

// pastEOF returns err unless it is io.EOF.
func pastEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// Relist sets m.Redacted to the ranges of m, a message of it, that rules mask.
// It changes nothing if these are listed there already. A secret that was neither
// moved nor changed keeps its tag.
func Relist(rules *redact.Rules, it *wire.Interaction, m *wire.Message) error {
	again := masking{rules: rules, it: it}
	spans, err := again.message(m)
	if err != nil {
		return err
	}
	spans = spans[:min(len(spans), maxListed)]
	if slices.Equal(joined(m.Redacted), spans) {
		return nil
	}
	for i, s := range spans {
		for _, r := range m.Redacted {
			tag := r.Tag
			if r.Tag = ""; r == s {
				spans[i].Tag = tag
			}
		}
	}
	m.Redacted = spans
	return nil
}
