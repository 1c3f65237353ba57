package http1

import (
	"math"

	"github.com/wiretape/wiretape/internal/product"
)

// facts are the statements of a head's fields about the framing of its
// message.
type facts struct {
	coded   bool // there is a Transfer-Encoding
	codings int  // number of codings that it names
	chunks  int  // number of these that are chunked
	chunked bool // the last one is

	sized    bool // there is a Content-Length
	length   int64
	conflict bool // it is malformed, or two of them differ

	close, keepAlive, upgrade bool // Connection options
	protocol                  bool // there is an Upgrade field
	expect                    bool // 100-continue
	rawStream                 bool // Content-Type is one of a hijacked stream
}

// frame fills in the framing of h from its fields (RFC 9112 section 6.3). It
// reports whether all recipients would understand them in the same way.
func (p *Parser) frame(h *MessageHead) bool {
	f := read(h.Fields)
	if p.Side == Client {
		return f.request(h)
	}
	return f.response(h, p.asked[p.next])
}

// read collects the facts. It looks at the length of a name first: most fields
// say nothing about framing, and most lengths are not in the list.
func read(fields []Field) (f facts) {
	for i := range fields {
		name, value := fields[i].Name, fields[i].Value
		switch len(name) {
		case len("Expect"):
			f.expect = f.expect || equalFold(name, "Expect") && equalFold(value, "100-continue")
		case len("Upgrade"):
			f.protocol = f.protocol || equalFold(name, "Upgrade")
		case len("Connection"):
			if equalFold(name, "Connection") {
				f.connection(value)
			}
		case len("Content-Type"):
			if equalFold(name, "Content-Type") {
				// Only the hijack of old engines depends on this field, and they
				// send one.
				f.rawStream = hijacks(value)
			}
		case len("Content-Length"):
			if equalFold(name, "Content-Length") {
				f.contentLength(value)
			}
		case len("Transfer-Encoding"):
			// Repeated fields are one list (RFC 9110 section 5.3), so the
			// facts add up.
			if equalFold(name, "Transfer-Encoding") {
				f.transferEncoding(value)
			}
		}
	}
	return f
}

// request decides about a request. It refuses requests that a server answers
// with 400: a Transfer-Encoding that does not end with chunked, or that comes
// with HTTP/1.0 (RFC 9112 section 6.1), and bad lengths.
//
// A Content-Length beside chunked is ignored, as section 6.3 says and as
// net/http and most servers do. A server may reject such a message instead. It
// then closes the connection, which ends the message in the recording, too.
func (f *facts) request(h *MessageHead) bool {
	h.Upgrade = string(h.Method) == "CONNECT" || f.upgrade && f.protocol
	h.Expect = f.expect && h.Minor > 0
	h.Close = f.closes(h)
	switch {
	case f.coded:
		h.Framing = Chunked
		return f.chunked && f.chunks == 1 && h.Minor > 0
	case f.conflict:
		return false
	case f.sized:
		h.Framing, h.Length = Length, f.length
	}
	return true
}

// response decides about the response to a request q.
//
// It accepts a 101 that the request did not ask for: dockerd looks at the
// Upgrade field alone. The bytes after a 101 are no message in any case.
func (f *facts) response(h *MessageHead, q question) bool {
	h.Close = f.closes(h)
	switch {
	case h.Code == 101, q.connect && h.Code/100 == 2:
		h.Framing, h.Upgrade = Stream, true
	case h.Code/100 == 1:
		h.Interim = true
	case q.head, h.Code == 204, h.Code == 304:
	case f.coded:
		return f.codedResponse(h)
	case f.conflict:
		return false
	case f.sized:
		h.Framing, h.Length = Length, f.length
	case q.hijack && h.Code == 200 && f.rawStream:
		h.Framing, h.Upgrade = Stream, true
	default:
		h.Framing, h.Close = Close, true
	}
	return true
}

// codedResponse decides about a response with a Transfer-Encoding. One that
// does not end with chunked lasts until the connection closes. Beside a
// Content-Length it is refused: clients disagree about its end.
func (f *facts) codedResponse(h *MessageHead) bool {
	switch {
	case f.codings == 0 || f.chunks > 1 || h.Minor == 0:
		return false
	case f.chunked:
		h.Framing = Chunked
		return true
	}
	h.Framing, h.Close = Close, true
	return !f.sized
}

// closes reports whether the sender will close after the message.
func (f *facts) closes(h *MessageHead) bool {
	return f.close || h.Minor == 0 && !f.keepAlive
}

// connection reads a Connection field.
func (f *facts) connection(value []byte) {
	for option := range elements(value) {
		f.close = f.close || equalFold(option, "close")
		f.keepAlive = f.keepAlive || equalFold(option, "keep-alive")
		f.upgrade = f.upgrade || equalFold(option, "upgrade")
	}
}

// transferEncoding reads a Transfer-Encoding field. Several fields count as
// one list.
func (f *facts) transferEncoding(value []byte) {
	f.coded = true
	for coding := range elements(value) {
		f.codings++
		f.chunked = equalFold(coding, "chunked")
		if f.chunked {
			f.chunks++
		}
	}
}

// contentLength reads a Content-Length field. The same length may be repeated,
// in one field or in more.
func (f *facts) contentLength(value []byte) {
	any := false
	for s := range elements(value) {
		n, ok := decimal(s)
		f.conflict = f.conflict || !ok || f.sized && n != f.length
		f.length, f.sized, any = n, true, true
	}
	f.sized = true
	f.conflict = f.conflict || !any
}

// decimal parses b, which is not empty and holds digits alone.
func decimal(b []byte) (n int64, ok bool) {
	for _, c := range b {
		d := int64(c) - '0'
		if d < 0 || d > 9 || n > (math.MaxInt64-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}

// hijacks reports whether a Content-Type is one after which a product's server
// leaves HTTP without a 101, as Docker's attach and exec do.
func hijacks(value []byte) bool {
	for i, c := range value {
		if c == ';' {
			value = value[:i]
			break
		}
	}
	from, to := trim(value, 0)
	value = value[from:to]
	for _, p := range product.Profiles() {
		for _, t := range p.HijackTypes {
			if equalFold(value, t) {
				return true
			}
		}
	}
	return false
}

// elements ranges over a comma-separated list and skips empty elements (RFC
// 9110 section 5.6.1). CRLF counts as white space, because a folded value
// keeps its line ends.
func elements(list []byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for from := 0; from < len(list); {
			to := from
			for to < len(list) && list[to] != ',' {
				to++
			}
			if e := trimLines(list[from:to]); len(e) > 0 && !yield(e) {
				return
			}
			from = to + 1
		}
	}
}

// trimLines returns b without white space and line ends around it.
func trimLines(b []byte) []byte {
	white := func(c byte) bool { return blank(c) || c == '\r' || c == '\n' }
	for len(b) > 0 && white(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && white(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// equalFold compares b and s without regard to ASCII case.
func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	if string(b) == s {
		return true // the usual case
	}
	for i, c := range b {
		if lower(c) != lower(s[i]) {
			return false
		}
	}
	return true
}

// lower returns c in lower case.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
