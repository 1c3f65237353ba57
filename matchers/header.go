package matchers

import (
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"
)

// Header returns a Matcher of requests in which the fields with these names
// have equal values, in order. The name "Host" stands for the request's Host.
func Header(names ...string) Matcher {
	names = canonical(names)
	return fields{func(name string) bool { return slices.Contains(names, name) }}
}

// Headers returns a Matcher of requests with equal header sections. The order
// of fields with different names does not count, nor do the fields in ignore,
// Host, the fields that frame the message, and the boundary of a multipart body. Clients and their libraries add
// fields of their own, so [Header] is easier to live with.
func Headers(ignore ...string) Matcher {
	ignore = append(canonical(ignore), "Host", "Connection", "Content-Length", "Transfer-Encoding", "Trailer", "Expect")
	return fields{func(name string) bool { return !slices.Contains(ignore, name) }}
}

func canonical(names []string) []string {
	var all []string
	for _, n := range names {
		all = append(all, textproto.CanonicalMIMEHeaderKey(n))
	}
	return all
}

// fields matches requests by the fields for which counts is true.
type fields struct{ counts func(name string) bool }

func (f fields) of(r *http.Request) map[string][]string {
	all := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		values := r.Header[name]
		name = textproto.CanonicalMIMEHeaderKey(name)
		if name == "Content-Type" {
			values = withoutBoundary(values)
		}
		if f.counts(name) && len(values) > 0 {
			all[name] = append(all[name], values...)
		}
	}
	if f.counts("Host") && r.Host != "" {
		all["Host"] = []string{r.Host}
	}
	return all
}

// Match implements Matcher.
func (f fields) Match(r *http.Request, recorded cassette.Request) bool {
	other, err := Request(recorded)
	if err != nil {
		return false
	}
	live, _ := f.Key(r)
	was, _ := f.Key(other)
	return live == was
}

// Key implements Matcher.
func (f fields) Key(r *http.Request) (string, bool) {
	var lines []string
	for name, values := range f.of(r) {
		lines = append(lines, fmt.Sprintf("%s: %q\n", name, values))
	}
	slices.Sort(lines)
	return strings.Join(lines, ""), true
}

// Explain implements Matcher.
func (f fields) Explain(r *http.Request, recorded cassette.Request) string {
	return explain(f.find(r, recorded))
}

func (f fields) find(r *http.Request, recorded cassette.Request) []part {
	other, err := Request(recorded)
	if err != nil {
		return unparsable("header", err)
	}
	lines := diffValues("header", f.of(r), f.of(other))
	if len(lines) == 0 {
		return nil
	}
	return []part{{"header", lines}}
}
