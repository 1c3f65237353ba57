package matchers

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/wiretape/wiretape/internal/jsondiff"
)

// maxLines is the number of differences that an explanation lists of one part
// of a request. With the other parts it should fit a screen.
const maxLines = 20

// A Difference is one place where a live request differs from a recorded one.
type Difference struct {
	// Where names the place: "method", "path", "API version", "query since",
	// "header Accept", "body", "body $.HostConfig.Memory", "body line 3".
	Where string `json:"where,omitempty"`
	// Got is the live request's value and Want the recorded one's, shortened
	// where they are long. The value of a request that has nothing at this
	// place is "".
	Got  string `json:"got,omitempty"`
	Want string `json:"want,omitempty"` // of the recorded request; as Got
}

// Differences returns the places where m finds that r differs from a recorded
// request, in the order of Explain, or nil where they match. A Matcher of
// another package gives one difference, whose Got is the text of Explain and
// whose Where is "".
func Differences(m Matcher, r *http.Request, recorded cassette.Request) (all []Difference) {
	for _, p := range find(m, r, recorded) {
		for _, l := range p.lines {
			all = append(all, l.Difference)
		}
	}
	return all
}

// finder is a Matcher that finds differences as values. Explain makes its text
// of them, so that the two cannot contradict each other.
type finder interface {
	find(r *http.Request, recorded cassette.Request) []part
}

// part holds the differences of one part of a request: its query, its body.
type part struct {
	name  string // begins the text; "" of a foreign Matcher
	lines []line
}

// line is a difference with its text.
type line struct {
	text string
	Difference
}

// find returns the differences that m finds.
func find(m Matcher, r *http.Request, recorded cassette.Request) []part {
	if f, ok := m.(finder); ok {
		return f.find(r, recorded)
	}
	if text := m.Explain(r, recorded); text != "" {
		return []part{{lines: []line{{text, Difference{Got: text}}}}}
	}
	return nil
}

// explain returns the text of parts, one section each.
func explain(parts []part) string {
	var texts []string
	for _, p := range parts {
		texts = append(texts, p.section())
	}
	return strings.Join(texts, "\n")
}

// section returns the text of a part: one difference stands behind the name,
// several below it, and no more than a screen has room for.
func (p part) section() string {
	if p.name == "" {
		return p.lines[0].text
	}
	if len(p.lines) == 1 {
		return p.name + ": " + p.lines[0].text
	}
	var b strings.Builder
	b.WriteString(p.name + ":")
	for _, l := range p.lines[:min(len(p.lines), maxLines)] {
		b.WriteString("\n  " + l.text)
	}
	if more := len(p.lines) - maxLines; more > 0 {
		fmt.Fprintf(&b, "\n  and %d more differences", more)
	}
	return b.String()
}

// single returns the one difference of a part that is compared as a whole.
func single(name, live, recorded string) []part {
	return []part{{name, []line{{insteadOf(live, recorded), Difference{name, live, recorded}}}}}
}

// remark returns a part that could not be compared, with the reason.
func remark(name, text string) []part {
	return []part{{name, []line{{text, Difference{Where: name, Got: text}}}}}
}

// diffValues compares the values of keys and returns a line for each key that
// differs. Name is the part that has the keys.
func diffValues(name string, live, recorded map[string][]string) []line {
	keys := slices.Sorted(maps.Keys(live))
	for key := range recorded {
		if _, ok := live[key]; !ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	var lines []line
	for _, key := range keys {
		now, isLive := live[key]
		was, isRecorded := recorded[key]
		if cmp.Equal(now, was) {
			continue
		}
		d := Difference{name + " " + key, showValues(now), showValues(was)}
		text := insteadOf(d.Got, d.Want)
		switch {
		case !isRecorded:
			text = d.Got + ", which was not recorded"
		case !isLive:
			text = "missing, recorded as " + d.Want
		}
		lines = append(lines, line{key + ": " + text, d})
	}
	return lines
}

func showValues(values []string) string {
	var quoted []string
	for _, v := range values {
		quoted = append(quoted, jsondiff.Quote(v))
	}
	return strings.Join(quoted, ", ")
}
