package compare

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// volatile matches text that differs each time a flow is recorded: dates in
// the forms of JSON, HTTP and queries, UUIDs, ids of containers and the like,
// and tokens such as a registry's _state. A digest does not count, because the
// same content has the same digest: it matches so that the id in it is left
// alone.
var volatile = regexp.MustCompile(`` +
	`(?P<time>\b[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)` +
	`|(?P<date>\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT)` +
	`|(?P<clock>\b(?:since|until)=[0-9]{9,}(?:\.[0-9]+)?)` +
	`|(?P<uuid>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b)` +
	`|(?P<digest>\bsha(?:256|384|512):[0-9a-f]+)` +
	`|(?P<id>\b[0-9a-f]{12,128}\b)` +
	`|(?P<token>[A-Za-z0-9_-]{40,}(?:=|%3D){0,2})`)

// stable returns s with volatile text replaced by its kind.
func stable(s string) string { return (&stabilizer{}).text(s) }

// stabilizer replaces volatile text in two texts that are compared. Text that
// both of them have was not issued anew, and stays.
type stabilizer struct{ common map[string]bool }

// newStabilizer returns a stabilizer for a and b.
func newStabilizer(a, b []byte) *stabilizer {
	first := make(map[string]bool)
	for _, text := range volatile.FindAll(a, -1) {
		first[string(text)] = true
	}
	s := &stabilizer{common: make(map[string]bool)}
	for _, text := range volatile.FindAll(b, -1) {
		if first[string(text)] {
			s.common[string(text)] = true
		}
	}
	return s
}

// text returns a text with volatile parts replaced by their kind.
func (s *stabilizer) text(text string) string {
	if len(text) < 12 {
		return text
	}
	return replaceAll(volatile, text, func(kind, found string) string {
		switch {
		case kind == "digest" || s.common[found]:
			return found
		case kind == "clock":
			key, _, _ := strings.Cut(found, "=")
			return key + "=<time>"
		}
		return "<" + kind + ">"
	})
}

// replaceAll replaces the matches of re. The name of the group that matched is
// their kind.
func replaceAll(re *regexp.Regexp, s string, replace func(kind, text string) string) string {
	var b strings.Builder
	end := 0
	for _, m := range re.FindAllStringSubmatchIndex(s, -1) {
		for group, name := range re.SubexpNames() {
			if name != "" && m[2*group] >= 0 {
				b.WriteString(s[end:m[0]])
				b.WriteString(replace(name, s[m[0]:m[1]]))
				end = m[1]
			}
		}
	}
	return b.String() + s[end:]
}

// timeKey matches the JSON keys of numbers that are times.
var timeKey = regexp.MustCompile(`(?i)time|date|created|started|finished|since|until|_at$|At$`)

// json returns a decoded JSON value with volatile parts replaced. Key is the
// key of v.
func (s *stabilizer) json(key string, v any) any {
	switch v := v.(type) {
	case string:
		return s.text(v)
	case json.Number:
		if timeKey.MatchString(key) && isClock(v) {
			return "<time>"
		}
		return v
	case []any:
		for i := range v {
			v[i] = s.json(key, v[i])
		}
	case map[string]any:
		return s.keys(v)
	}
	return v
}

// keys does the same for an object, whose keys may be ids. Keys that become
// equal are numbered.
func (s *stabilizer) keys(v map[string]any) map[string]any {
	out := make(map[string]any, len(v))
	for _, key := range slices.Sorted(maps.Keys(v)) {
		name := s.text(key)
		for n := 2; ; n++ {
			if _, taken := out[name]; !taken {
				break
			}
			name = fmt.Sprintf("%s %d", s.text(key), n)
		}
		out[name] = s.json(key, v[key])
	}
	return out
}

// isClock reports whether a number is a time of this century, in seconds,
// milliseconds, microseconds or nanoseconds since 1970.
func isClock(n json.Number) bool {
	f, err := strconv.ParseFloat(string(n), 64)
	for ; err == nil && f >= 4e9; f /= 1e3 {
	}
	return err == nil && f >= 9e8
}
