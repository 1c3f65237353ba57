package matchers

import (
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/wiretape/wiretape/internal/target"
)

// Form returns a Matcher of requests whose bodies are the same form, of the
// type application/x-www-form-urlencoded. The order of keys does not count,
// the order of one key's values does. Other bodies are compared byte for byte.
func Form() Matcher { return bodies{urlencoded{}} }

// urlencoded reads bodies as forms.
type urlencoded struct{}

func (urlencoded) write(w io.Writer, h http.Header, body io.Reader) error {
	if mediaType(h) != "application/x-www-form-urlencoded" {
		return errForm
	}
	data, err := readAll(body)
	if err != nil {
		return err
	}
	_, err = w.Write(target.AppendQuery(nil, data))
	return err
}

func (urlencoded) diff(live, recorded content) []line {
	a, errA := live.read()
	b, errB := recorded.read()
	if errA != nil || errB != nil {
		return nil
	}
	return diffValues("body", pairs(string(target.AppendQuery(nil, a))), pairs(string(target.AppendQuery(nil, b))))
}

// mediaType returns the media type of a body by its header, in lower case,
// without parameters.
func mediaType(h http.Header) string {
	t, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(t))
}

// Multipart returns a Matcher of requests whose bodies have the same parts in
// the same order, each with the same fields and contents. The boundary between
// them does not count: clients make it up. Bodies that are not multipart are
// compared byte for byte.
func Multipart() Matcher { return bodies{multipartForm{}} }

// multipartForm reads bodies of many parts.
type multipartForm struct{}

// parts reads the parts of a body, as they stand: their transfer encoding is
// not decoded.
func parts(h http.Header, body io.Reader) ([]piece, error) {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") || params["boundary"] == "" {
		return nil, errForm
	}
	var all []piece
	r := multipart.NewReader(body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errForm, err)
		}
		sum := sha256.New()
		n, err := io.Copy(sum, p)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errForm, err)
		}
		name := p.FormName()
		if name == "" {
			name = fmt.Sprintf("part %d", len(all)+1)
		}
		var header strings.Builder
		for _, key := range slices.Sorted(maps.Keys(p.Header)) {
			fmt.Fprintf(&header, "%s: %q\n", key, p.Header[key])
		}
		all = append(all, piece{name, header.String(), n, string(sum.Sum(nil))})
	}
}

func (multipartForm) write(w io.Writer, h http.Header, body io.Reader) error {
	all, err := parts(h, body)
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

func (multipartForm) diff(live, recorded content) []line {
	return diffPieces(live.pieces(parts), recorded.pieces(parts))
}

// piece is a named part of a body, for an explanation.
type piece struct {
	name, kind string
	size       int64
	sum        string
}

func (p piece) sizeText() string { return fmt.Sprintf("%d B", p.size) }

// pieces returns the pieces of a body that was read before.
func (c content) pieces(read func(http.Header, io.Reader) ([]piece, error)) []piece {
	body, err := c.open()
	if err != nil {
		return nil
	}
	defer body.Close()
	all, _ := read(c.header, body)
	return all
}

// diffPieces compares two lists of pieces and returns a line for each piece
// that differs. It returns nothing where only their order differs.
func diffPieces(live, recorded []piece) []line {
	was := map[string]piece{}
	for _, p := range recorded {
		was[p.name] = p
	}
	var lines []line
	add := func(name, text, got, want string) {
		lines = append(lines, line{strconv.Quote(name) + text, Difference{"body " + name, got, want}})
	}
	for _, p := range live {
		q, ok := was[p.name]
		delete(was, p.name)
		got, want := p.sizeText(), q.sizeText()
		switch {
		case !ok:
			add(p.name, " was not recorded", got, "")
		case p.kind != q.kind:
			got, want = strconv.Quote(p.kind), strconv.Quote(q.kind)
			add(p.name, ": "+insteadOf(got, want), got, want)
		case p.sum != q.sum:
			add(p.name, ": other contents, "+insteadOf(got, want), got, want)
		}
	}
	for _, p := range recorded {
		if _, ok := was[p.name]; ok {
			add(p.name, " is missing", "", p.sizeText())
		}
	}
	return lines
}
