package rule

import (
	"bytes"

	"github.com/wiretape/wiretape/internal/meaning"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/internal/target"
)

// Keyer makes keys. It keeps its buffers, and is for one goroutine at a time.
type Keyer struct {
	Rule *Rule // the parts that a key holds

	key, line, flat, owned, ruled []byte
	spans                         []redact.Span
}

// Key returns the key by which an index finds a request that went to a host: all
// that counts of its method and target, in one form, each masked span as one "*".
// Requests have equal keys where the rule's matchers of targets agree. The key is
// valid until the next call.
func Key[T ~[]byte | ~string](k *Keyer, method, tgt, host T) []byte {
	key := requestKey(k, method, tgt)
	if hasQuery(tgt) {
		k.owned = appendOwn(k.owned[:0], key, host)
		key = k.owned
	}
	if k.Rule.plain && !(hasQuery(tgt) && meaning.HasJSON(key[bytes.IndexByte(key, '?')+1:])) {
		return key
	}
	k.ruled = k.Rule.appendKey(k.ruled[:0], key)
	return k.ruled
}

// requestKey returns a method and target in one form, whatever the rule says of
// them.
func requestKey[T ~[]byte | ~string](k *Keyer, method, tgt T) []byte {
	if k.Rule.masks == nil || !hasQuery(tgt) {
		k.key = target.AppendKey(k.key[:0], method, tgt)
		return k.key
	}
	k.line = append(append(append(k.line[:0], method...), ' '), tgt...)
	from, to := len(method)+1, len(k.line)
	k.line = append(k.line, " HTTP/1.1\r\n\r\n"...)
	k.spans = k.Rule.masks.Head(k.line, k.spans[:0])
	k.flat = flatten(k.flat[:0], k.line[from:to], int64(from), k.spans)
	k.key = target.AppendKey(k.key[:0], k.line[:len(method)], k.flat)
	return k.key
}

// hasQuery reports whether a target has a query, the one part of it that rules
// mask.
func hasQuery[T ~[]byte | ~string](tgt T) bool {
	for i := range len(tgt) {
		if tgt[i] == '?' {
			return true
		}
	}
	return false
}

// flatten appends b, which begins at offset base, with each span as one "*",
// so that secrets of different lengths are the same. Spans are in order.
func flatten(dst, b []byte, base int64, spans []redact.Span) []byte {
	at := base
	end := base + int64(len(b))
	for _, s := range spans {
		if s.Off < at || s.Off >= end {
			continue
		}
		dst = append(append(dst, b[at-base:s.Off-base]...), '*')
		at = min(s.Off+s.Len, end)
	}
	return append(dst, b[at-base:]...)
}

// Flat returns a target with each masked span as one "*".
func (r *Rule) Flat(method, tgt string) string {
	if r.masks == nil || !hasQuery(tgt) {
		return tgt
	}
	line := append([]byte(method+" "+tgt), " HTTP/1.1\r\n\r\n"...)
	from, to := len(method)+1, len(method)+1+len(tgt)
	spans := r.masks.Head(line, nil)
	return string(flatten(nil, line[from:to], int64(from), spans))
}

// appendKey appends the parts that count of a key that target.AppendKey made. The
// results are equal exactly where the rule's matchers agree.
func (r *Rule) appendKey(dst, key []byte) []byte {
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
		dst = r.values.Append(dst, query)
	}
	return dst
}

// appendPath appends the parts of a path that count. An OPTIONS request may have
// no path.
func (r *Rule) appendPath(dst, path []byte, options bool) []byte {
	version, plain := target.CutVersion(path)
	if len(plain) == 0 && !options {
		plain = []byte{'/'}
	}
	if r.APIVersion == "exact" {
		dst = append(dst, version...)
	}
	for i := range r.patterns {
		if r.patterns[i].Covers(plain) {
			return append(dst, r.patterns[i].Text...)
		}
		// A pattern may name the version itself, which then is not repeated.
		if len(version) > 0 && r.APIVersion == "exact" && r.patterns[i].Covers(path) {
			return append(dst[:len(dst)-len(version)], r.patterns[i].Text...)
		}
	}
	return append(dst, plain...)
}

// Serves reports whether the recorded request whose key was made last may answer
// at all: a rule may ask for one API version.
func (k *Keyer) Serves() bool {
	if k.Rule.APIVersion == "exact" || k.Rule.APIVersion == "any" {
		return true
	}
	_, rest, _ := bytes.Cut(k.key, []byte{' '})
	path, _, _ := bytes.Cut(rest, []byte{'?'})
	version, _ := target.CutVersion(path)
	return len(version) == 0 || string(version[len("/v"):]) == k.Rule.APIVersion
}
