package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/meaning"
	"github.com/wiretape/wiretape/internal/product"
	"github.com/wiretape/wiretape/internal/redact"
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

// Rule decides whether a request matches a recorded one. It is immutable and safe
// for concurrent use.
type Rule struct {
	cassettes.Match
	masks *redact.Rules // what every cassette masks; nil: nothing
	whole matchers.Matcher
	// The parts of a target that count; plain says that all of them do.
	plain               bool
	method, path, query bool
	patterns            []target.Pattern
	values              meaning.Query // says which parts of a query count
	sets                []string      // keys of queries with JSON whose lists are sets
	paths               []meaning.Path
	// detail compares fields and bodies. It is nil where targets are enough.
	detail matchers.Matcher
	body   bool // detail compares bodies
	fields bool // detail compares fields, or is the caller's
	own    matchers.Matcher
}

// Whole compares all that counts of two requests. Keys and digests say the same,
// faster; Whole can explain a difference.
func (r *Rule) Whole() matchers.Matcher { return r.whole }

// Masks returns the redaction rules of all cassettes together, or nil. They apply
// to live requests before these are looked up, and once more to recorded ones: one
// cassette may have masked a field that another shows.
func (r *Rule) Masks() *redact.Rules { return r.masks }

// Own returns the matcher that the caller brought, or nil. It is part of Whole, and
// of what Digests compare as far as it has a Key. A request whose digest is equal
// to that of a recorded one agrees only if Own says so, too.
func (r *Rule) Own() matchers.Matcher { return r.own }

// HasDetail reports whether fields or bodies count: then a recorded request that
// is not equal does not answer.
func (r *Rule) HasDetail() bool { return r.detail != nil }

// BodyAlone reports whether of all detail the body alone counts: then two requests
// without a body do not differ in it.
func (r *Rule) BodyAlone() bool { return r.body && !r.fields }

// AllowsInvented reports whether values in bodies that clients make up may differ:
// by default, and wherever the word for bodies is content.
func (r *Rule) AllowsInvented() bool {
	return r.own == nil && r.BodyAlone() && slices.Contains(r.By, "content")
}

// IgnoredJSON returns the paths in JSON bodies that do not count.
func (r *Rule) IgnoredJSON() []meaning.Path { return r.paths }

// ComparesBody reports whether bodies count.
func (r *Rule) ComparesBody() bool { return r.body }

// ComparesPath reports whether paths count.
func (r *Rule) ComparesPath() bool { return r.path }

// ComparesQuery reports whether queries count.
func (r *Rule) ComparesQuery() bool { return r.query }

// NormalQuery returns all that counts of a query, in one form, as AppendQuery of
// package target has it.
func (r *Rule) NormalQuery(query string) string {
	return string(r.values.Append(nil, target.AppendQuery(nil, query)))
}

// Resolve returns the rule for cassettes that are played as one: the caller's
// words, then the cassettes', then the presets of their products. Preset names
// one product's instead, or is "none". Own is a matcher of the caller's, or nil:
// see With.
func Resolve(caller cassettes.Match, own matchers.Matcher, cs []*cassettes.Cassette, preset string) (*Rule, error) {
	m, sets, err := resolve(caller, own, cs, preset)
	if err != nil {
		return nil, err
	}
	r, err := with(own, m, sets)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, c := range cs {
		names = append(names, c.Header.Redaction...)
	}
	if r.masks, err = redact.Parse(names); err != nil {
		return nil, fmt.Errorf("index the cassettes: %w", err)
	}
	return r, nil
}

// resolve returns the words of all, and the keys of queries with JSON whose lists
// are sets.
func resolve(caller cassettes.Match, own matchers.Matcher, cs []*cassettes.Cassette, preset string) (m cassettes.Match, sets []string, err error) {
	m = caller
	for _, c := range cs {
		if c.Header.Match == nil {
			continue
		}
		if _, err := New(*c.Header.Match); err != nil {
			return m, nil, fmt.Errorf("%s: wire.match: %w", c.Name, err)
		}
		m = Merge(m, *c.Header.Match)
	}
	var names []string
	switch {
	case preset == "none":
	case preset != "" && !slices.Contains(Presets(), preset):
		return m, nil, fmt.Errorf("preset %q: want none or one of %s", preset, strings.Join(Presets(), ", "))
	case preset != "":
		names = append(names, preset)
	default:
		for _, c := range cs {
			names = append(names, productOf(c))
		}
	}
	bodies := comparesBodies(m, own)
	for _, name := range names {
		if p := product.Lookup(name); p != nil {
			m = Merge(m, presetOf(p, bodies))
			sets = union(sets, p.SetQuery)
		}
	}
	return m, sets, nil
}

// comparesBodies reports whether the words compare bodies. A preset is no reason
// to do so.
func comparesBodies(m cassettes.Match, own matchers.Matcher) bool {
	if len(m.By) == 0 && own != nil {
		return len(m.IgnoreForm)+len(m.IgnoreJSON) > 0
	}
	r, err := New(m)
	return err == nil && r.body
}

// presetOf returns the parts that do not count of requests to a product's API.
func presetOf(p *product.Profile, bodies bool) (m cassettes.Match) {
	m.IgnoreQuery = p.IgnoreQuery
	if bodies {
		m.IgnoreJSON = p.IgnoreJSON
	}
	return m
}

