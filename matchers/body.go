package matchers

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/wiretape/wiretape/internal/jsondiff"
)

// Body returns a Matcher of requests whose bodies have the same bytes.
func Body() Matcher { return bodies{} }

// Content returns a Matcher of requests whose bodies hold the same content. It
// compares two bodies as [Multipart], [Form], [Tar] or [JSON] does, whichever
// fits first, those packed with gzip or zstd by what is in them, and others byte for
// byte. The JSON paths and the fields of forms in ignore do not count: an entry
// that begins with "$" is a path.
func Content(ignore ...string) Matcher {
	var paths, names []string
	for _, s := range ignore {
		if strings.HasPrefix(s, "$") {
			paths = append(paths, s)
		} else {
			names = append(names, s)
		}
	}
	return bodies{multipartForm{names}, urlencoded{names}, tarball{}, newJSONForm(paths), packed{}}
}

// form reads bodies of one kind, in which different bytes may hold the same
// content.
type form interface {
	// write writes the content of a body, whose request has header h, in a
	// normal form: equal content gives equal bytes. It returns errForm where
	// the body is of another form.
	write(w io.Writer, h http.Header, body io.Reader) error
	// diff finds the differences of two bodies of that form.
	diff(live, recorded content) []line
}

// errForm reports that a body is of another form.
var errForm = errors.New("the body is of another form")

// content is a request's body with the header that tells how to read it.
type content struct {
	header http.Header
	open   func() (io.ReadCloser, error)
}

// contentOf returns the body of r. Each opening reads it from its beginning,
// and r keeps it.
func contentOf(r *http.Request) (content, error) {
	c := content{header: r.Header, open: r.GetBody}
	switch {
	case r.Body == nil || r.Body == http.NoBody:
		c.open = func() (io.ReadCloser, error) { return http.NoBody, nil }
		return c, nil
	case r.GetBody != nil:
		return c, nil
	}
	kept, ok := r.Body.(*keptBody)
	if !ok || kept.Len() != len(kept.data) {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			r.Body = broken{io.MultiReader(bytes.NewReader(data), failing{err}), r.Body}
			return c, err
		}
		r.Body.Close()
		kept = &keptBody{bytes.NewReader(data), data}
		r.Body = kept
	}
	c.open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(kept.data)), nil }
	return c, nil
}

// keptBody is a body that was read and put back.
type keptBody struct {
	*bytes.Reader
	data []byte
}

func (*keptBody) Close() error { return nil }

