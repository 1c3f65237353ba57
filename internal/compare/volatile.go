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

// volatile matches what is another value each time that a flow is recorded:
// dates as JSON and HTTP have them, UUIDs, ids of containers and the like, and
// tokens such as a registry's _state. A digest, which has its algorithm before
// it, is none of them: it is the same for the same content.
var volatile = regexp.MustCompile(`` +
	`(?P<time>\b[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)` +
	`|(?P<date>\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT)` +
	`|(?P<uuid>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b)` +
	`|(?P<digest>\bsha(?:256|384|512):[0-9a-f]+)` +
	`|(?P<id>\b[0-9a-f]{12,128}\b)` +
	`|(?P<token>[A-Za-z0-9_-]{40,}(?:=|%3D){0,2})`)

// stable returns s with what is volatile replaced by its kind.
func stable(s string) string {
	if len(s) < 12 {
		return s
	}
	return replaceAll(volatile, s, func(kind, text string) string {
		if kind == "digest" {
			return text
		}
		return "<" + kind + ">"
	})
}

// replaceAll replaces what re matches, by the name of the group that did.
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

// stableJSON returns a decoded JSON value with what is volatile replaced. Key
// is the one that v stands under.
func stableJSON(key string, v any) any {
	switch v := v.(type) {
	case string:
		return stable(v)
	case json.Number:
		if timeKey.MatchString(key) && isClock(v) {
			return "<time>"
		}
		return v
	case []any:
		for i := range v {
			v[i] = stableJSON(key, v[i])
		}
	case map[string]any:
		return stableKeys(v)
	}
	return v
}

// stableKeys does it for an object, whose keys may be ids themselves. Where
// several become equal they are numbered.
func stableKeys(v map[string]any) map[string]any {
	out := make(map[string]any, len(v))
	for _, key := range slices.Sorted(maps.Keys(v)) {
		name := stable(key)
		for n := 2; ; n++ {
			if _, taken := out[name]; !taken {
				break
			}
			name = fmt.Sprintf("%s %d", stable(key), n)
		}
		out[name] = stableJSON(key, v[key])
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
