// Package target brings request targets into a normal form: two targets that
// ask for the same thing have the same bytes.
package target

import "strings"

// text is the type of targets: wire bytes, or strings of a cassette.
type text interface{ ~[]byte | ~string }

// AppendKey appends the key of a request: its method, and the path and query
// of its target in normal form. The target may have any form of RFC 9112
// section 3.2, or be a target URI. Its authority does not count, except for
// CONNECT, which names nothing else.
func AppendKey[T text](dst []byte, method, target T) []byte {
	dst = append(append(dst, method...), ' ')
	authority, path, query := Cut(target)
	switch string(method) {
	case "CONNECT":
		return append(dst, authority...)
	case "OPTIONS": // asks about the server where there is no path
	default:
		if len(path) == 0 {
			dst = append(dst, '/')
		}
	}
	dst = AppendPath(dst, path)
	return AppendQuery(append(dst, '?'), query)
}

// Cut splits a target into authority, path and query. A target that does not
// begin with a path, "*" say, counts as authority up to the first slash, "?"
// or "#".
func Cut[T text](target T) (authority, path, query T) {
	path = target
	if len(target) > 0 && target[0] != '/' {
		rest := target[schemeLen(target):]
		end := index(rest, '/', '?', '#')
		authority, path = rest[:end], rest[end:]
	}
	end := indexByte(path, '?')
	if end == len(path) {
		return authority, path, query
	}
	return authority, path[:end], path[end+1:]
}

// schemeLen returns the length of the scheme and "://" at the start of a
// target, or 0.
func schemeLen[T text](target T) int {
	i := index(target, ':', '?', '#')
	if len(target) < i+3 || string(target[i:i+3]) != "://" || !letter(target[0]) || indexByte(target[:i], '/') < i {
		return 0
	}
	return i + 3
}

// AppendPath appends a path with the escapes of ordinary bytes decoded:
// "/a%7Eb" becomes "/a~b", but "/a%2Fb" stays, because it is not "/a/b" (RFC
// 3986 section 6.2.2).
func AppendPath[T text](dst []byte, path T) []byte {
	return appendPlain(dst, path, "/?%", false)
}

// appendPlain appends s with its escapes decoded, except those of reserved
// bytes. In a form, "+" is a space.
func appendPlain[T text](dst []byte, s T, reserved string, form bool) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '+' && form:
			dst = append(dst, ' ')
		case c != '%':
			dst = append(dst, c)
		case i+2 < len(s) && unhex(s[i+1]) < 16 && unhex(s[i+2]) < 16:
			dst = appendByte(dst, unhex(s[i+1])<<4|unhex(s[i+2]), reserved)
			i += 2
		default: // a lone percent sign
			dst = append(dst, "%25"...)
		}
	}
	return dst
}

// appendByte appends c, escaped where it is reserved.
func appendByte(dst []byte, c byte, reserved string) []byte {
	if strings.IndexByte(reserved, c) < 0 {
		return append(dst, c)
	}
	const hex = "0123456789ABCDEF"
	return append(dst, '%', hex[c>>4], hex[c&15])
}

// unhex returns the value of a hexadecimal digit, and at least 16 for other
// bytes.
func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 16
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// indexByte returns the index of the first c in s, or len(s).
func indexByte[T text](s T, c byte) int { return index(s, c, c, c) }

// index returns the index of the first byte of s that is a, b or c, or len(s).
func index[T text](s T, a, b, c byte) int {
	for i := range len(s) {
		if s[i] == a || s[i] == b || s[i] == c {
			return i
		}
	}
	return len(s)
}
