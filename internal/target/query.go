package target

import (
	"bytes"
	"slices"
)

// pair holds the offsets of a query's pair in the appended bytes.
type pair struct{ start, keyEnd, end int }

// AppendQuery appends a query in a normal form: keys in order, the values of
// one key in their own order, and all escapes decoded except where the byte
// would be misread. Empty pairs vanish, and a key without "=" has an empty
// value.
func AppendQuery[T text](dst []byte, query T) []byte {
	var room [16]pair // most queries fit, and allocate nothing
	pairs := room[:0]
	start, sorted := len(dst), true
	for len(query) > 0 {
		var next T
		next, query = cutPair(query)
		if len(next) == 0 {
			continue
		}
		p := pair{start: len(dst)}
		dst, p.keyEnd = appendPair(dst, next)
		p.end = len(dst)
		if n := len(pairs); n > 0 && bytes.Compare(pairs[n-1].key(dst), p.key(dst)) > 0 {
			sorted = false
		}
		pairs = append(pairs, p)
	}
	if sorted {
		return dst
	}
	return sortPairs(dst, start, pairs)
}

func (p pair) key(b []byte) []byte { return b[p.start:p.keyEnd] }

// cutPair splits off the first pair.
func cutPair[T text](query T) (first, rest T) {
	end := indexByte(query, '&')
	if end == len(query) {
		return query, rest
	}
	return query[:end], query[end+1:]
}

// appendPair appends a pair as "key=value&".
func appendPair[T text](dst []byte, s T) (_ []byte, keyEnd int) {
	var value T
	if end := indexByte(s, '='); end < len(s) {
		s, value = s[:end], s[end+1:]
	}
	dst = appendPlain(dst, s, "&=%", true)
	keyEnd = len(dst)
	dst = appendPlain(append(dst, '='), value, "&%", true)
	return append(dst, '&'), keyEnd
}

// sortPairs sorts the pairs in dst[start:] by key.
func sortPairs(dst []byte, start int, pairs []pair) []byte {
	end := len(dst)
	slices.SortStableFunc(pairs, func(a, b pair) int { return bytes.Compare(a.key(dst), b.key(dst)) })
	for _, p := range pairs {
		dst = append(dst, dst[p.start:p.end]...)
	}
	copy(dst[start:], dst[end:])
	return dst[:end]
}
