package replay

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/product"
	"github.com/wiretape/wiretape/internal/target"
	"github.com/wiretape/wiretape/matchers"
)

// Presets returns the names that Server.Preset may have, beside "none": those of
// the known products.
func Presets() (names []string) {
	for _, p := range product.Profiles() {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return names
}

// CheckMatch returns an error for what is no rule for Server.Match.
func CheckMatch(m cassettes.Match) error {
	_, err := newRule(m)
	return err
}

// rule is what a request must agree on with a recorded one.
type rule struct {
	cassettes.Match
	// whole compares all that counts, for explanations. What is found by an
	// index says the same.
	whole matchers.Matcher
	// Of a target, what counts of it; plain says that all of it does.
	plain               bool
	method, path, query bool
	patterns            []pattern
	ignored             []string // keys of queries, as target.AppendQuery has them
	// detail compares what a target does not show: fields and bodies. It is
	// nil where the target says enough.
	detail matchers.Matcher
	body   bool // detail compares bodies
}

// pattern is a path with "{}" for segments that do not count.
type pattern struct {
	text     string
	segments []string
}

// resolveRule returns the rule for cassettes that are played as one: what the
// caller says, then what the cassettes do, then the presets of their products,
// or the one that is named.
func resolveRule(caller cassettes.Match, cs []*cassettes.Cassette, preset string) (*rule, error) {
	m := caller
	for _, c := range cs {
		if c.Header.Match == nil {
			continue
		}
		if _, err := newRule(*c.Header.Match); err != nil {
			return nil, fmt.Errorf("%s: wire.match: %w", c.Name, err)
		}
		m = merge(m, *c.Header.Match)
	}
	switch {
	case preset == "none":
		return newRule(m)
	case preset != "" && !slices.Contains(Presets(), preset):
		return nil, fmt.Errorf("preset %q: want none or one of %s", preset, strings.Join(Presets(), ", "))
	case preset != "":
		return newRule(merge(m, presetOf(preset)))
	}
	for _, c := range cs {
		m = merge(m, presetOf(productOf(c)))
	}
	return newRule(m)
}

// presetOf returns what requests to a product's API need not agree on.
func presetOf(name string) (m cassettes.Match) {
	if p := product.Lookup(name); p != nil {
		m.IgnoreQuery = p.IgnoreQuery
	}
	return m
}

// merge returns what first says, and what then adds to it: lists of what to
// ignore grow, the rest goes by what was said first.
func merge(first, then cassettes.Match) cassettes.Match {
	if len(first.By) == 0 {
		first.By = then.By
	}
	if first.APIVersion == "" {
		first.APIVersion = then.APIVersion
	}
	first.IgnorePath = union(first.IgnorePath, then.IgnorePath)
	first.IgnoreQuery = union(first.IgnoreQuery, then.IgnoreQuery)
	first.IgnoreHeader = union(first.IgnoreHeader, then.IgnoreHeader)
	first.IgnoreJSON = union(first.IgnoreJSON, then.IgnoreJSON)
	return first
}

func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// newRule returns the rule that m describes.
func newRule(m cassettes.Match) (*rule, error) {
	if len(m.By) == 0 {
		m.By = []string{"method", "path", "query"}
	}
	if m.APIVersion == "" {
		m.APIVersion = "exact"
	}
	r := &rule{Match: m}
	if err := r.check(); err != nil {
		return nil, err
	}
	detail, err := r.details()
	if err != nil {
		return nil, err
	}
	if len(detail) > 0 {
		r.detail = matchers.All(detail...)
	}
	r.ofTarget()
	r.whole = matchers.All(append(r.targets(), detail...)...)
	if r.path && !r.namesVersion() || r.APIVersion != "exact" {
		r.whole = matchers.APIVersion(m.APIVersion, r.whole)
	}
	return r, nil
}

func (r *rule) check() error {
	if err := matchers.CheckAPIVersion(r.APIVersion); err != nil {
		return err
	}
	for _, p := range r.IgnoreJSON {
		if err := matchers.CheckJSONPath(p); err != nil {
			return err
		}
	}
	for _, p := range r.IgnorePath {
		if !strings.HasPrefix(p, "/") || !slices.Contains(strings.Split(p, "/"), "{}") {
			return fmt.Errorf("path %q: want one with {} for each segment that does not count, as /containers/{}/json", p)
		}
	}
	return nil
}

// details reads the words of On that no target shows.
func (r *rule) details() (ms []matchers.Matcher, err error) {
	word := "" // that says how a body is compared
	for _, on := range r.By {
		name, isHeader := strings.CutPrefix(on, "header:")
		switch {
		case on == "method", on == "path", on == "query":
		case on == "headers":
			ms = append(ms, matchers.Headers(r.IgnoreHeader...))
		case isHeader && name != "":
			ms = append(ms, matchers.Header(name))
		case bodyMatchers[on] == nil:
			return nil, fmt.Errorf("match on %q: want method, path, query, headers, header:NAME, body, content, json, form, multipart or tar", on)
		case word != "":
			return nil, fmt.Errorf("match on %q and %q: a body is compared in one way; content finds out which", word, on)
		default:
			word = on
		}
	}
	if (word == "" || word == "body") && len(r.IgnoreJSON) > 0 {
		word = "content"
	}
	if word != "" {
		ms, r.body = append(ms, bodyMatchers[word](r.IgnoreJSON)), true
	}
	return ms, nil
}

// bodyMatchers are how a body may be compared, by word of On.
var bodyMatchers = map[string]func(ignoreJSON []string) matchers.Matcher{
	"body":      func([]string) matchers.Matcher { return matchers.Body() },
	"content":   func(ignore []string) matchers.Matcher { return matchers.Content(ignore...) },
	"json":      func(ignore []string) matchers.Matcher { return matchers.JSON(ignore...) },
	"form":      func([]string) matchers.Matcher { return matchers.Form() },
	"multipart": func([]string) matchers.Matcher { return matchers.Multipart() },
	"tar":       func([]string) matchers.Matcher { return matchers.Tar() },
}

// targets returns the matchers of what a target shows.
func (r *rule) targets() (ms []matchers.Matcher) {
	if r.method {
		ms = append(ms, matchers.Method())
	}
	if r.path {
		ms = append(ms, matchers.Path(r.IgnorePath...))
	}
	if r.query {
		ms = append(ms, matchers.Query(r.IgnoreQuery...))
	}
	return ms
}

// ofTarget finds out what counts of a target.
func (r *rule) ofTarget() {
	r.method = slices.Contains(r.By, "method")
	r.path = slices.Contains(r.By, "path")
	r.query = slices.Contains(r.By, "query")
	for _, p := range r.IgnorePath {
		text := string(target.AppendPath(nil, p))
		r.patterns = append(r.patterns, pattern{text, strings.Split(text, "/")})
	}
	for _, key := range r.IgnoreQuery {
		r.ignored = append(r.ignored, queryKey(key))
	}
	r.plain = r.method && r.path && r.query && r.APIVersion == "exact" && len(r.patterns) == 0 && len(r.ignored) == 0
}

// namesVersion reports whether a pattern begins with an API version.
func (r *rule) namesVersion() bool {
	return slices.ContainsFunc(r.patterns, func(p pattern) bool {
		version, _ := target.CutVersion(p.text)
		return len(version) > 0
	})
}

// queryKey returns the key of a query as target.AppendQuery writes it.
func queryKey(key string) string {
	return strings.NewReplacer("%", "%25", "&", "%26", "=", "%3D").Replace(key)
}
