package importer

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"github.com/wiretape/wiretape/internal/http1"
)

// message is a message as it will stand in the cassette.
type message struct {
	head    []byte
	framing http1.Framing
	body    []byte // for a stream, the bytes of the server, unless turns has them
	turns   []turn // of a WebSocket
	chunks  []int64
	closes  bool // the sender closes after it
}

// requestMessage makes the request of exchange id.
func (r *Recording) requestMessage(id int, e *exchange) (*message, error) {
	q := &e.request
	method := strings.ToUpper(q.method)
	if !isToken(method) {
		return nil, fmt.Errorf("%q is not a request method", q.method)
	}
	a := parseURI(q.uri)
	target := a.target
	if method == http.MethodConnect {
		target = a.authority
	}
	h := newHead(method+" "+target+" HTTP/1.1", q.fields)
	if _, ok := h.value("Host"); !ok {
		h.fields = append([]field{{"Host", a.authority}}, h.fields...)
	}
	for _, p := range placeholders(q.uri) {
		r.notices.add(id, "the placeholder "+p+" stays in the request's address", "--define '"+p+"=VALUE' fills it in")
	}
	switch {
	case h.has("Transfer-Encoding", "chunked"):
		h.set("Transfer-Encoding", "chunked")
		h.drop("Content-Length")
	default:
		h.drop("Transfer-Encoding")
		if _, ok := h.value("Content-Length"); !ok && len(q.body) == 0 {
			break
		}
		if h.setLength(len(q.body)) {
			r.notices.add(id, "the request's Content-Length differed from the length of its body and was corrected", "")
		}
	}
	return r.finish(id, h, nil, q.body)
}

// responseMessage makes the response of exchange id. asked is the head of its
// request.
func (r *Recording) responseMessage(id int, e *exchange, asked []byte) (*message, error) {
	s := e.response
	h := newHead(statusLine(s), s.fields)
	r.decoded(id, h, s)
	r.frame(id, h, s.body, asked)
	m, err := r.finish(id, h, asked, s.body)
	if err == nil {
		err = e.upgrade(id, h, m, &r.notices)
	}
	if err != nil {
		return nil, err
	}
	if m.framing == http1.None && len(s.body) > 0 {
		r.notices.add(id, fmt.Sprintf("a response %d to this request cannot have a body; the recorded body is left out", s.code), "")
		m.body = nil
	}
	return m, nil
}

// statusLine returns the status line of a response. Many recorders keep no
// reason; servers send the usual one.
func statusLine(s *response) string {
	minor := "1"
	if s.version == "1.0" || s.version == "HTTP/1.0" {
		minor = "0"
	}
	reason := oneLine(s.reason)
	if reason == "" {
		reason = http.StatusText(s.code)
	}
	return fmt.Sprintf("HTTP/1.%s %03d %s", minor, s.code, reason)
}

// decoded removes Content-Encoding where the recorder kept the decoded body.
func (r *Recording) decoded(id int, h *head, s *response) {
	coding, ok := h.value("Content-Encoding")
	if ok && len(s.body) > 0 && (s.plain || !isEncoded(coding, s.body)) {
		h.drop("Content-Encoding")
		r.notices.add(id, "the recording holds the decoded body; Content-Encoding is left out", "")
	}
}

// isEncoded reports whether body can have this content coding. It believes
// codings whose bodies have no mark.
func isEncoded(coding string, body []byte) bool {
	switch strings.ToLower(coding) {
	case "gzip", "x-gzip":
		return bytes.HasPrefix(body, []byte("\x1f\x8b"))
	case "zstd":
		return bytes.HasPrefix(body, []byte("\x28\xb5\x2f\xfd"))
	case "deflate":
		return len(body) > 1 && body[0]&15 == 8 && (int(body[0])<<8+int(body[1]))%31 == 0
	}
	return true
}

// frame gives a response the fields that tell where its body ends. A client
// library may have removed them, or left them as they were before it decoded
// the body.
func (r *Recording) frame(id int, h *head, body, asked []byte) {
	coding, coded := h.value("Transfer-Encoding")
	_, sized := h.value("Content-Length")
	old := strings.HasPrefix(h.start, "HTTP/1.0")
	switch {
	// To a HEAD request they describe the body that a GET would get, so they
	// stay.
	case withoutBody(h, asked):
	case coded && !old && (coding == "" || h.has("Transfer-Encoding", "chunked")):
		if coding == "" { // Ruby's Excon removes "chunked" when it joins the chunks
			h.set("Transfer-Encoding", "chunked")
		}
		h.drop("Content-Length")
	case sized:
		h.drop("Transfer-Encoding")
		if h.setLength(len(body)) {
			r.notices.corrected(id, len(body) == 0 && r.Format != "HAR") // readHAR tells of missing bodies
		}
	// Such a body lasts until the connection closes.
	case old || h.has("Connection", "close") || hijacked(h, asked):
		h.drop("Transfer-Encoding")
	default:
		// A server that keeps the connection open has no other way to end a
		// body than chunks.
		h.drop("Transfer-Encoding")
		h.fields = append(h.fields, field{"Transfer-Encoding", "chunked"})
		r.notices.add(id, "the recording does not say where the response's body ends; it is sent in chunks, as a server would", "")
	}
}

// withoutBody reports whether the response to the request asked has no body,
// regardless of its fields (RFC 9112 section 6.3).
func withoutBody(h *head, asked []byte) bool {
	m, ok := parse((&head{start: h.start}).bytes(), asked)
	return ok && (m.Framing == http1.None || m.Framing == http1.Stream)
}

// hijacked reports whether the response took over a connection, as Docker's
// attach and exec do. Such a response has no field that net/http adds to its
// own, Date above all.
func hijacked(h *head, asked []byte) bool {
	if _, dated := h.value("Date"); dated {
		return false
	}
	m, ok := parse(h.bytes(), asked)
	return ok && m.Framing == http1.Stream
}

// finish makes a message from a head and a body. The head decides the framing.
func (r *Recording) finish(id int, h *head, asked, body []byte) (*message, error) {
	m := &message{head: h.bytes(), body: body}
	parsed, ok := parse(m.head, asked)
	if !ok || parsed.Interim {
		return nil, fmt.Errorf("HTTP/1.1 allows no message with the head %q", m.head)
	}
	m.framing = parsed.Framing
	m.closes = asked != nil && parsed.Close
	if m.framing == http1.Chunked && len(body) > 0 {
		m.chunks = []int64{int64(len(body))}
		r.reframe(id, h, m)
	}
	return m, nil
}
