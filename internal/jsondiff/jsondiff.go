// Package jsondiff says what differs between two JSON values, or between the
// lines of two texts, for people.
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

// Decode returns a body's JSON values: one, or the list of those in a stream.
func Decode(body []byte) (v any, ok bool) {
	d := json.NewDecoder(bytes.NewReader(bytes.ReplaceAll(body, []byte{0x1e}, nil)))
	d.UseNumber()
	var all []any
	for {
		var v any
		if err := d.Decode(&v); err == io.EOF {
			break
		} else if err != nil {
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

// maxDifferences is how many differences of one body are listed.
const maxDifferences = 50

// Differences returns the differences between two values, one a line, each
// with its path from "$", or, where the values are the lines of a text, with
// the number of the line.
func Differences(a, b any) []string {
	var r reporter
	_, r.text = a.([]string)
	cmp.Equal(a, b, cmp.Reporter(&r))
	if more := len(r.lines) - maxDifferences; more > 0 {
		r.lines = append(r.lines[:maxDifferences:maxDifferences], fmt.Sprintf("has %d more differences", more))
	}
	return r.lines
}

// Paths returns the paths at which two JSON values differ, from "$".
func Paths(a, b any) []string {
	var r reporter
	cmp.Equal(a, b, cmp.Reporter(&r))
	return r.paths
}

// reporter collects what go-cmp finds.
type reporter struct {
	path  cmp.Path
	text  bool // the values are lines
	lines []string
	paths []string // of the lines
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
	path := r.where()
	r.paths = append(r.paths, path)
	switch {
	case !x.IsValid():
		r.lines = append(r.lines, fmt.Sprintf("%s added: %s", path, show(y)))
	case !y.IsValid():
		r.lines = append(r.lines, fmt.Sprintf("%s gone: %s", path, show(x)))
	default:
		r.lines = append(r.lines, fmt.Sprintf("%s: %s -> %s", path, show(x), show(y)))
	}
}

// plainKey matches keys that a path has without quotes.
var plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// where returns the path. An index is that of the first value, or, of what was
// added, of the second; both stand there where they differ.
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

// show returns a value as JSON, cut where it is long.
func show(v reflect.Value) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v.Interface()); err != nil {
		return fmt.Sprint(v) // decoded JSON has no such value
	}
	return cut(strings.TrimSuffix(b.String(), "\n"))
}

// Quote quotes s, cut where it is long.
func Quote(s string) string { return cut(strconv.Quote(s)) }

func cut(s string) string {
	const most = 120
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
