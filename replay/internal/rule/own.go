package rule

import "bytes"

// own replaces the host that a request went to, where it is a value of its key's
// query: a registry is asked to mount from itself.
const own = "<own>"

// appendOwn appends a key to dst with its request's host as own.
func appendOwn[T ~[]byte | ~string](dst, key []byte, host T) []byte {
	at := bytes.IndexByte(key, '?') + 1
	for at > 0 && len(host) > 0 {
		i := indexValue(key[at:], host)
		if i < 0 {
			break
		}
		dst = append(append(dst, key[:at+i]...), own...)
		key, at = key[at+i+len(host):], 1
	}
	return append(dst, key...)
}

// indexValue returns where a pair of a query that target.AppendQuery made has
// that value, or -1.
func indexValue[T ~[]byte | ~string](query []byte, value T) int {
	for from := 0; ; {
		i := bytes.IndexByte(query[from:], '=') + 1
		if i == 0 {
			return -1
		}
		from += i
		end := from + len(value)
		if end < len(query) && query[end] == '&' && string(query[from:end]) == string(value) {
			return from
		}
	}
}
