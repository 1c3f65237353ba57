package matchers

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/wiretape/wiretape/internal/jsondiff"
)

// piece is a named part of a body: a part of a multipart body, or a file of an
// archive.
type piece struct {
	name, kind string
	size       int64
	sum        string
	head       []byte // the beginning, for an explanation
}

func (p piece) sizeText() string { return fmt.Sprintf("%d B", p.size) }

// isText reports whether the piece was kept whole and people can read it.
func (p piece) isText() bool { return int64(len(p.head)) == p.size && isText(p.head) }

// beginning keeps the first bytes that are written to it.
type beginning struct {
	data []byte
	max  int
}

// Write implements io.Writer. It never fails.
func (b *beginning) Write(p []byte) (int, error) {
	b.data = append(b.data, p[:min(len(p), b.max-len(b.data))]...)
	return len(p), nil
}

// pieceMax is how many bytes of each piece are kept for an explanation.
const pieceMax = 64 << 10

// pieces returns the pieces of a body that was read before.
func (c content) pieces(read func(h http.Header, body io.Reader, keep int) ([]piece, error)) []piece {
	body, err := c.open()
	if err != nil {
		return nil
	}
	defer body.Close()
	all, _ := read(c.header, body, pieceMax)
	return all
}

// diffPieces compares two lists of pieces and returns lines for each piece
// that differs. It returns nothing where only their order differs.
func diffPieces(live, recorded []piece) []line {
	was := map[string]piece{}
	for _, p := range recorded {
		was[p.name] = p
	}
	var lines []line
	for _, p := range live {
		q, ok := was[p.name]
		delete(was, p.name)
		switch {
		case !ok:
			lines = append(lines, line{shownName(p.name) + " was not recorded", Difference{"body " + p.name, p.sizeText(), ""}})
		case p.kind != q.kind:
			got, want := strconv.Quote(p.kind), strconv.Quote(q.kind)
			lines = append(lines, line{shownName(p.name) + ": " + insteadOf(got, want), Difference{"body " + p.name, got, want}})
		case p.sum != q.sum:
			lines = append(lines, diffPiece(p, q)...)
		}
	}
	for _, p := range recorded {
		if _, ok := was[p.name]; ok {
			lines = append(lines, line{shownName(p.name) + " is missing", Difference{"body " + p.name, "", p.sizeText()}})
		}
	}
	return lines
}

// diffPiece compares the contents of two pieces of one name.
func diffPiece(live, recorded piece) []line {
	where := "body " + live.name
	if live.isText() && recorded.isText() {
		return diffTexts(live, recorded)
	}
	d := Difference{where, live.sizeText(), recorded.sizeText()}
	text := shownName(live.name) + ": other contents, " + insteadOf(d.Got, d.Want)
	if at := firstDifference(live.head, recorded.head); at < max(len(live.head), len(recorded.head)) {
		text += fmt.Sprintf(", different from byte %d on", at)
	}
	return []line{{text, d}}
}

// diffTexts compares the texts of two pieces: single lines as values, others line by
// line.
func diffTexts(live, recorded piece) (lines []line) {
	name := shownName(live.name)
	got, want := string(live.head), string(recorded.head)
	if !strings.Contains(strings.TrimSuffix(got, "\n"), "\n") && !strings.Contains(strings.TrimSuffix(want, "\n"), "\n") && live.kind != fileKind {
		d := Difference{"body " + live.name, jsondiff.Quote(got), jsondiff.Quote(want)}
		return []line{{name + ": " + insteadOf(d.Got, d.Want), d}}
	}
	for _, l := range diffJSON("body "+live.name, linesOf(recorded.head), linesOf(live.head)) {
		l.text = name + ", " + l.text
		lines = append(lines, l)
	}
	return lines
}

// shownName returns a name, quoted where it would be hard to read as it is.
func shownName(name string) string {
	if quoted := strconv.Quote(name); quoted != `"`+name+`"` || name == "" || strings.ContainsAny(name, " ,:") && !strings.HasPrefix(name, "part ") {
		return quoted
	}
	return name
}
