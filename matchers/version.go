package matchers

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/wiretape/wiretape/internal/target"
)

// APIVersion returns a Matcher of requests on which ms agree once the API
// version at the beginning of their paths, "/v1.41" say, is left out. Version
// tells how the API versions are compared:
//
//   - "exact": they are equal.
//   - "any": they do not count. A newer client gets the answers of an older
//     daemon.
//   - "1.24", say: the recorded request has this version, or none. The live
//     request's does not count.
func APIVersion(version string, ms ...Matcher) Matcher { return apiVersion{version, ms} }

// CheckAPIVersion returns an error where version is none of those that
// [APIVersion] takes.
func CheckAPIVersion(version string) error {
	if version == "exact" || version == "any" || plainVersion.MatchString(version) {
		return nil
	}
	return fmt.Errorf("API version %q: want exact, any or a version such as 1.24", version)
}

var plainVersion = regexp.MustCompile(`^[0-9]+(\.[0-9]+)+$`)

// cutVersion splits a path into the number of its API version, "1.41" say or
// "", and the rest.
func cutVersion(path string) (version, rest string) {
	version, rest = target.CutVersion(path)
	return strings.TrimPrefix(version, "/v"), rest
}

type apiVersion struct {
	version string
	ms      all
}

// Match implements Matcher.
func (v apiVersion) Match(r *http.Request, recorded cassette.Request) bool {
	live, was, plain, err := v.cut(r, recorded)
	if err != nil || !v.agree(live, was) {
		return false
	}
	defer putBack(r, plain)
	return v.ms.Match(plain, withoutVersion(recorded))
}

// agree reports whether the versions of two requests agree.
func (v apiVersion) agree(live, recorded string) bool {
	switch v.version {
	case "exact":
		return live == recorded
	case "any":
		return true
	}
	return recorded == v.version || recorded == ""
}

// cut returns the versions of two requests, and the live request without its
// own.
func (v apiVersion) cut(r *http.Request, recorded cassette.Request) (live, was string, plain *http.Request, err error) {
	u, err := url.Parse(recorded.URL)
	if err != nil {
		return "", "", nil, err
	}
	was, _ = cutVersion(u.Path)
	live, plain = plainRequest(r)
	return live, was, plain, nil
}

// plainRequest returns a request's version and a copy of the request without
// it.
func plainRequest(r *http.Request) (version string, plain *http.Request) {
	version, rest := cutVersion(r.URL.Path)
	if version == "" {
		return "", r
	}
	u := *r.URL
	u.Path = rest
	if u.RawPath != "" {
		_, u.RawPath = cutVersion(u.RawPath)
	}
	plain = new(http.Request)
	*plain = *r
	plain.URL = &u
	return version, plain
}

// putBack gives r back the body that was read from a copy of r.
func putBack(r, plain *http.Request) { r.Body = plain.Body }

func withoutVersion(recorded cassette.Request) cassette.Request {
	other, err := Request(recorded)
	if err != nil {
		return recorded
	}
	_, plain := plainRequest(other)
	recorded.URL = plain.URL.String()
	return recorded
}

// Key implements Matcher.
func (v apiVersion) Key(r *http.Request) (string, bool) {
	version, plain := plainRequest(r)
	defer putBack(r, plain)
	key, ok := v.ms.Key(plain)
	if v.version != "exact" {
		return key, ok
	}
	return version + "\x00" + key, true
}

// Explain implements Matcher.
func (v apiVersion) Explain(r *http.Request, recorded cassette.Request) string {
	return explain(v.find(r, recorded))
}

func (v apiVersion) find(r *http.Request, recorded cassette.Request) (parts []part) {
	live, was, plain, err := v.cut(r, recorded)
	if err != nil {
		return unparsable("API version", err)
	}
	defer putBack(r, plain)
	switch {
	case v.agree(live, was):
	case v.version == "exact":
		parts = single("API version", orNone(live), orNone(was))
	default:
		text := fmt.Sprintf("recorded with %s, to be answered with %s", was, v.version)
		parts = []part{{"API version", []line{{text, Difference{"API version", v.version, was}}}}}
	}
	return append(parts, v.ms.find(plain, withoutVersion(recorded))...)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
