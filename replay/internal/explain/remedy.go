package explain

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
	"github.com/wiretape/wiretape/replay/internal/index"
	"github.com/wiretape/wiretape/replay/internal/rule"
)

// remedy returns the looser rule with which the candidate would have answered,
// the least loose of those that are known, or says that repeating would. Each is
// tried before it is given: advice that does not help costs more than none.
func (e *Explainer) remedy(c candidate) (add cassettes.Match, repeat, ok bool) {
	if c.Played && e.Repeat == index.Never {
		repeat = c.Text == ""
		return add, repeat, repeat
	}
	all := e.remedies(c)
	for _, r := range all {
		if e.helps(c, r) {
			return r, false, true
		}
	}
	for i, r := range all {
		for _, s := range all[i+1:] {
			if both := rule.Merge(r, s); e.helps(c, both) {
				return both, false, true
			}
		}
	}
	return add, false, false
}

// helps reports whether the candidate would have answered under a looser rule.
func (e *Explainer) helps(c candidate, add cassettes.Match) bool {
	loose, err := rule.With(e.Index.Rule.Own(), rule.Merge(add, e.Index.Rule.Match))
	return err == nil && loose.Whole().Match(e.live, c.recorded)
}

// remedies returns the looser rules that may help, the least loose first.
func (e *Explainer) remedies(c candidate) (all []cassettes.Match) {
	other, err := matchers.Request(c.recorded)
	if err != nil || c.Text == "" {
		return nil
	}
	if e.Index.Rule.ComparesQuery() {
		keys := otherKeys(e.live.URL.RawQuery, other.URL.RawQuery)
		keys = slices.DeleteFunc(keys, e.Index.Rule.Ignores)
		all = append(all, cassettes.Match{IgnoreQuery: keys})
	}
	if e.Index.Rule.ComparesPath() {
		all = append(all, cassettes.Match{APIVersion: "any"})
		if p, ok := samePattern(e.live.URL.EscapedPath(), other.URL.EscapedPath()); ok {
			all = append(all, cassettes.Match{IgnorePath: []string{p}})
		}
	}
	return append(all, e.detailRemedies(c, other)...)
}

// detailRemedies returns those for fields and bodies that differ.
func (e *Explainer) detailRemedies(c candidate, other *http.Request) (all []cassettes.Match) {
	if names := otherFields(e.live.Header, other.Header); len(names) > 0 && slices.Contains(e.Index.Rule.By, "headers") {
		all = append(all, cassettes.Match{IgnoreHeader: names})
	}
	if !e.Index.Rule.ComparesBody() {
		return all
	}
	if slices.Contains(e.Index.Rule.By, "body") && len(e.Index.Rule.IgnoreJSON) == 0 {
		by := slices.Clone(e.Index.Rule.By)
		by[slices.Index(by, "body")] = "content"
		all = append(all, cassettes.Match{By: by})
	}
	if paths := e.otherJSON(c); len(paths) > 0 {
		all = append(all, cassettes.Match{IgnoreJSON: paths})
	}
	return all
}

// otherJSON returns the paths at which two JSON bodies differ.
func (e *Explainer) otherJSON(c candidate) []string {
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
	_, pattern = target.CutVersion(pattern)
	return pattern, true
}

func hasDigit(s string) bool { return strings.ContainsFunc(s, unicode.IsDigit) }
