package matchers

import (
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/wiretape/wiretape/internal/meaning"
	"github.com/wiretape/wiretape/internal/target"
)

// Form returns a Matcher of requests whose bodies are the same form, of the
// type application/x-www-form-urlencoded. The order of keys does not count,
// the order of one key's values does, and values that are JSON are compared by
// meaning. The fields in ignore do not count, or, of an entry "field:$.path",
// values in a field's JSON. Other bodies are compared byte for byte.
func Form(ignore ...string) Matcher { return bodies{urlencoded{ignore}} }

// urlencoded reads bodies as forms.
type urlencoded struct{ ignore []string }

func (u urlencoded) write(w io.Writer, h http.Header, body io.Reader) error {
	if mediaType(h) != "application/x-www-form-urlencoded" {
		return errForm
	}
	data, err := readAll(body)
	if err != nil {
		return err
	}
	// curl --data sends JSON as a form, unless it is told otherwise.
	if meaning.IsCompound(string(data)) {
		return errForm
	}
	_, err = io.WriteString(w, u.normal(data))
	return err
}

// normal returns all that counts of a form.
func (u urlencoded) normal(data []byte) string {
	return queryOf(u.ignore, nil).normal(string(data))
}

func (u urlencoded) diff(live, recorded content) []line {
	a, errA := live.read()
	b, errB := recorded.read()
	if errA != nil || errB != nil {
		return nil
	}
	return diffPairs("body", u.normal(a), u.normal(b))
}

// mediaType returns the media type of a body by its header, in lower case,
// without parameters.
func mediaType(h http.Header) string {
	t, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(t))
}

// Multipart returns a Matcher of requests whose bodies have the same parts in
// the same order, each with the same header fields and contents. The boundary between
// them does not count: clients make it up. Parts that are multipart are
// compared in the same way. The form fields in ignore do not count. Bodies that are not multipart are
// compared byte for byte.
func Multipart(ignore ...string) Matcher { return bodies{multipartForm{ignore}} }

// multipartForm reads bodies of many parts.
type multipartForm struct{ ignore []string }

// parts reads the parts of a body, as they stand: their transfer encoding is
// not decoded. It keeps the beginnings of their contents, up to keep bytes.
func (m multipartForm) parts(h http.Header, body io.Reader, keep int) ([]piece, error) {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") || params["boundary"] == "" {
		return nil, errForm
	}
	var all []piece
	seen := map[string]int{}
	r := multipart.NewReader(body, params["boundary"])
	for n := 1; ; n++ {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errForm, err)
		}
		name := part.FormName()
		if name != "" && slices.Contains(m.ignore, name) {
			continue
		}
		p, err := m.piece(part, keep)
		if err != nil {
			return nil, err
		}
		if p.name = name; name == "" {
			p.name = fmt.Sprintf("part %d", n)
		}
		if seen[p.name]++; seen[p.name] > 1 {
			p.name = fmt.Sprintf("%s (%d)", p.name, seen[p.name])
		}
		all = append(all, p)
	}
}

// piece reads one part. A part of many parts is the sum of these.
func (m multipartForm) piece(part *multipart.Part, keep int) (piece, error) {
	p := piece{kind: fieldsText(part.Header)}
	sum := sha256.New()
	kept := beginning{max: keep}
	var err error
	if strings.HasPrefix(mediaType(http.Header(part.Header)), "multipart/") {
		err = m.write(sum, http.Header(part.Header), part)
	} else {
		p.size, err = io.Copy(io.MultiWriter(sum, &kept), part)
	}
	if err != nil {
		return p, fmt.Errorf("%w: %w", errForm, err)
	}
	p.sum, p.head = string(sum.Sum(nil)), kept.data
	return p, nil
}

// fieldsText returns the fields of a part, without a boundary.
func fieldsText(h textproto.MIMEHeader) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(h)) {
		values := h[key]
		if key == "Content-Type" {
			values = withoutBoundary(values)
		}
		fmt.Fprintf(&b, "%s: %q\n", key, values)
	}
	return b.String()
}

// withoutBoundary returns media types without the boundary that a client made up.
func withoutBoundary(types []string) []string {
	var all []string
	for _, t := range types {
		kind, params, err := mime.ParseMediaType(t)
		if err == nil && strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" {
			delete(params, "boundary")
			t = mime.FormatMediaType(kind, params)
		}
		all = append(all, t)
	}
	return all
}

func (m multipartForm) write(w io.Writer, h http.Header, body io.Reader) error {
	all, err := m.parts(h, body, 0)
	if err != nil {
		return err
	}
	for _, p := range all {
		if _, err := fmt.Fprintf(w, "%q %x\n", p.kind, p.sum); err != nil {
			return err
		}
	}
	return nil
}

func (m multipartForm) diff(live, recorded content) []line {
	return diffPieces(live.pieces(m.parts), recorded.pieces(m.parts))
}

// queryOf returns the Query of words that may be wrong: those ignore nothing.
func queryOf(ignore, sets []string) query {
	var right []string
	for _, s := range ignore {
		if _, err := meaning.NewQuery([]string{s}, nil); err == nil {
			right = append(right, s)
		}
	}
	q, _ := meaning.NewQuery(right, sets) // each was tried
	return query{q}
}

// query brings queries and forms into a normal form.
type query struct{ meaning.Query }

func (q query) normal(text string) string {
	return string(q.Append(nil, target.AppendQuery(nil, text)))
}
