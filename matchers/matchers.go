// Package matchers decides which recorded request answers a live one.
//
// Replay uses Matchers, and go-vcr takes one as it is:
//
//	m := matchers.All(matchers.Method(), matchers.Path(), matchers.Query("since", "until"))
//	rec.SetMatcher(m.Match)
//
// Combine small Matchers with [All], [Any] and [Not]. [Method], [Path],
// [Query] and [Header] look at the head. [Body], [JSON], [Form], [Multipart],
// [Tar] and [Content] look at the body. [APIVersion] lets a client of another
// API version be answered. [Differences] tells where two requests differ.
package matchers

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"
)

// A Matcher compares a live request with a recorded one. Matchers are
// immutable and safe for concurrent use. A Matcher that reads the body of a
// live request puts it back; it reads GetBody instead where the request has
// it.
type Matcher interface {
	// Match reports whether the recorded request answers r.
	Match(r *http.Request, recorded cassette.Request) bool
	// Key returns a string by which an index finds r. Requests that match have
	// equal keys. Ok is false where the Matcher has no such key; it is the
	// same for all requests. Convert a recorded request with [Request] first.
	Key(r *http.Request) (key string, ok bool)
	// Explain describes the differences in lines of text. It returns "" where
	// the requests match.
	Explain(r *http.Request, recorded cassette.Request) string
}

// Request converts a recorded request for Key. It fails where the recorded URL
// cannot be parsed. The header is recorded's own, not a copy.
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
