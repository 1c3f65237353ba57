package http1

import "bytes"

// maxFields is the number of fields from which a head is refused.
const maxFields = 4096

// section is a head or a trailer section whose lines arrive one by one. It
// holds offsets rather than slices, because the bytes move when they come in
// pieces.
type section struct {
	held      int  // bytes that were in the parser's buffer before this call
	line      int  // where the unfinished line begins
	checked   int  // bytes of the start line that begun has checked
	started   bool // the start line has come, or the section has none
	canonical bool // no bare LF, no folded line, no leading empty line
	crs       int  // lines that ended with CRLF

	method, target, reason span
	code, minor            int
	fields                 []fieldSpan
}

// span is a range of the section's bytes. fieldSpan holds the two ranges of a
// field.
type (
	span      struct{ from, to int32 }
	fieldSpan struct{ name, value span }
)

// of returns the bytes of the span in src.
func (s span) of(src []byte) []byte { return src[s.from:s.to:s.to] }

// begin prepares s for another section.
func (s *section) begin(startLine bool) {
	*s = section{started: !startLine, canonical: true, fields: s.fields[:0]}
}

// add reads the line at the end of src. It reports whether the line ends the
// section, and whether it may stand there.
func (s *section) add(src []byte, side Side) (end, ok bool) {
	at := s.line
	line := src[at : len(src)-1]
	s.line = len(src)
	if len(src) >= MaxHead {
		return false, false
	}
	if n := len(line) - 1; n >= 0 && line[n] == '\r' {
		line = line[:n]
		s.crs++
	} else {
		s.canonical = false // section 2.2: a recipient may accept a lone LF
	}
	switch {
	case !s.started:
		return false, s.startLine(line, at, side)
	case len(line) == 0:
		return true, true
	case line[0] == ' ' || line[0] == '\t':
		return false, s.fold(line, at)
	}
	return false, s.field(line, at, side)
}

// sound reports whether the section is free of the bytes that RFC 9112 section
// 2.2 and RFC 9110 section 5.5 call dangerous: CR other than in CRLF, and NUL.
func (s *section) sound(src []byte) bool {
	return bytes.Count(src, cr) == s.crs && bytes.IndexByte(src, 0) < 0
}

var cr = []byte("\r")

// begun reports whether the unfinished line at the end of src can become a
// valid one. It looks at start lines only, so that the first bytes of another
// protocol reveal it.
func (s *section) begun(src []byte, side Side) bool {
	if s.started {
		return true
	}
	line := src[s.line:]
	if side == Server {
		n := min(len(line), len(version))
		return string(line[:n]) == version[:n]
	}
	if len(line) == 1 && line[0] == '\r' {
		return true // of an empty line before the request
	}
	for i, c := range line[s.checked:] {
		if c == ' ' && s.checked+i > 0 {
			s.checked += i
			return true
		}
		if !token[c] {
			return false
		}
	}
	s.checked = len(line)
	return true
}

// startLine reads a request or status line, or an empty line before it.
func (s *section) startLine(line []byte, at int, side Side) bool {
	s.checked = 0
	switch {
	case side == Server:
		s.started = true
		return s.statusLine(line, at)
	case len(line) == 0:
		s.canonical = false // section 2.2: a server should ignore it
		return true
	}
	s.started = true
	return s.requestLine(line, at)
}

// version begins every version that the parser accepts; a digit follows.
const version = "HTTP/1."

// requestLine reads a request line (RFC 9112 section 3).
func (s *section) requestLine(line []byte, at int) bool {
	m := tokenLen(line)
	v := len(line) - len(" HTTP/1.1")
	if m == 0 || v <= m+1 || line[m] != ' ' || line[v] != ' ' || !s.version(line[v+1:]) {
		return false
	}
	for _, c := range line[m+1 : v] {
		if c <= ' ' || c == 0x7f {
			return false
		}
	}
	s.method = shift(at, 0, m)
	s.target = shift(at, m+1, v)
	return true
}

// statusLine reads a status line (RFC 9112 section 4). Where the reason is
// absent, the space before it may be absent, too.
func (s *section) statusLine(line []byte, at int) bool {
	const code, reason = len("HTTP/1.1 "), len("HTTP/1.1 200 ")
	if len(line) < reason-1 || line[code-1] != ' ' || !s.version(line[:code-1]) {
		return false
	}
	s.code = 0
	for _, c := range line[code : reason-1] {
		if c < '0' || c > '9' {
			return false
		}
		s.code = s.code*10 + int(c-'0')
	}
	s.reason = shift(at, len(line), len(line))
	if len(line) >= reason {
		s.reason = shift(at, reason, len(line))
	}
	return s.code >= 100 && (len(line) < reason || line[reason-1] == ' ')
}

// version reads the version in a start line.
func (s *section) version(b []byte) bool {
	minor := b[len(version)]
	s.minor = int(minor - '0')
	return string(b[:len(version)]) == version && '0' <= minor && minor <= '9'
}

// field reads a field line (RFC 9112 section 5). White space before the colon
// makes a request invalid (section 5.1). In a response it counts as part of
// the name, as in net/http and curl: no reader looks for such a field.
func (s *section) field(line []byte, at int, side Side) bool {
	name := tokenLen(line)
	if name == 0 {
		return false
	}
	for side == Server && name < len(line) && blank(line[name]) {
		name++
	}
	if name == len(line) || line[name] != ':' || len(s.fields) == maxFields {
		return false
	}
	from, to := trim(line, name+1)
	s.fields = append(s.fields, fieldSpan{shift(at, 0, name), shift(at, from, to)})
	return true
}

// fold reads a line that continues the value of a field (section 5.2). A fold
// right after the start line continues nothing (section 2.2).
func (s *section) fold(line []byte, at int) bool {
	if len(s.fields) == 0 {
		return false
	}
	s.canonical = false
	from, to := trim(line, 0)
	if from == to {
		return true
	}
	value := &s.fields[len(s.fields)-1].value
	more := shift(at, from, to)
	if value.from == value.to {
		value.from = more.from
	}
	value.to = more.to
	return true
}

// head fills in h from the section, whose bytes are src.
func (s *section) head(h *MessageHead, variant int, src []byte) {
	fields := h.Fields[:0]
	for i := range s.fields {
		f := &s.fields[i]
		fields = append(fields, Field{})
		to := &fields[i] // in place: copying costs more
		to.Name, to.Value = f.name.of(src), f.value.of(src)
	}
	*h = MessageHead{
		Raw:       src,
		Canonical: s.canonical,
		Method:    s.method.of(src),
		Target:    s.target.of(src),
		Code:      s.code,
		Reason:    s.reason.of(src),
		Minor:     s.minor,
		Fields:    fields,
		Variant:   variant,
	}
}

// shift returns the span [from, to) of a line that begins at offset at.
func shift(at, from, to int) span { return span{int32(at + from), int32(at + to)} }

// trim returns the range of line, from offset from on, without the white space
// around it.
func trim(line []byte, from int) (int, int) {
	to := len(line)
	for from < to && blank(line[from]) {
		from++
	}
	for from < to && blank(line[to-1]) {
		to--
	}
	return from, to
}

// blank reports whether c is white space within a line.
func blank(c byte) bool { return c == ' ' || c == '\t' }

// tokenLen returns the number of token bytes at the start of b.
func tokenLen(b []byte) int {
	for i, c := range b {
		if !token[c] {
			return i
		}
	}
	return len(b)
}

// token marks the bytes of a token (RFC 9110 section 5.6.2).
var token = func() (t [256]bool) {
	for _, c := range []byte("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
		t[c] = true
	}
	return t
}()
