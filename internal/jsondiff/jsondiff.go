// Package jsondiff describes the differences between two JSON values, or
// between the lines of two texts, for people.
package jsondiff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// Decode returns the JSON values in a body: the only one, or a list of those
// in a stream. Numbers are json.Number. It reports false where body is not
// JSON.
func Decode(body []byte) (v any, ok bool) {
	d := json.NewDecoder(bytes.NewReader(bytes.ReplaceAll(body, []byte{0x1e}, nil)))
	d.UseNumber()
	var all []any
	for {
		var v any
		err := d.Decode(&v)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, false
		}
		all = append(all, v)
	}
	switch len(all) {
	case 0:
		return nil, false
	case 1:
		return all[0], true
	}
	return all, true
}

// maxDifferences is the number of differences that are listed for one body.
const maxDifferences = 50

// Difference is a place where two values differ. Old and New are JSON, shortened
// where they are long. The value of a side that has nothing there is empty.
type Difference struct {
	Where    string // path from "$", or "line 3" in a text
	Old, New string // the values as JSON, or lines of a text
}

// String returns the difference as one line.
func (d Difference) String() string {
	switch {
	case d.Where == "":
		return d.New
	case d.Old == "":
		return d.Where + " added: " + d.New
	case d.New == "":
		return d.Where + " gone: " + d.Old
	}
	return d.Where + ": " + d.Old + " -> " + d.New
}

// Differences returns the differences between two JSON values, with paths from
// "$", or between the lines of two texts ([]string), with the numbers of lines.
// It lists 50 at most: one more element counts the rest in words and has no
// Where.
func Differences(a, b any) []Difference {
	all := compare(a, b)
	if more := len(all) - maxDifferences; more > 0 {
		rest := Difference{New: fmt.Sprintf("has %d more differences", more)}
		return append(all[:maxDifferences:maxDifferences], rest)
	}
	return all
}

// Paths returns the paths at which two JSON values differ, from "$".
func Paths(a, b any) (paths []string) {
	for _, d := range compare(a, b) {
		paths = append(paths, d.Where)
	}
	return paths
}

func compare(a, b any) []Difference {
	var r reporter
	_, r.text = a.([]string)
	cmp.Equal(a, b, cmp.Reporter(&r))
	return r.found
}

// reporter collects the differences that go-cmp finds.
type reporter struct {
	path  cmp.Path
	text  bool // the values are lines
	found []Difference
}

// PushStep implements the interface of cmp.Reporter.
func (r *reporter) PushStep(s cmp.PathStep) { r.path = append(r.path, s) }

// PopStep implements the interface of cmp.Reporter.
func (r *reporter) PopStep() { r.path = r.path[:len(r.path)-1] }

// Report implements the interface of cmp.Reporter.
func (r *reporter) Report(result cmp.Result) {
	if result.Equal() {
		return
	}
	x, y := r.path.Last().Values()
	d := Difference{Where: r.where()}
	if x.IsValid() {
		d.Old = show(x)
	}
	if y.IsValid() {
		d.New = show(y)
	}
	r.found = append(r.found, d)
}

// plainKey matches keys that a path has without quotes.
var plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// where returns the path of a difference. An index counts in the first value,
// or in the second for an added element; both indices stand there where they
// differ.
func (r *reporter) where() string {
	var b strings.Builder
	b.WriteByte('$')
	for _, s := range r.path {
		switch s := s.(type) {
		case cmp.MapIndex:
			key := s.Key().String()
			if plainKey.MatchString(key) {
				b.WriteString("." + key)
			} else {
				fmt.Fprintf(&b, "[%q]", key)
			}
		case cmp.SliceIndex:
			i, j := s.SplitKeys()
			if i < 0 {
				i = j
			}
			switch {
			case r.text:
				return fmt.Sprintf("line %d", i+1)
			case j < 0 || i == j:
				fmt.Fprintf(&b, "[%d]", i)
			default:
				fmt.Fprintf(&b, "[%d->%d]", i, j)
			}
		}
	}
	return b.String()
}

// show returns a value as JSON, shortened where it is long.
func show(v reflect.Value) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v.Interface()); err != nil {
		return fmt.Sprint(v) // decoded JSON has no such value
	}
	return cut(strings.TrimSuffix(b.String(), "\n"))
}

// Quote quotes s in Go syntax, shortened where it is long.
func Quote(s string) string { return cut(strconv.Quote(s)) }

func cut(s string) string {
	const most = 120
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
