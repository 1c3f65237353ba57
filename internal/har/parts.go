package har

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// parsedHead is a head taken apart.
type parsedHead struct {
	start  string
	fields []Pair
}

// parseHead takes a head apart. Its fields are never nil: HAR wants a list.
func parseHead(section []byte) *parsedHead {
	start, fields := http1.Split(section, true)
	p := &parsedHead{start: string(start), fields: []Pair{}}
	for _, f := range fields {
		p.fields = append(p.fields, Pair{string(f.Name), string(f.Value)})
	}
	return p
}

// value returns the value of the first field with that name, or "".
func (p *parsedHead) value(name string) string {
	for _, f := range p.fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// cookies returns the cookies in the fields with that name, which is Cookie or
// Set-Cookie.
func cookies(fields []Pair, name string) []Pair {
	all := []Pair{}
	for _, f := range fields {
		if !strings.EqualFold(f.Name, name) {
			continue
		}
		if name == "Set-Cookie" {
			if c, err := http.ParseSetCookie(f.Value); err == nil {
				all = append(all, Pair{c.Name, c.Value})
			}
			continue
		}
		list, _ := http.ParseCookie(f.Value) // unreadable ones stay in the headers
		for _, c := range list {
			all = append(all, Pair{c.Name, c.Value})
		}
	}
	return all
}

// query returns the pairs in a target's query, in order.
func query(target string) []Pair {
	all := []Pair{}
	_, q, _ := strings.Cut(target, "?")
	for part := range strings.SplitSeq(q, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		all = append(all, Pair{unescape(name), unescape(value)})
	}
	return all
}

// unescape decodes the escapes of a query. A string with wrong ones stays as
// it is.
func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// text returns a body for JSON: as text, or in base64.
func text(body []byte) (s, encoding string) {
	if utf8.Valid(body) && bytes.IndexByte(body, 0) < 0 {
		return string(body), ""
	}
	return base64.StdEncoding.EncodeToString(body), "base64"
}

// decoded returns a body without its content coding. It reports false where
// the coding is unknown, or the body too large.
func decoded(coding string, body []byte) (plain []byte, ok bool) {
	var r io.Reader
	var err error
	switch strings.ToLower(coding) {
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(bytes.NewReader(body))
	case "deflate":
		r, err = zlib.NewReader(bytes.NewReader(body))
	default:
		return nil, false
	}
	if err != nil {
		return nil, false
	}
	plain, err = io.ReadAll(io.LimitReader(r, MaxBody+1))
	return plain, err == nil && len(plain) <= MaxBody
}

// wireMessage makes our own block of a message. usual is the head that a
// reader would make of the archive's fields.
func wireMessage(m *cassettes.Message, usual []byte) (*Message, error) {
	out := &Message{
		Seq: m.Seq, Start: Milliseconds(m.Start), Framing: m.Framing.String(),
		Trailer: m.Trailer, End: string(m.End), Missing: m.Missing, Masked: masks(m.Redacted, "trailer"),
	}
	if !slices.Equal(usual, m.Head) {
		out.Head = m.Head
	}
	for _, i := range m.Interim {
		out.Interim = append(out.Interim, Frame{Head: i.Head, Seq: i.Seq})
	}
	head := true
	for f, err := range m.FrameDetails() {
		switch {
		case err != nil:
			return nil, err
		case head:
			out.Splits, head = splits(f.Splits), false
		default:
			out.Frames = append(out.Frames, Frame{Size: f.Size, Seq: f.Seq, Wait: Milliseconds(f.Wait), Line: f.ChunkLine, Splits: splits(f.Splits)})
		}
	}
	for _, c := range m.Closed {
		out.Closed = append(out.Closed, Frame{Mark: string(c.Mark), Seq: c.Seq, Wait: Milliseconds(c.Wait)})
	}
	return out, nil
}

func splits(of []cassettes.Split) (list []Split) {
	for _, s := range of {
		list = append(list, Split{s.Offset, s.Seq})
	}
	return list
}

// masks returns the masks at one place: "trailer" or "turn".
func masks(of []cassettes.Redaction, where string) (list []Mask) {
	for _, r := range of {
		if r.Where == where {
			list = append(list, Mask{r.Index, r.Off, r.Len})
		}
	}
	return list
}

// turns makes our own block of a stream, nil where there is none.
func turns(t *cassettes.Turns) (list []Turn, err error) {
	if t == nil {
		return nil, nil
	}
	for turn, err := range t.All() {
		if err != nil {
			return nil, err
		}
		list = append(list, Turn{
			Side: turn.Side.String(), Mark: string(turn.Mark), Seq: turn.Seq,
			Wait: Milliseconds(turn.Wait), Data: slices.Clone(turn.Data),
		})
	}
	return list, nil
}
