package vcrhead

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/wiretape/wiretape/internal/http1"
)

// Field is a field line: its name in canonical MIME form, and its value.
type Field struct {
	Name, Value []byte // valid until the View is used again
}

// View is a head as net/http presents it to go-vcr. Parse fills it in; a View
// is best used again, as it keeps its memory. Slices alias the section parsed.
type View struct {
	Start  []byte  // the start line without its end
	Fields []Field // by name; fields with equal names in the order sent
	names  []byte  // storage of the canonical names
}

// Parse parses a head or, without hasStart, a trailer section. It accepts any
// bytes: a line without a colon is no field.
func (v *View) Parse(section []byte, hasStart bool) {
	v.Start, v.Fields, v.names = nil, v.Fields[:0], v.names[:0]
	if cap(v.names) < len(section) {
		v.names = make([]byte, 0, 2*len(section))
	}
	for len(section) > 0 {
		var line []byte
		line, section = CutLine(section)
		switch {
		case len(line) == 0:
		case hasStart && v.Start == nil:
			v.Start = line
		case (line[0] == ' ' || line[0] == '\t') && len(v.Fields) > 0:
			v.unfold(line)
		default:
			v.add(line)
		}
	}
	slices.SortStableFunc(v.Fields, func(a, b Field) int { return bytes.Compare(a.Name, b.Name) })
}

// CutLine cuts section after its first line, and returns that line without its
// CRLF or LF.
func CutLine(section []byte) (line, rest []byte) {
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

func (v *View) add(line []byte) {
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return
	}
	at := len(v.names)
	v.names = AppendCanonical(v.names, trimBlanks(line[:colon]))
	v.Fields = append(v.Fields, Field{v.names[at:], trimBlanks(line[colon+1:])})
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
func (v *View) unfold(line []byte) {
	last := &v.Fields[len(v.Fields)-1]
	last.Value = slices.Concat(last.Value, []byte{' '}, trimBlanks(line))
}

// AppendCanonical appends a field name in canonical MIME form. A name that is
// no token stays as it is.
func AppendCanonical(dst, name []byte) []byte {
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
func (v *View) field(name string) []byte {
	for i := range v.Fields {
		if string(v.Fields[i].Name) == name {
			return v.Fields[i].Value
		}
	}
	return nil
}

// RequestLine returns the parts of a request's start line (RFC 9112 section 3),
// empty if they are missing.
func (v *View) RequestLine() (method, target, proto []byte) {
	method, rest, _ := bytes.Cut(v.Start, []byte{' '})
	at := bytes.LastIndexByte(rest, ' ')
	if at < 0 {
		return method, rest, nil
	}
	return method, bytes.TrimSpace(rest[:at]), rest[at+1:]
}

// StatusLine returns the parts of a response's start line (RFC 9112 section 4).
// Status is the code with the reason, as net/http's Status.
func (v *View) StatusLine() (proto, status []byte, code int) {
	proto, status, _ = bytes.Cut(v.Start, []byte{' '})
	status = bytes.TrimLeft(status, " ")
	digits, _, _ := bytes.Cut(status, []byte{' '})
	code, _ = strconv.Atoi(string(digits))
	return proto, status, code
}

// ProtoMinor returns the minor version of the protocol "HTTP/1.x", 0 or 1.
func ProtoMinor(proto []byte) int {
	if len(proto) > 0 && proto[len(proto)-1] == '1' {
		return 1
	}
	return 0
}

// Host returns the authority that a request names: in its target, if that has
// one, else in its Host field.
func (v *View) Host() []byte {
	method, target, _ := v.RequestLine()
	if string(method) == "CONNECT" {
		return target
	}
	if _, authority, _ := CutAbsolute(target); authority != nil {
		return authority
	}
	return v.field("Host")
}

// CutAbsolute splits a target in absolute-form (RFC 9112 section 3.2.2).
// Authority is nil for the other forms.
func CutAbsolute(target []byte) (scheme, authority, rest []byte) {
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

// AppendURL appends the target URI (RFC 9112 section 3.3).
func (v *View) AppendURL(dst []byte) []byte {
	method, target, _ := v.RequestLine()
	if string(method) != "CONNECT" {
		if _, authority, _ := CutAbsolute(target); authority != nil {
			return append(dst, target...)
		}
	}
	dst = append(dst, "http://"...)
	dst = append(dst, v.Host()...)
	if string(method) == "CONNECT" || string(target) == "*" {
		return dst
	}
	return append(dst, target...)
}

// ContentLength returns net/http's ContentLength for a message with framing f;
// -1 means unknown. Method is that of the request a response answers, with its
// code; for a request it is "".
func (v *View) ContentLength(f http1.Framing, method string, code int) int64 {
	switch {
	case f == http1.Chunked, f == http1.Close, f == http1.Stream && code != 101:
		return -1
	case f == http1.Length, f == http1.None && method == "HEAD":
		return v.declaredLength()
	}
	return 0
}

// declaredLength returns the first number of Content-Length, or -1.
func (v *View) declaredLength() int64 {
	value, _, _ := bytes.Cut(v.field("Content-Length"), []byte{','})
	n, err := strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// IsFraming reports whether net/http keeps the field with that canonical name
// out of its Header.
func IsFraming(name []byte) bool {
	switch string(name) {
	case "Transfer-Encoding", "Trailer":
		return true
	}
	return false
}

func isAlpha(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
