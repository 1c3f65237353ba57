package replay

import (
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/internal/target"
)

// masker brings what requests are found by into one form. It keeps its
// buffers, and is for one goroutine at a time.
type masker struct {
	key, line, flat, owned, ruled []byte
	spans                         []redact.Span
}

// requestKey returns what a request is found by, with each masked span of its
// target as one "*". It is valid until the next call.
func requestKey[T ~[]byte | ~string](m *masker, rules *redact.Rules, method, tgt T) []byte {
	if rules == nil || !hasQuery(tgt) {
		m.key = target.AppendKey(m.key[:0], method, tgt)
		return m.key
	}
	m.line = append(append(append(m.line[:0], method...), ' '), tgt...)
	from, to := len(method)+1, len(m.line)
	m.line = append(m.line, " HTTP/1.1\r\n\r\n"...)
	m.spans = rules.Head(m.line, m.spans[:0])
	m.flat = flatten(m.flat[:0], m.line[from:to], int64(from), m.spans)
	m.key = target.AppendKey(m.key[:0], m.line[:len(method)], m.flat)
	return m.key
}

// keyOf returns what the index finds a request by that went to a host. It is
// valid until the next call.
func keyOf[T ~[]byte | ~string](x *index, m *masker, method, tgt, host T) []byte {
	key := requestKey(m, x.rules, method, tgt)
	if hasQuery(tgt) {
		m.owned = appendOwn(m.owned[:0], key, host)
		key = m.owned
	}
	if x.rule.plain {
		return key
	}
	m.ruled = x.rule.appendKey(m.ruled[:0], key)
	return m.ruled
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
