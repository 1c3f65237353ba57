// Package matchers says which recorded request answers a live one.
//
// A Matcher is used by replay, and by go-vcr as it is:
//
//	m := matchers.All(matchers.Method(), matchers.Path(), matchers.Query("since", "until"))
//	rec.SetMatcher(m.Match)
package matchers

import (
	"net/http"
	"net/url"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"
)

// A Matcher compares a live request with a recorded one. Matchers are
// immutable and safe for concurrent use.
type Matcher interface {
	// Match reports whether the recorded request answers r.
	Match(r *http.Request, recorded cassette.Request) bool
	// Key returns what an index may find r by: requests that match have equal
	// keys, and ok is the same for all. It is false where there is no such key.
	// A recorded request is converted with [Request] first.
	Key(r *http.Request) (key string, ok bool)
	// Explain says what differs, in lines of text; "" where nothing does.
	Explain(r *http.Request, recorded cassette.Request) string
}

// Request converts a recorded request into what Key takes. It has no body. An
// error means that the recorded URL is none.
func Request(recorded cassette.Request) (*http.Request, error) {
	u, err := url.Parse(recorded.URL)
	if err != nil {
		return nil, err
	}
	return &http.Request{
		Method: recorded.Method,
		URL:    u,
		Host:   recorded.Host,
		Header: recorded.Headers,
	}, nil
}

// All returns a Matcher of requests on which all of ms agree.
func All(ms ...Matcher) Matcher { return all(ms) }

type all []Matcher

// Match implements Matcher.
func (ms all) Match(r *http.Request, recorded cassette.Request) bool {
	for _, m := range ms {
		if !m.Match(r, recorded) {
			return false
		}
	}
	return true
}

// Key implements Matcher: the keys of those that have one.
func (ms all) Key(r *http.Request) (key string, ok bool) {
	var keys []string
	for _, m := range ms {
		if k, has := m.Key(r); has {
			keys = append(keys, k)
			ok = true
		}
	}
	return strings.Join(keys, "\x00"), ok
}

// Explain implements Matcher.
func (ms all) Explain(r *http.Request, recorded cassette.Request) string {
	var texts []string
	for _, m := range ms {
		if s := m.Explain(r, recorded); s != "" {
			texts = append(texts, s)
		}
	}
	return strings.Join(texts, "\n")
}
