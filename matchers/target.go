package matchers

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

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
// run. With the pattern "/containers/{}/json" any two paths of that form are
// equal, also with the same API version before them:
// "/v1.41/containers/…/json".
func Path(patterns ...string) Matcher {
	split := make([][]string, len(patterns))
	for i, p := range patterns {
		split[i] = strings.Split(string(target.AppendPath(nil, p)), "/")
	}
	return keyed{"path", func(r *http.Request) string {
		path := pathOf(r)
		version, plain := cutVersion(path)
		for _, p := range split {
			if covered, ok := cover(p, path); ok {
				return covered
			}
			if covered, ok := cover(p, plain); ok && version != "" {
				return "/v" + version + covered
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

// cover returns path with "{}" in the segments where the pattern has it. It
// reports whether the pattern fits.
func cover(pattern []string, path string) (string, bool) {
	segments := strings.Split(path, "/")
	if len(segments) != len(pattern) {
		return "", false
	}
	for i, p := range pattern {
		switch p {
		case "{}":
			segments[i] = "{}"
		case segments[i]:
		default:
			return "", false
		}
	}
	return strings.Join(segments, "/"), true
}

// Query returns a Matcher of requests with equal queries: the same keys in any
// order, each with the same values in their order. The keys in ignore do not
// count; write them without escapes.
func Query(ignore ...string) Matcher {
	return keyed{"query", func(r *http.Request) string {
		query := string(target.AppendQuery(nil, r.URL.RawQuery))
		if len(ignore) == 0 {
			return query
		}
		var kept strings.Builder
		for pair := range strings.SplitAfterSeq(query, "&") {
			key, _, _ := strings.Cut(pair, "=")
			if !slices.Contains(ignore, unescape(key)) {
				kept.WriteString(pair)
			}
		}
		return kept.String()
	}, diffQuery}
}

// unescape undoes the escapes that AppendQuery leaves in a key.
func unescape(key string) string {
	return strings.NewReplacer("%26", "&", "%3D", "=", "%25", "%").Replace(key)
}

func unparsable(name string, err error) []part {
	return remark(name, fmt.Sprintf("the recorded URL cannot be parsed: %v", err))
}

func insteadOf(live, recorded string) string {
	return fmt.Sprintf("%s instead of %s", live, recorded)
}

// diffQuery compares two queries and returns a line for each key that differs.
func diffQuery(live, recorded string) []part {
	return []part{{"query", diffValues("query", pairs(live), pairs(recorded))}}
}

// pairs returns the values of each key in a query that AppendQuery made.
func pairs(query string) map[string][]string {
	all := map[string][]string{}
	for pair := range strings.SplitSeq(strings.TrimSuffix(query, "&"), "&") {
		if key, value, ok := strings.Cut(pair, "="); ok {
			all[unescape(key)] = append(all[unescape(key)], unescape(value))
		}
	}
	return all
}
