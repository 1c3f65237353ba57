package replay

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/jsondiff"
	"github.com/wiretape/wiretape/internal/target"
	"github.com/wiretape/wiretape/matchers"
)

// remedy is a flag that may help a request to match.
type remedy struct {
	flag string
	add  cassettes.Match
}

// hint returns the flag with which the candidate would have answered, or two
// where one is not enough, or "". They are tried before they are given.
func (e *explainer) hint(c candidate) string {
	if c.played && e.repeat == RepeatNever {
		if c.diff == "" {
			return "--repeat last"
		}
		return ""
	}
	all := e.remedies(c)
	for _, r := range all {
		if e.helps(c, r.add) {
			return r.flag
		}
	}
	for i, r := range all {
		for _, s := range all[i+1:] {
			if e.helps(c, merge(r.add, s.add)) {
				return r.flag + " " + s.flag
			}
		}
	}
	return ""
}

// helps reports whether the candidate would have answered under a looser rule.
func (e *explainer) helps(c candidate, add cassettes.Match) bool {
	loose, err := newRule(merge(add, e.rule.Match))
	return err == nil && loose.whole.Match(e.live, c.recorded)
}

// remedies returns what may help, that which loosens least first.
func (e *explainer) remedies(c candidate) (all []remedy) {
	other, err := matchers.Request(c.recorded)
	if err != nil || c.diff == "" {
		return nil
	}
	if keys := otherKeys(e.live.URL.RawQuery, other.URL.RawQuery); e.rule.query {
		keys = slices.DeleteFunc(keys, func(k string) bool { return slices.Contains(e.rule.ignored, k) })
		all = append(all, remedy{"--ignore-query " + strings.Join(keys, ","), cassettes.Match{IgnoreQuery: keys}})
	}
	if e.rule.path {
		all = append(all, remedy{"--api-version any", cassettes.Match{APIVersion: "any"}})
		if p, ok := samePattern(e.live.URL.EscapedPath(), other.URL.EscapedPath()); ok {
			all = append(all, remedy{"--ignore-path '" + p + "'", cassettes.Match{IgnorePath: []string{p}}})
		}
	}
	return append(all, e.detailRemedies(c, other)...)
}

// detailRemedies returns what may help where fields or bodies differ.
func (e *explainer) detailRemedies(c candidate, other *http.Request) (all []remedy) {
	if names := otherFields(e.live.Header, other.Header); len(names) > 0 && slices.Contains(e.rule.By, "headers") {
		all = append(all, remedy{"--ignore-header " + strings.Join(names, ","), cassettes.Match{IgnoreHeader: names}})
	}
	if !e.rule.body {
		return all
	}
	if slices.Contains(e.rule.By, "body") && len(e.rule.IgnoreJSON) == 0 {
		on := slices.Clone(e.rule.By)
		on[slices.Index(on, "body")] = "content"
		all = append(all, remedy{"--match " + strings.Join(on, ","), cassettes.Match{By: on}})
	}
	if paths := e.otherJSON(c); len(paths) > 0 {
		flags := make([]string, len(paths))
		for i, p := range paths {
			flags[i] = "--ignore-json '" + p + "'"
		}
		all = append(all, remedy{strings.Join(flags, " "), cassettes.Match{IgnoreJSON: paths}})
	}
	return all
}

// otherJSON returns the paths at which two JSON bodies differ.
func (e *explainer) otherJSON(c candidate) []string {
	if e.live.GetBody == nil {
		return nil
	}
	body, err := e.live.GetBody()
	if err != nil {
		return nil
	}
	live, err := io.ReadAll(io.LimitReader(body, explainMax))
	if err != nil {
		return nil
	}
	a, isJSON := jsondiff.Decode([]byte(c.recorded.Body))
	b, isToo := jsondiff.Decode(live)
	if !isJSON || !isToo {
		return nil
	}
	const most = 3 // a request that differs in more is another one
	paths := jsondiff.Paths(a, b)
	if len(paths) > most {
		return nil
	}
	return paths
}

// otherKeys returns the keys whose values differ.
func otherKeys(a, b string) (keys []string) {
	split := func(query string) map[string]string {
		m := map[string]string{}
		for pair := range strings.SplitSeq(string(target.AppendQuery(nil, query)), "&") {
			if key, value, ok := strings.Cut(pair, "="); ok {
				m[key] += value + "&"
			}
		}
		return m
	}
	x, y := split(a), split(b)
	for key, value := range x {
		if y[key] != value {
			keys = append(keys, key)
		}
	}
	for key := range y {
		if _, ok := x[key]; !ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// otherFields returns the names of the fields whose values differ.
func otherFields(a, b http.Header) (names []string) {
	for name := range a {
		if !slices.Equal(a[name], b[name]) {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// samePattern returns the pattern that covers two paths that differ in one
// segment, where it looks made up on both sides: it has a digit. Words that
// differ are other requests.
func samePattern(a, b string) (string, bool) {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	if len(x) != len(y) {
		return "", false
	}
	at := -1
	for i := range x {
		if x[i] == y[i] {
			continue
		}
		if at >= 0 || !hasDigit(x[i]) || !hasDigit(y[i]) {
			return "", false
		}
		at = i
	}
	if at < 0 {
		return "", false
	}
	x[at] = "{}"
	pattern := strings.Join(x, "/")
	if version, plain := cutVersion([]byte(pattern)); len(version) > 0 {
		pattern = string(plain)
	}
	return pattern, true
}

func hasDigit(s string) bool { return strings.ContainsFunc(s, unicode.IsDigit) }
