package cassettes

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/wiretape/wiretape/internal/http1"
)

// This file derives go-vcr's view of a message from its head. It holds what
// net/http would have given go-vcr.

// field is a field line: its name in canonical MIME form, and its value.
type field struct{ name, value []byte }

// view is a head taken apart. It is reused from item to item.
type view struct {
	start  []byte  // the start line
	fields []field // in order of name; those of equal name as they came
	names  []byte  // storage of the canonical names
}

// parse takes a head or trailer section apart; hasStart says that its first
// line is a start line.
func (v *view) parse(section []byte, hasStart bool) {
	v.start, v.fields, v.names = nil, v.fields[:0], v.names[:0]
	if cap(v.names) < len(section) {
		v.names = make([]byte, 0, 2*len(section))
	}
	for len(section) > 0 {
		var line []byte
		line, section = cutLine(section)
		switch {
		case len(line) == 0:
		case hasStart && v.start == nil:
			v.start = line
		case (line[0] == ' ' || line[0] == '\t') && len(v.fields) > 0:
			v.unfold(line)
		default:
			v.add(line)
		}
	}
	slices.SortStableFunc(v.fields, func(a, b field) int { return bytes.Compare(a.name, b.name) })
}

// cutLine returns section's first line without its end, and what follows.
func cutLine(section []byte) (line, rest []byte) {
	end := bytes.IndexByte(section, '\n')
	if end < 0 {
		end = len(section)
	}
	line, rest = section[:end], section[min(end+1, len(section)):]
	if end > 0 && line[end-1] == '\r' {
		line = line[:end-1]
	}
	return line, rest
}

func (v *view) add(line []byte) {
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return
	}
	at := len(v.names)
	v.names = appendCanonical(v.names, trimBlanks(line[:colon]))
	v.fields = append(v.fields, field{v.names[at:], trimBlanks(line[colon+1:])})
}

// trimBlanks returns s without spaces and tabs around it.
func trimBlanks(s []byte) []byte {
	for len(s) > 0 && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for n := len(s); n > 0 && (s[n-1] == ' ' || s[n-1] == '\t'); n = len(s) {
		s = s[:n-1]
	}
	return s
}

// unfold joins a continuation line to the field before it with one space, as
// RFC 9112 section 5.2 has it.
func (v *view) unfold(line []byte) {
	last := &v.fields[len(v.fields)-1]
	last.value = slices.Concat(last.value, []byte{' '}, trimBlanks(line))
}

// appendCanonical appends a field name in canonical MIME form. A name that is
// no token stays as it is.
func appendCanonical(dst, name []byte) []byte {
	for _, c := range name {
		if !isToken(c) {
			return append(dst, name...)
		}
	}
	upper := true
	for _, c := range name {
		if isAlpha(c) {
			c |= 0x20
			if upper {
				c &^= 0x20
			}
		}
		dst = append(dst, c)
		upper = c == '-'
	}
	return dst
}

func isToken(c byte) bool {
	return isAlpha(c) || '0' <= c && c <= '9' || bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), c) >= 0
}

// field returns the first value of the field with that canonical name.
func (v *view) field(name string) []byte {
	for i := range v.fields {
		if string(v.fields[i].name) == name {
			return v.fields[i].value
		}
	}
	return nil
}

// requestLine returns the parts of a request's start line.
func (v *view) requestLine() (method, target, proto []byte) {
	method, rest, _ := bytes.Cut(v.start, []byte{' '})
	at := bytes.LastIndexByte(rest, ' ')
	if at < 0 {
		return method, rest, nil
	}
	return method, bytes.TrimSpace(rest[:at]), rest[at+1:]
}

// statusLine returns the parts of a response's start line; status is the code
// with the reason, as net/http has it.
func (v *view) statusLine() (proto, status []byte, code int) {
	proto, status, _ = bytes.Cut(v.start, []byte{' '})
	status = bytes.TrimLeft(status, " ")
	digits, _, _ := bytes.Cut(status, []byte{' '})
	code, _ = strconv.Atoi(string(digits))
	return proto, status, code
}

// protoMinor returns the minor version of HTTP/1.x.
func protoMinor(proto []byte) int {
	if len(proto) > 0 && proto[len(proto)-1] == '1' {
		return 1
	}
	return 0
}

// host returns the authority that a request names: of its target, else of its
// Host field.
func (v *view) host() []byte {
	method, target, _ := v.requestLine()
	if string(method) == "CONNECT" {
		return target
	}
	if _, authority, _ := cutAbsolute(target); authority != nil {
		return authority
	}
	return v.field("Host")
}

// cutAbsolute splits a target in absolute-form; authority is nil for others.
func cutAbsolute(target []byte) (scheme, authority, rest []byte) {
	scheme, after, ok := bytes.Cut(target, []byte("://"))
	if !ok || len(scheme) == 0 || !isAlpha(scheme[0]) || bytes.ContainsAny(scheme, "/?#") {
		return nil, nil, nil
	}
	end := bytes.IndexAny(after, "/?#")
	if end < 0 {
		end = len(after)
	}
	return scheme, after[:end:end], after[end:]
}

// appendURL appends the target URI (RFC 9112 section 3.3).
func (v *view) appendURL(dst []byte) []byte {
	method, target, _ := v.requestLine()
	if string(method) != "CONNECT" {
		if _, authority, _ := cutAbsolute(target); authority != nil {
			return append(dst, target...)
		}
	}
	dst = append(dst, "http://"...)
	dst = append(dst, v.host()...)
	if string(method) == "CONNECT" || string(target) == "*" {
		return dst
	}
	return append(dst, target...)
}

// contentLength returns what net/http's ContentLength would be. Method is the
// request's, "" for a request's own.
func (v *view) contentLength(f http1.Framing, method string, code int) int64 {
	switch {
	case f == http1.Chunked, f == http1.Close, f == http1.Stream && code != 101:
		return -1
	case f == http1.Length, f == http1.None && method == "HEAD":
		return v.declaredLength()
	}
	return 0
}

// declaredLength returns the first number of Content-Length, or -1.
func (v *view) declaredLength() int64 {
	value, _, _ := bytes.Cut(v.field("Content-Length"), []byte{','})
	n, err := strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// isFraming reports whether net/http keeps the field out of a Header.
func isFraming(name []byte) bool {
	switch string(name) {
	case "Transfer-Encoding", "Trailer":
		return true
	}
	return false
}

func isAlpha(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
