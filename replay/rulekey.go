package replay

import (
	"bytes"
	"slices"

	"github.com/wiretape/wiretape/internal/target"
)

// appendKey appends what counts of a key that target.AppendKey made. Equal
// results are what the rule's matchers call a match.
func (r *rule) appendKey(dst, key []byte) []byte {
	method, rest, _ := bytes.Cut(key, []byte{' '})
	if r.method {
		dst = append(dst, method...)
	}
	dst = append(dst, ' ')
	path, query, hasQuery := bytes.Cut(rest, []byte{'?'}) // in a path it is escaped
	if r.path {
		dst = r.appendPath(dst, path, string(method) == "OPTIONS")
	}
	if !hasQuery {
		return dst // CONNECT
	}
	dst = append(dst, '?')
	if r.query {
		dst = r.appendQuery(dst, query)
	}
	return dst
}

// appendPath appends what counts of a path. That of an OPTIONS request may be
// none.
func (r *rule) appendPath(dst, path []byte, options bool) []byte {
	version, plain := target.CutVersion(path)
	if len(plain) == 0 && !options {
		plain = []byte{'/'}
	}
	if r.APIVersion == "exact" {
		dst = append(dst, version...)
	}
	for i := range r.patterns {
		if r.patterns[i].covers(plain) {
			return append(dst, r.patterns[i].text...)
		}
		if len(version) > 0 && r.APIVersion == "exact" && r.patterns[i].covers(path) {
			return append(dst[:len(dst)-len(version)], r.patterns[i].text...)
		}
	}
	return append(dst, plain...)
}

// appendQuery appends the pairs of a query that count.
func (r *rule) appendQuery(dst, query []byte) []byte {
	for len(query) > 0 {
		end := bytes.IndexByte(query, '&') + 1 // every pair ends with one
		pair := query[:end]
		query = query[end:]
		key := pair[:max(bytes.IndexByte(pair, '='), 0)]
		if !slices.ContainsFunc(r.ignored, func(k string) bool { return string(key) == k }) {
			dst = append(dst, pair...)
		}
	}
	return dst
}

// covers reports whether a path is of the pattern's form.
func (p *pattern) covers(path []byte) bool {
	for i, want := range p.segments {
		segment := path
		end := bytes.IndexByte(path, '/')
		if last := i == len(p.segments)-1; last != (end < 0) {
			return false
		}
		if end >= 0 {
			segment, path = path[:end], path[end+1:]
		}
		if want != "{}" && string(segment) != want {
			return false
		}
	}
	return true
}

// serves reports whether what was recorded under that key may answer at all:
// a rule may ask for one API version.
func (r *rule) serves(key []byte) bool {
	if r.APIVersion == "exact" || r.APIVersion == "any" {
		return true
	}
	_, rest, _ := bytes.Cut(key, []byte{' '})
	path, _, _ := bytes.Cut(rest, []byte{'?'})
	version, _ := target.CutVersion(path)
	return len(version) == 0 || string(version[len("/v"):]) == r.APIVersion
}
