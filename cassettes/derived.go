package cassettes

import (
	"bytes"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/wiretape/wiretape/internal/http1"
)

// This file makes an item of go-vcr's fields alone, where there is no wire.

// derived fills in it from go-vcr's request and response.
func (b *builder) derived(it *Interaction, at, request, response int) {
	if request == 0 {
		b.fail(at, "interaction %d: want a request, or what crossed the wire under wire", it.ID)
		return
	}
	it.Conn = it.ID + 1
	it.Request = &Message{Seq: 3*int64(it.ID) + 1, End: Complete}
	method := b.derivedRequest(it.Request, request)
	if response != 0 && b.err == nil {
		it.Response = &Message{Seq: it.Request.Seq + 1, End: Complete}
		b.derivedResponse(it.Response, response, method)
		it.Timed = it.Response.Start > 0 // it is all that is known
	}
}

// vcrMessage is what go-vcr keeps of a message.
type vcrMessage struct {
	version  int64 // of the format; the first has no proto, length, coding and trailer
	proto    string
	length   int64 // -1 where net/http did not know
	sized    bool  // length stands there
	unzipped bool  // net/http took the content coding away, and the length with it
	coding   []string
	body     []byte
	fields   []vcrField
	trailer  []vcrField
	host     string
	url      string
	method   string
	status   string
	code     int
	duration int
}

type vcrField struct{ name, value string }

// vcr reads go-vcr's block of a message.
func (b *builder) vcr(at int, what string) *vcrMessage {
	m := &vcrMessage{version: b.c.version, proto: "HTTP/1.1"}
	b.keys(at, what, func(key string, v int) bool {
		switch key {
		case "proto":
			m.proto = b.text(v)
		case "content_length":
			m.length, m.sized = b.int(v), true
		case "uncompressed":
			m.unzipped = b.text(v) == "true"
		case "transfer_encoding":
			m.coding = b.texts(v)
		case "body":
			m.body = b.data(v)
		case "headers":
			m.fields = b.vcrFields(v, key)
		case "trailer":
			m.trailer = b.vcrFields(v, key)
		case "host":
			m.host = b.text(v)
		case "url":
			m.url = b.text(v)
		case "method":
			m.method = b.text(v)
		case "status":
			m.status = b.text(v)
		case "code":
			m.code = b.count(v)
		case "duration":
			m.duration = v
		}
		return true
	})
	return m
}

// vcrFields reads a http.Header.
func (b *builder) vcrFields(at int, what string) (fields []vcrField) {
	b.keys(at, what, func(name string, v int) bool {
		b.list(v, func(_, v int) { fields = append(fields, vcrField{name, b.text(v)}) })
		return true
	})
	return fields
}

func (b *builder) derivedRequest(m *Message, at int) (method string) {
	v := b.vcr(at, "request")
	if v.method == "" {
		v.method = "GET"
	}
	u, err := url.Parse(v.url)
	if err != nil {
		b.fail(b.Lookup(at, "url"), "request: %v", err)
		return ""
	}
	if v.host == "" {
		v.host = u.Host
	}
	target := u.RequestURI()
	if v.method == "CONNECT" {
		target = u.Host
	}
	m.Framing = v.requestFraming()
	v.head(m, v.method+" "+target+" HTTP/1.1", []vcrField{{"Host", v.host}})
	return v.method
}

func (b *builder) derivedResponse(m *Message, at int, method string) {
	v := b.vcr(at, "response")
	if v.code == 0 && v.status == "" {
		b.fail(at, "response: want a code")
		return
	}
	status := v.status
	if !strings.HasPrefix(status, strconv.Itoa(v.code)) {
		status = strconv.Itoa(v.code) + " " + status
	}
	if v.duration != 0 && b.text(v.duration) != "" {
		m.Start = b.duration(v.duration)
	}
	if mayHaveBody(method, v.code) {
		m.Framing = v.responseFraming()
	}
	v.head(m, "HTTP/1.1 "+status, nil)
	if m.Framing == http1.Close {
		m.Closed = []Closed{{Mark: EOF, Seq: m.Seq + 1}}
	}
}

// mayHaveBody reports whether a response may have a body (RFC 9112 section
// 6.3).
func mayHaveBody(method string, code int) bool {
	return method != "HEAD" && code/100 != 1 && code != 204 && code != 304
}

// chunked reports whether the message came in chunks. Where it does not say
// so, a trailer does.
func (v *vcrMessage) chunked() bool { return len(v.trailer) > 0 || v.coded() }

// coded reports whether transfer_encoding says chunked.
func (v *vcrMessage) coded() bool {
	return slices.ContainsFunc(v.coding, func(s string) bool { return strings.EqualFold(s, "chunked") })
}

// requestFraming returns how a request's body is delimited.
func (v *vcrMessage) requestFraming() http1.Framing {
	switch {
	case v.chunked():
		return http1.Chunked
	case len(v.body) > 0, v.value("Content-Length") != "":
		return http1.Length
	}
	return http1.None
}

// responseFraming returns how the body of a response that may have one is
// delimited. Where net/http knew no length, there was none on the wire, or it
// unpacked the body: then the response has none here either.
func (v *vcrMessage) responseFraming() http1.Framing {
	switch {
	case v.chunked():
		return http1.Chunked
	case v.value("Content-Length") != "":
		return http1.Length
	case v.version == 1 && !v.sized, v.length < 0 && (v.unzipped || !strings.HasPrefix(v.proto, "HTTP/1.")):
		return http1.Chunked
	case v.length < 0:
		return http1.Close
	}
	return http1.Length
}

func (v *vcrMessage) value(name string) string {
	for _, f := range v.fields {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

// head gives m the head that start and the fields make, and its frames: one
// of the whole body.
func (v *vcrMessage) head(m *Message, start string, first []vcrField) {
	var h bytes.Buffer
	h.WriteString(oneLine(start) + "\r\n")
	for _, f := range append(first, v.fields...) {
		if m.Framing == http1.None || !strings.EqualFold(f.name, "Content-Length") {
			writeField(&h, f)
		}
	}
	if m.Framing == http1.Length {
		writeField(&h, vcrField{"Content-Length", strconv.Itoa(len(v.body))})
	}
	if m.Framing == http1.Chunked {
		writeField(&h, vcrField{"Transfer-Encoding", "chunked"})
	}
	h.WriteString("\r\n")
	m.Head = h.Bytes()
	v.frames(m)
}

func (v *vcrMessage) frames(m *Message) {
	if m.Framing == http1.None {
		return
	}
	m.Body.Data = v.body
	if len(v.body) > 0 {
		m.Frames.List = append(m.Frames.List, Frame{Size: int64(len(v.body)), Seq: m.Seq})
	}
	if m.Framing != http1.Chunked {
		return
	}
	m.Frames.List = append(m.Frames.List, Frame{Seq: m.Seq})
	if len(v.trailer) > 0 {
		var t bytes.Buffer
		for _, f := range v.trailer {
			writeField(&t, f)
		}
		t.WriteString("\r\n")
		m.Trailer = t.Bytes()
	}
}

func writeField(h *bytes.Buffer, f vcrField) {
	h.WriteString(oneLine(f.name) + ": " + oneLine(f.value) + "\r\n")
}

// oneLine replaces line ends, which would end a line of a head, by spaces.
func oneLine(s string) string {
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(s)
}