// broken is a body whose reading failed, put back with its error.
type broken struct {
	io.Reader
	io.Closer
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// bodies matches requests by their bodies, read in the first of the forms that
// fits, or as bytes.
type bodies []form

// Match implements Matcher.
func (m bodies) Match(r *http.Request, recorded cassette.Request) bool {
	other, err := Request(recorded)
	if err != nil {
		return false
	}
	live, _, errLive := m.sum(r)
	was, _, errWas := m.sum(other)
	return errLive == nil && errWas == nil && live == was
}

// Key implements Matcher. The key of a body that cannot be read is empty.
func (m bodies) Key(r *http.Request) (string, bool) {
	sum, _, err := m.sum(r)
	if err != nil {
		return "", true
	}
	return sum, true
}

// sum returns a digest of the content of r's body, and the form it was read
// in, nil for bytes.
func (m bodies) sum(r *http.Request) (string, form, error) {
	c, err := contentOf(r)
	if err != nil {
		return "", nil, err
	}
	if plain := c.decoded(); len(m) > 0 && plain.open != nil {
		if sum, f, err := m.sumOf(plain); err == nil {
			return sum, f, nil
		}
	}
	return m.sumOf(c)
}

// sumOf is sum for a body that is not encoded.
func (m bodies) sumOf(c content) (string, form, error) {
	for i, f := range m {
		sum, err := c.sum(func(w io.Writer, body io.Reader) error { return f.write(w, c.header, body) })
		if err == nil {
			// The number keeps bodies of different forms apart, even where
			// their normal forms have the same bytes.
			return fmt.Sprintf("%d:%s", i, sum), f, nil
		}
		if !errors.Is(err, errForm) {
			return "", nil, err
		}
	}
	sum, err := c.sum(copyBody)
	return sum, nil, err
}

func copyBody(w io.Writer, body io.Reader) error {
	_, err := io.Copy(w, body)
	return err
}

// sum returns the digest of the bytes that write makes of the body.
func (c content) sum(write func(io.Writer, io.Reader) error) (string, error) {
	body, err := c.open()
	if err != nil {
		return "", err
	}
	defer body.Close()
	h := sha256.New()
	if err := write(h, body); err != nil {
		return "", err
	}
	return string(h.Sum(nil)), nil
}

// Explain implements Matcher.
func (m bodies) Explain(r *http.Request, recorded cassette.Request) string {
	return explain(m.find(r, recorded))
}

func (m bodies) find(r *http.Request, recorded cassette.Request) []part {
	other, err := Request(recorded)
	if err != nil {
		return unparsable("body", err)
	}
	live, f, err := m.sum(r)
	if err != nil {
		return remark("body", fmt.Sprintf("it cannot be read: %v", err))
	}
	was, g, err := m.sum(other)
	if err != nil {
		return remark("body", fmt.Sprintf("the recorded one cannot be read: %v", err))
	}
	if live == was {
		return nil
	}
	a, _ := contentOf(r) // it was read before
	b, _ := contentOf(other)
	if len(m) > 0 {
		a, b = a.plain(), b.plain()
	}
	var lines []line
	if f != nil && sameForm(f, g) {
		lines = f.diff(a, b)
	}
	if len(lines) == 0 {
		lines = diffBytes(a, b)
	}
	return []part{{"body", lines}}
}

// sameForm reports whether both bodies were read in the same form.
func sameForm(f, g form) bool { return fmt.Sprintf("%T", f) == fmt.Sprintf("%T", g) }

// lookMax is the size in bytes of the largest body that is searched for
// differences, or parsed as a whole.
const lookMax = 16 << 20

// read returns the body. It fails where the body is longer than lookMax.
func (c content) read() ([]byte, error) {
	body, err := c.open()
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return readAll(body)
}

// readAll reads a body that is parsed as a whole.
func readAll(body io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(body, lookMax+1))
	if err == nil && len(data) > lookMax {
		err = errForm
	}
	return data, err
}

// diffBytes finds the differences of two bodies that may be JSON, text or
// neither.
func diffBytes(live, recorded content) []line {
	a, errA := recorded.read()
	b, errB := live.read()
	if errA != nil || errB != nil {
		return remark("body", "other bytes, too many to be compared here")[0].lines
	}
	return diffData(b, a)
}

func diffData(b, a []byte) []line {
	d := Difference{"body", fmt.Sprintf("%d B", len(b)), fmt.Sprintf("%d B", len(a))}
	switch {
	case len(a) == 0:
		d.Want = ""
		return []line{{d.Got + ", recorded without one", d}}
	case len(b) == 0:
		d.Got = ""
		return []line{{"none instead of " + d.Want, d}}
	}
	if lines := diffReadable(b, a); len(lines) > 0 {
		return lines
	}
	// Values or lines that are equal can still have different bytes: white
	// space in JSON, say. The position is all there is to say then.
	return []line{{fmt.Sprintf("%s, different from byte %d on", insteadOf(d.Got, d.Want), firstDifference(a, b)), d}}
}

// diffReadable compares two bodies that both are JSON, or text of several lines.
func diffReadable(live, recorded []byte) []line {
	x, isJSON := jsondiff.Decode(recorded)
	y, isToo := jsondiff.Decode(live)
	switch {
	case isJSON && isToo:
		return diffJSON("body", x, y)
	case isText(recorded) && isText(live):
		return diffJSON("body", linesOf(recorded), linesOf(live))
	}
	return nil
}

func linesOf(text []byte) []string { return strings.SplitAfter(string(text), "\n") }

// firstDifference returns the offset of the first byte in which a and b differ.
func firstDifference(a, b []byte) (at int) {
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	return at
}

// isText reports whether people can read b.
func isText(b []byte) bool { return utf8.Valid(b) && !bytes.ContainsRune(b, 0) }
