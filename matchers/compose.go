package matchers

import (
	"net/http"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"
)

// All returns a Matcher of requests on which all of ms agree. Its key joins
// the keys of those that have one.
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

// Key implements Matcher.
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
	return explain(ms.find(r, recorded))
}

func (ms all) find(r *http.Request, recorded cassette.Request) (parts []part) {
	for _, m := range ms {
		parts = append(parts, find(m, r, recorded)...)
	}
	return parts
}

// Any returns a Matcher of requests on which at least one of ms agrees. It has
// no key.
func Any(ms ...Matcher) Matcher { return anyOf(ms) }

type anyOf []Matcher

// Match implements Matcher.
func (ms anyOf) Match(r *http.Request, recorded cassette.Request) bool {
	for _, m := range ms {
		if m.Match(r, recorded) {
			return true
		}
	}
	return false
}

// Key implements Matcher.
func (anyOf) Key(*http.Request) (string, bool) { return "", false }

// Explain implements Matcher.
func (ms anyOf) Explain(r *http.Request, recorded cassette.Request) string {
	var texts []string
	if len(ms) == 0 {
		return explain(ms.find(r, recorded))
	}
	for _, m := range ms {
		s := m.Explain(r, recorded)
		if s == "" {
			return ""
		}
		texts = append(texts, s)
	}
	return strings.Join(texts, "\nand ")
}

func (ms anyOf) find(r *http.Request, recorded cassette.Request) (parts []part) {
	if len(ms) == 0 {
		return remark("any", "there is nothing to agree on")
	}
	for _, m := range ms {
		found := find(m, r, recorded)
		if len(found) == 0 {
			return nil
		}
		parts = append(parts, found...)
	}
	return parts
}

// Not returns a Matcher of requests on which m does not agree. It has no key.
func Not(m Matcher) Matcher { return not{m} }

type not struct{ m Matcher }

// Match implements Matcher.
func (n not) Match(r *http.Request, recorded cassette.Request) bool {
	return !n.m.Match(r, recorded)
}

// Key implements Matcher.
func (not) Key(*http.Request) (string, bool) { return "", false }

// Explain implements Matcher.
func (n not) Explain(r *http.Request, recorded cassette.Request) string {
	return explain(n.find(r, recorded))
}

func (n not) find(r *http.Request, recorded cassette.Request) []part {
	if n.Match(r, recorded) {
		return nil
	}
	return remark("not", "the requests agree where they are to differ")
}
