// Package matchers says which recorded request answers a live one.
//
// A Matcher is used by replay, and by go-vcr as it is:
//
//	m := matchers.All(matchers.Method(), matchers.Path(), matchers.Query("since", "until"))
//	rec.SetMatcher(m.Match)
package matchers

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"
)

// A Matcher compares a live request with a recorded one. Matchers are
// immutable and safe for concurrent use. One that reads the body of a live
// request puts it back; where the request has GetBody, that is read instead.
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

// Request converts a recorded request into what Key takes. An error means that
// the recorded URL is none.
func Request(recorded cassette.Request) (*http.Request, error) {
	u, err := url.Parse(recorded.URL)
	if err != nil {
		return nil, err
	}
	r := &http.Request{
		Method:        recorded.Method,
		URL:           u,
		Host:          recorded.Host,
		Header:        recorded.Headers,
		ContentLength: int64(len(recorded.Body)),
	}
	if recorded.Body == "" {
		return r, nil
	}
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(recorded.Body)), nil }
	r.Body, err = r.GetBody()
	return r, err
}
