package http1

import (
	"math"

	"github.com/wiretape/wiretape/internal/product"
)

// facts is what the fields of a head say about the message's framing.
type facts struct {
	coded   bool // there is a Transfer-Encoding
	codings int  // how many it names
	chunks  int  // how many of these are chunked
	chunked bool // the last one is

	sized    bool // there is a Content-Length
	length   int64
	conflict bool // it is malformed, or there are two that differ

	close, keepAlive, upgrade bool // Connection options
	protocol                  bool // there is an Upgrade field
	expect                    bool // 100-continue
	rawStream                 bool // Content-Type is one of a hijacked stream
}

// frame fills in what h's fields say about the message (RFC 9112 section 6.3).
// It reports whether they can be understood.
func (p *Parser) frame(h *MessageHead) bool {
	f := read(h.Fields)
	if p.Side == Client {
		return f.request(h)
	}
	return f.response(h, p.asked[p.next])
}

// read collects the facts.
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
				f.rawStream = hijacks(value)
			}
		case len("Content-Length"):
			if equalFold(name, "Content-Length") {
				f.contentLength(value)
			}
		case len("Transfer-Encoding"):
			if equalFold(name, "Transfer-Encoding") {
				f.transferEncoding(value)
			}
		}
	}
	return f
}

// request decides about a request. What a server would have to answer with 400
// is not understood: a Transfer-Encoding that does not end with chunked, or
// that comes with HTTP/1.0 (section 6.1), and bad lengths.
//
// A Content-Length beside chunked is overridden, as section 6.3 has it and as
// net/http and most servers do; that a message has both does not matter to who
// only looks on. Who rejects it closes the connection, which ends the message
// as well.
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
// A 101 is believed although the request may not have asked for it: dockerd,
// for one, looks at the Upgrade field alone, and what follows is no message in
// any case.
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
// does not end with chunked lasts until the close; beside a Content-Length,
// though, clients do not agree about what ends it.
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

// connection takes in a Connection field.
func (f *facts) connection(value []byte) {
	for option := range elements(value) {
		f.close = f.close || equalFold(option, "close")
		f.keepAlive = f.keepAlive || equalFold(option, "keep-alive")
		f.upgrade = f.upgrade || equalFold(option, "upgrade")
	}
}

// transferEncoding takes in a Transfer-Encoding field; several count as one
// list.
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

// contentLength takes in a Content-Length field. The same length may come
// several times, in one field or in more.
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

// decimal returns the number that b is, which is not empty: digits alone.
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

// elements ranges over a comma-separated list, empty elements left out (RFC
// 9110 section 5.6.1). CRLF counts as white space, for lists in folded lines.
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

// equalFold reports whether b is s without regard to ASCII case.
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
