package matchers

import (
	"net/http"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"
)

// Func is a Matcher made of a function, as go-vcr's SetMatcher takes it. It has
// no key, so that an index compares every recorded request. It may read the body
// of a request where that has GetBody.
type Func func(r *http.Request, recorded cassette.Request) bool

// Match implements Matcher.
func (f Func) Match(r *http.Request, recorded cassette.Request) bool { return f(r, recorded) }

// Key implements Matcher.
func (Func) Key(*http.Request) (string, bool) { return "", false }

// Explain implements Matcher.
func (f Func) Explain(r *http.Request, recorded cassette.Request) string {
	if f(r, recorded) {
		return ""
	}
	return "the matcher's function does not match"
}
