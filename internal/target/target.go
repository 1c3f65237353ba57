// Package target brings request targets into one form, so that two of them
// that ask for the same thing are the same bytes.
package target

import "strings"

// text is what targets are kept in: wire bytes or cassettes' strings.
type text interface{ ~[]byte | ~string }

// AppendKey appends what a request is found by: its method, and the path and
// query of its target. The target may be in any form of RFC 9112 section 3.2,
// or be a target URI; its authority is ignored, but for CONNECT, which names
// nothing else.
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

// Cut splits a target into authority, path and query. What does not begin with
// a path, as "*", counts as authority as far as one goes.
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

// schemeLen returns the length of the scheme that a target begins with, with
// the "://" after it.
func schemeLen[T text](target T) int {
	i := index(target, ':', '?', '#')
	if len(target) < i+3 || string(target[i:i+3]) != "://" || !letter(target[0]) || indexByte(target[:i], '/') < i {
		return 0
	}
	return i + 3
}

// AppendPath appends a path with every escape taken back that stands for an
// ordinary byte: "/a%7Eb" is "/a~b", but "/a%2Fb" is not "/a/b" (RFC 3986
// section 6.2.2).
func AppendPath[T text](dst []byte, path T) []byte {
	return appendPlain(dst, path, "/?%", false)
}

// appendPlain appends s without its escapes, but for those of reserved bytes.
// In a form, "+" is a space.
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
		default: // no escape
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

// unhex returns the value of a hexadecimal digit, or 16 or more.
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

// indexByte returns the index of the first c in s, or s's length.
func indexByte[T text](s T, c byte) int { return index(s, c, c, c) }

// index returns the index of the first byte of s that is a, b or c, or s's
// length.
func index[T text](s T, a, b, c byte) int {
	for i := range len(s) {
		if s[i] == a || s[i] == b || s[i] == c {
			return i
		}
	}
	return len(s)
}
