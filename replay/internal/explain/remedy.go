package explain

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/jsondiff"
	"github.com/wiretape/wiretape/internal/meaning"
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
	loose, err := e.Index.Rule.Loosened(add)
	return err == nil && loose.Whole().Match(e.live, c.recorded)
}

// remedies returns the looser rules that may help, the least loose first.
func (e *Explainer) remedies(c candidate) (all []cassettes.Match) {
	other, err := matchers.Request(c.recorded)
	if err != nil || c.Text == "" {
		return nil
	}
	if e.Index.Rule.ComparesQuery() {
		if keys := e.otherPairs(e.live.URL.RawQuery, other.URL.RawQuery); len(keys) > 0 {
			all = append(all, cassettes.Match{IgnoreQuery: keys})
		}
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
	if names := e.otherForm(c); len(names) > 0 {
		all = append(all, cassettes.Match{IgnoreForm: names})
	}
	return all
}

// fieldsMax is how many fields or paths are proposed together: a request that
// differs in more is another one.
const fieldsMax = 3

// otherForm returns the fields in which two forms differ, as far as the body's
// differences are in fields.
func (e *Explainer) otherForm(c candidate) (names []string) {
	kind, _, _ := strings.Cut(strings.ToLower(e.live.Header.Get("Content-Type")), ";")
	if kind != "application/x-www-form-urlencoded" && kind != "multipart/form-data" {
		return nil
	}
	for _, d := range c.Differences {
		name, ok := strings.CutPrefix(d.Where, "body ")
		if !ok {
			continue
		}
		// The value of a field may be JSON, and a file of several lines.
		if at := strings.Index(name, " $"); at > 0 {
			name = name[:at] + ":" + name[at+1:]
		}
		name, _, _ = strings.Cut(name, " line ")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > fieldsMax {
		return nil
	}
	return names
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
	paths := jsondiff.Paths(a, b)
	if len(paths) > fieldsMax {
		return nil
	}
	return paths
}

// otherPairs returns the keys of queries whose values differ. Of JSON it returns the
// paths at which it differs, and nothing where one side asks for something that the
// other does not: those are other requests, whatever the values are.
func (e *Explainer) otherPairs(live, recorded string) (keys []string) {
	x, y := pairsOf(e.Index.Rule.NormalQuery(live)), pairsOf(e.Index.Rule.NormalQuery(recorded))
	for _, key := range slices.Sorted(maps.Keys(merged(x, y))) {
		now, was := x[key], y[key]
		if slices.Equal(now, was) {
			continue
		}
		if !isJSON(now) && !isJSON(was) {
			keys = append(keys, key)
			continue
		}
		if len(now) == 0 || len(was) == 0 || !isJSON(now) || !isJSON(was) {
			return nil
		}
		paths, ok := otherPaths(now[0], was[0])
		if !ok {
			return nil
		}
		for _, p := range paths {
			keys = append(keys, key+":"+p)
		}
	}
	return keys
}

// otherPaths returns the paths of the values, or lists, that differ in two JSON
// values. It reports false where one has a member that the other has not.
func otherPaths(live, recorded string) (paths []string, ok bool) {
	a, isJSON := jsondiff.Decode([]byte(recorded))
	b, isToo := jsondiff.Decode([]byte(live))
	if !isJSON || !isToo {
		return nil, false
	}
	for _, d := range jsondiff.Differences(a, b) {
		// A list is one value here: as a set it has no indices.
		path, _, inList := strings.Cut(d.Where, "[")
		if path == "$" || path == "" || !inList && (d.Old == "" || d.New == "") {
			return nil, false
		}
		if !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths, len(paths) > 0 && len(paths) <= fieldsMax
}

// isJSON reports whether the one value of a key looks like JSON.
func isJSON(values []string) bool { return len(values) == 1 && meaning.IsCompound(values[0]) }

// pairsOf returns the values of each key in a query in normal form.
func pairsOf(query string) map[string][]string {
	m := map[string][]string{}
	for pair := range strings.SplitSeq(query, "&") {
		if key, value, ok := strings.Cut(pair, "="); ok {
			key = meaning.Unescape(key)
			m[key] = append(m[key], meaning.Unescape(value))
		}
	}
	return m
}

func merged(a, b map[string][]string) map[string][]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
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
