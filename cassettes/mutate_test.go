package cassettes

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/wiretape/wiretape/cassettes/internal/encode"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/yamltext"
)

// scalarAt is a scalar under wire: where it is and the keys that lead to it.
type scalarAt struct {
	path     string
	line     int
	from, to int
	text     string
	quoted   bool
}

// wireScalars returns the scalars under wire of a cassette in the canonical
// layout.
func wireScalars(t *testing.T, text []byte) (list []scalarAt) {
	t.Helper()
	start := bytes.Index(text, []byte("\n  - id: ")) + 1
	line := 1 + bytes.Count(text[:start], []byte("\n"))
	for start < len(text) {
		end := len(text)
		if i := bytes.Index(text[start+1:], []byte("\n  - id: ")); i >= 0 {
			end = start + 1 + i + 1
		}
		item := text[start:end:end]
		var p yamltext.Parser
		if err := encode.ParseItem(&p, item, line); err != nil {
			t.Fatal(err)
		}
		var walk func(at int, path string)
		walk = func(at int, path string) {
			switch p.Kind(at) {
			case yamltext.Mapping:
				for k, v := range p.Pairs(at) {
					key := string(p.Raw(k))
					walk(v, path+"."+key)
				}
			case yamltext.Sequence:
				i := 0
				for c := range p.Children(at) {
					walk(c, fmt.Sprintf("%s.%d", path, i))
					i++
				}
			default:
				raw := p.Raw(at)
				off := end - cap(raw)
				list = append(list, scalarAt{path, p.Line(at), off, off + len(raw), string(raw), p.IsQuoted(at)})
			}
		}
		wire := p.Lookup(0, "wire")
		walk(wire, "wire")
		line += bytes.Count(item, []byte("\n"))
		start = end
	}
	return list
}

// isTruth reports whether s is a scalar under wire that nothing else
// determines: bytes that stand there only, times and orders.
func isTruth(s scalarAt) bool {
	parts := strings.Split(s.path, ".")
	last := parts[len(parts)-1]
	switch {
	case slices.Contains(parts, "times"), slices.Contains(parts, "seqs"), last == "seq",
		last == "conn", last == "peer", last == "session",
		slices.Contains(parts, "turns"), slices.Contains(parts, "closed"), last == "trailer_raw":
		return true
	case last == "missing": // of CR and LF behind a chunk
		return len(s.text) == 1 && s.text <= "2"
	case slices.Contains(parts, "interim"): // fields of a 1xx response
		return last != "0"
	case strings.HasPrefix(s.text, "Host: registry") || strings.HasPrefix(s.text, "Host: other"):
		return true // the target names the authority
	case slices.Contains(parts, "chunk_lines"): // a chunk extension, or leading zeros
		return strings.Contains(s.text, ";") || strings.HasPrefix(s.text, "0")
	}
	return false
}

// mutations of a scalar.
func mutations(s scalarAt) []string {
	if n, err := strconv.Atoi(s.text); err == nil && !s.quoted {
		return []string{strconv.Itoa(n + 1), strconv.Itoa(n + 17), strconv.Itoa(max(n-1, 0))}
	}
	switch s.text {
	case "none", "length", "chunked", "close", "stream":
		return []string{"none", "length", "chunked", "close", "stream"}
	case "complete", "incomplete":
		return []string{"complete", "incomplete"}
	case "head", "body", "trailer":
		return []string{"head", "body", "trailer"}
	}
	i := len(s.text) / 2
	return []string{s.text[:i] + "x" + s.text[i:], s.text[1:]}
}

func TestVerifyFindsEveryChange(t *testing.T) {
	changes := 0
	for _, it := range samples(t) {
		text, err := os.ReadFile(writeCassette(t, it))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range wireScalars(t, text) {
			if isTruth(s) {
				continue
			}
			for _, m := range mutations(s) {
				if m == s.text {
					continue
				}
				changes++
				changed := slices.Concat(text[:s.from], []byte(m), text[s.to:])
				if errs := verifyText(t, changed); !atLine(errs, s.line) {
					t.Errorf("item %d, line %d: %s: %q for %q: found %v", it.ID, s.line, s.path, m, s.text, errs)
				}
			}
		}
	}
	if changes < 500 {
		t.Errorf("made %d changes only", changes)
	}
}

func verifyText(t *testing.T, text []byte) []*FormatError {
	t.Helper()
	c, err := Open(fstest.MapFS{"c.yaml": {Data: text}}, "c.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return Verify(c)
}

func atLine(errs []*FormatError, line int) bool {
	return slices.ContainsFunc(errs, func(e *FormatError) bool { return e.Line == line })
}

// spilledCassette writes a cassette whose columns and bodies are in files.
func spilledCassette(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "c.yaml")
	w := newWriter(t, path, Options{})
	it, _ := chunkedItem(t, w, MaxColumns+5, 0)
	appendAll(t, w, it)
	for _, turns := range []int{4, MaxColumns + 5} {
		id := w.NextID()
		s := w.NewTurns(id, 1000, 10)
		for i := range turns {
			s.Data(http1.Side(i%2), int64(1000+i), 0, []byte("0123456789"))
		}
		stream, err := s.Finish()
		if err != nil {
			t.Fatal(err)
		}
		appendAll(t, w, &Interaction{ID: id, Conn: 1, Turns: stream})
	}
	closeWriter(t, w)
	return path
}

func TestVerifyFindsEveryChangeOfWhatNamesAFile(t *testing.T) {
	path := spilledCassette(t)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if errs := Verify(open(t, path)); len(errs) > 0 {
		t.Fatal(errs)
	}
	changes := 0
	for _, s := range wireScalars(t, text) {
		key := s.path[strings.LastIndexByte(s.path, '.')+1:]
		isSize := strings.HasPrefix(s.path, "wire.turns.") && key == "2"
		if !isSize && !strings.HasSuffix(key, "_file") && !strings.HasSuffix(key, "_size") && !strings.HasSuffix(key, "_count") {
			continue
		}
		for _, m := range mutations(s) {
			changes++
			if err := os.WriteFile(path, slices.Concat(text[:s.from], []byte(m), text[s.to:]), 0o666); err != nil {
				t.Fatal(err)
			}
			if errs := Verify(open(t, path)); !atLine(errs, s.line) {
				t.Errorf("line %d: %s: %q for %q: found %v", s.line, s.path, m, s.text, errs)
			}
		}
	}
	if changes < 30 {
		t.Errorf("made %d changes only", changes)
	}
}