// Merge returns the words of first, completed by those of then: lists of ignored
// parts add up, of the rest first's go before.
func Merge(first, then cassettes.Match) cassettes.Match {
	if len(first.By) == 0 {
		first.By = then.By
	}
	if first.APIVersion == "" {
		first.APIVersion = then.APIVersion
	}
	first.IgnorePath = union(first.IgnorePath, then.IgnorePath)
	first.IgnoreQuery = union(first.IgnoreQuery, then.IgnoreQuery)
	first.IgnoreHeader = union(first.IgnoreHeader, then.IgnoreHeader)
	first.IgnoreForm = union(first.IgnoreForm, then.IgnoreForm)
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

// New returns the rule that m describes, which masks nothing.
func New(m cassettes.Match) (*Rule, error) { return With(nil, m) }

// Default are the words of a rule that names none.
var Default = []string{"method", "path", "query", "content"}

// With returns the rule that m describes with a matcher of the caller's, which
// takes the place of the default words where m has none.
func With(own matchers.Matcher, m cassettes.Match) (*Rule, error) { return with(own, m, nil) }

// Loosened returns the rule with further parts that do not count.
func (r *Rule) Loosened(add cassettes.Match) (*Rule, error) {
	return with(r.own, Merge(add, r.Match), r.sets)
}

func with(own matchers.Matcher, m cassettes.Match, sets []string) (*Rule, error) {
	if len(m.By) == 0 && own == nil {
		m.By = Default
	}
	if m.APIVersion == "" {
		m.APIVersion = "exact"
	}
	r := &Rule{Match: m, own: own, sets: sets}
	if err := r.check(); err != nil {
		return nil, err
	}
	detail, err := r.details()
	if err != nil {
		return nil, err
	}
	if own != nil {
		detail, r.body, r.fields = append(detail, own), true, true
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

func (r *Rule) check() error {
	if err := matchers.CheckAPIVersion(r.APIVersion); err != nil {
		return err
	}
	for _, s := range r.IgnoreJSON {
		p, err := meaning.ParsePath(s)
		if err != nil {
			return err
		}
		r.paths = append(r.paths, p)
	}
	for _, key := range r.IgnoreQuery {
		if err := matchers.CheckQueryKey(key); err != nil {
			return err
		}
	}
	for _, key := range r.IgnoreForm {
		if err := matchers.CheckQueryKey(key); err != nil {
			return fmt.Errorf("form: %w", err)
		}
	}
	for _, p := range r.IgnorePath {
		if !target.IsPattern(p) {
			return fmt.Errorf("path %q: want one with {} for each segment that does not count, as /containers/{}/json, or ** for any number of them", p)
		}
	}
	return nil
}

// details returns the matchers for the words of By that compare fields or bodies.
func (r *Rule) details() (ms []matchers.Matcher, err error) {
	word := "" // that says how a body is compared
	for _, on := range r.By {
		name, isHeader := strings.CutPrefix(on, "header:")
		switch {
		case on == "method", on == "path", on == "query":
		case on == "headers":
			ms, r.fields = append(ms, matchers.Headers(r.IgnoreHeader...)), true
		case isHeader && name != "":
			ms, r.fields = append(ms, matchers.Header(name)), true
		case bodyMatchers[on] == nil:
			return nil, fmt.Errorf("match by %q: want method, path, query, headers, header:NAME, body, content, json, form, multipart or tar", on)
		case word != "":
			return nil, fmt.Errorf("match by %q and %q: want one of them, because a body is compared in one way; content picks it", word, on)
		default:
			word = on
		}
	}
	if (word == "" || word == "body") && len(r.IgnoreJSON)+len(r.IgnoreForm) > 0 {
		word = "content"
	}
	if word != "" {
		ms, r.body = append(ms, bodyMatchers[word](r.Match)), true
	}
	return ms, nil
}

// bodyMatchers has, for each word of By that compares bodies, its matcher.
var bodyMatchers = map[string]func(m cassettes.Match) matchers.Matcher{
	"body": func(cassettes.Match) matchers.Matcher { return matchers.Body() },
	"content": func(m cassettes.Match) matchers.Matcher {
		return matchers.Content(slices.Concat(m.IgnoreJSON, m.IgnoreForm)...)
	},
	"json":      func(m cassettes.Match) matchers.Matcher { return matchers.JSON(m.IgnoreJSON...) },
	"form":      func(m cassettes.Match) matchers.Matcher { return matchers.Form(m.IgnoreForm...) },
	"multipart": func(m cassettes.Match) matchers.Matcher { return matchers.Multipart(m.IgnoreForm...) },
	"tar":       func(cassettes.Match) matchers.Matcher { return matchers.Tar() },
}

// targets returns the matchers of methods, paths and queries.
func (r *Rule) targets() (ms []matchers.Matcher) {
	if r.method {
		ms = append(ms, matchers.Method())
	}
	if r.path {
		ms = append(ms, matchers.Path(r.IgnorePath...))
	}
	if r.query {
		ms = append(ms, matchers.QuerySets(r.sets, r.IgnoreQuery...))
	}
	return ms
}

// ofTarget finds out which parts of a target count.
func (r *Rule) ofTarget() {
	r.method = slices.Contains(r.By, "method")
	r.path = slices.Contains(r.By, "path")
	r.query = slices.Contains(r.By, "query")
	for _, p := range r.IgnorePath {
		r.patterns = append(r.patterns, target.ParsePattern(p))
	}
	r.values, _ = meaning.NewQuery(r.IgnoreQuery, r.sets) // check has seen them
	r.plain = r.method && r.path && r.query && r.APIVersion == "exact" && len(r.patterns) == 0 && r.values.Keeps()
}

// namesVersion reports whether a pattern begins with an API version.
func (r *Rule) namesVersion() bool {
	return slices.ContainsFunc(r.patterns, func(p target.Pattern) bool {
		version, _ := target.CutVersion(p.Text)
		return len(version) > 0
	})
}
