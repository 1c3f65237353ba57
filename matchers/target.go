package matchers

import (
	"fmt"
	"net/http"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/wiretape/wiretape/internal/meaning"
	"github.com/wiretape/wiretape/internal/target"
)

// keyed matches requests whose keys are equal.
type keyed struct {
	name string
	key  func(*http.Request) string
	// diff finds the differences of two keys that are not equal.
	diff func(live, recorded string) []part
}

// Match implements Matcher.
func (k keyed) Match(r *http.Request, recorded cassette.Request) bool {
	other, err := Request(recorded)
	return err == nil && k.key(r) == k.key(other)
}

// Key implements Matcher.
func (k keyed) Key(r *http.Request) (string, bool) { return k.key(r), true }

// Explain implements Matcher.
func (k keyed) Explain(r *http.Request, recorded cassette.Request) string {
	return explain(k.find(r, recorded))
}

func (k keyed) find(r *http.Request, recorded cassette.Request) []part {
	other, err := Request(recorded)
	if err != nil {
		return unparsable(k.name, err)
	}
	live, was := k.key(r), k.key(other)
	if live == was {
		return nil
	}
	return k.diff(live, was)
}

// Method returns a Matcher of requests with equal methods.
func Method() Matcher {
	return keyed{"method", func(r *http.Request) string {
		if r.Method == "" {
			return http.MethodGet
		}
		return r.Method
	}, func(live, recorded string) []part { return single("method", live, recorded) }}
}

// Path returns a Matcher of requests with equal paths. An escaped byte equals
// the plain one where both mean the same: "/a%7Eb" is "/a~b", but "/a%2Fb" is
// not "/a/b" (RFC 3986 section 6.2.2). The path of a CONNECT request is the
// authority that it names.
//
// A pattern is a path with "{}" in place of segments that differ from run to
// run, or "**" in place of any number of segments. With the pattern
// "/containers/{}/json" any two paths of that form are equal, also with the same
// API version before them: "/v1.41/containers/…/json".
func Path(patterns ...string) Matcher {
	split := make([]target.Pattern, len(patterns))
	for i, p := range patterns {
		split[i] = target.ParsePattern(p)
	}
	return keyed{"path", func(r *http.Request) string {
		path := pathOf(r)
		version, plain := cutVersion(path)
		for _, p := range split {
			if p.Covers([]byte(path)) {
				return p.Text
			}
			if version != "" && p.Covers([]byte(plain)) {
				return "/v" + version + p.Text
			}
		}
		return path
	}, func(live, recorded string) []part { return single("path", live, recorded) }}
}

// pathOf returns a request's path in a normal form: equal paths have the same
// bytes.
func pathOf(r *http.Request) string {
	switch {
	case r.Method == http.MethodConnect:
		return r.URL.Host
	case r.URL.Path == "*":
		return "" // as in the recorded URL
	}
	path := string(target.AppendPath(nil, r.URL.EscapedPath()))
	if path == "" && r.Method != http.MethodOptions {
		return "/"
	}
	return path
}

// Query returns a Matcher of requests with equal queries: the same keys in any
// order, each with the same values in their order. Values that are JSON objects or
// arrays are compared by meaning. The keys in ignore do not
// count; write them without escapes. An entry "filters:$.label" ignores a value in
// a key's JSON, by a path as [JSON] has it; one that CheckQueryKey refuses ignores nothing.
func Query(ignore ...string) Matcher { return QuerySets(nil, ignore...) }

// QuerySets is Query for keys in whose JSON the order of a list does not count, such
// as the filters of Docker.
func QuerySets(sets []string, ignore ...string) Matcher {
	q := queryOf(ignore, sets)
	return keyed{"query", func(r *http.Request) string { return q.normal(r.URL.RawQuery) }, diffQuery}
}

// CheckQueryKey returns an error where an entry for [Query] has a path that is
// none.
func CheckQueryKey(key string) error {
	_, err := meaning.NewQuery([]string{key}, nil)
	return err
}

func unparsable(name string, err error) []part {
	return remark(name, fmt.Sprintf("the recorded URL cannot be parsed: %v", err))
}

func insteadOf(live, recorded string) string {
	return fmt.Sprintf("%s instead of %s", live, recorded)
}

// diffQuery compares two queries and returns a line for each place that differs.
func diffQuery(live, recorded string) []part {
	return []part{{"query", diffPairs("query", live, recorded)}}
}

// diffPairs compares two queries in normal form. Name is the part that has them.
func diffPairs(name, live, recorded string) (lines []line) {
	now, was := pairs(live), pairs(recorded)
	for _, l := range diffValues(name, now, was) {
		key := strings.TrimPrefix(l.Where, name+" ")
		if inside := diffInside(l.Where, now[key], was[key]); len(inside) > 0 {
			for _, in := range inside {
				in.text = key + " " + in.text
				lines = append(lines, in)
			}
			continue
		}
		lines = append(lines, l)
	}
	return lines
}

// diffInside compares two values that are JSON objects or arrays.
func diffInside(where string, live, recorded []string) []line {
	if len(live) != 1 || len(recorded) != 1 || !meaning.IsCompound(live[0]) || !meaning.IsCompound(recorded[0]) {
		return nil
	}
	x, isJSON := meaning.Decode([]byte(recorded[0]), nil)
	y, isToo := meaning.Decode([]byte(live[0]), nil)
	if !isJSON || !isToo {
		return nil
	}
	return diffJSON(where, x, y)
}

// pairs returns the values of each key in a query that AppendQuery made.
func pairs(query string) map[string][]string {
	all := map[string][]string{}
	for pair := range strings.SplitSeq(strings.TrimSuffix(query, "&"), "&") {
		if key, value, ok := strings.Cut(pair, "="); ok {
			key = meaning.Unescape(key)
			all[key] = append(all[key], meaning.Unescape(value))
		}
	}
	return all
}
