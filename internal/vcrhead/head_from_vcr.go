package vcrhead

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/wiretape/wiretape/internal/http1"
)

// Message is a request or a response in go-vcr's keys.
type Message struct {
	// Version is that of go-vcr's format, 1 or 2. Version 1 has no key for the
	// protocol, the length, the transfer coding and trailers.
	Version int64

	Method, URL, Host string // of a request
	Code              int    // of a response
	Status            string // of a response; with or without the code

	Proto         string // as "HTTP/1.1"
	ContentLength int64  // -1 if net/http did not know it
	HasLength     bool   // whether the key content_length is there
	// Uncompressed says that net/http decoded the body, and removed its
	// Content-Encoding and Content-Length.
	Uncompressed     bool
	TransferEncoding []string      // codings, outermost last
	Fields, Trailer  []HeaderValue // as the http.Header has them
	Body             []byte        // decoded, as net/http returned it
}

// HeaderValue is one value of an http.Header, with its key.
type HeaderValue struct {
	Name, Value string // Name is in canonical MIME form
}

// mayHaveBody reports whether a response may have a body (RFC 9112 section
// 6.3).
func mayHaveBody(method string, code int) bool {
	return method != "HEAD" && code/100 != 1 && code != 204 && code != 304
}

// chunked reports whether the message came in chunks: only chunked coding has
// trailers, so a trailer says so too.
func (v *Message) chunked() bool { return len(v.Trailer) > 0 || v.SaysChunked() }

// SaysChunked reports whether TransferEncoding has chunked.
func (v *Message) SaysChunked() bool {
	return slices.ContainsFunc(v.TransferEncoding, func(s string) bool { return strings.EqualFold(s, "chunked") })
}

// RequestFraming returns how a request's body is delimited.
func (v *Message) RequestFraming() http1.Framing {
	switch {
	case v.chunked():
		return http1.Chunked
	case len(v.Body) > 0, v.value("Content-Length") != "":
		return http1.Length
	}
	return http1.None
}

// ResponseFraming returns how the body of a response to a request with that
// method is delimited. A body whose length net/http did not know gets framing
// Close, or Chunked if HTTP/2 or a content coding may have hidden the length.
func (v *Message) ResponseFraming(method string) http1.Framing {
	switch {
	case !mayHaveBody(method, v.Code):
		return http1.None
	case v.chunked():
		return http1.Chunked
	case v.value("Content-Length") != "":
		return http1.Length
	case v.Version == 1 && !v.HasLength, v.ContentLength < 0 && (v.Uncompressed || !strings.HasPrefix(v.Proto, "HTTP/1.")):
		return http1.Chunked
	case v.ContentLength < 0:
		return http1.Close
	}
	return http1.Length
}

func (v *Message) value(name string) string {
	for _, f := range v.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// RequestHead returns the head of a request whose body is framed as f, to a
// target (RFC 9112 section 3.2).
func (v *Message) RequestHead(f http1.Framing, target string) []byte {
	return v.head(f, v.Method+" "+target+" HTTP/1.1", []HeaderValue{{"Host", v.Host}})
}

// ResponseHead returns the head of a response whose body is framed as f.
func (v *Message) ResponseHead(f http1.Framing) []byte {
	status := v.Status
	if !strings.HasPrefix(status, strconv.Itoa(v.Code)) {
		status = strconv.Itoa(v.Code) + " " + status
	}
	return v.head(f, "HTTP/1.1 "+status, nil)
}

// head returns the head that a start line and the fields make. Its framing
// fields are those that f needs for the body at hand.
func (v *Message) head(f http1.Framing, start string, first []HeaderValue) []byte {
	var h bytes.Buffer
	h.WriteString(oneLine(start) + "\r\n")
	for _, field := range append(first, v.Fields...) {
		if f == http1.None || !strings.EqualFold(field.Name, "Content-Length") {
			writeField(&h, field)
		}
	}
	switch f {
	case http1.Length:
		writeField(&h, HeaderValue{"Content-Length", strconv.Itoa(len(v.Body))})
	case http1.Chunked:
		writeField(&h, HeaderValue{"Transfer-Encoding", "chunked"})
	}
	h.WriteString("\r\n")
	return h.Bytes()
}

// TrailerSection returns the trailer section with its empty line, or nil if
// there are no trailers.
func (v *Message) TrailerSection() []byte {
	if len(v.Trailer) == 0 {
		return nil
	}
	var t bytes.Buffer
	for _, f := range v.Trailer {
		writeField(&t, f)
	}
	t.WriteString("\r\n")
	return t.Bytes()
}

func writeField(h *bytes.Buffer, f HeaderValue) {
	h.WriteString(oneLine(f.Name) + ": " + oneLine(f.Value) + "\r\n")
}

// oneLine replaces line ends, which would end a line of a head, by spaces.
func oneLine(s string) string {
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(s)
}
