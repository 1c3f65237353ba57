package cassettes

import (
	"bytes"
	"strconv"

	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/vcrhead"
	"github.com/wiretape/wiretape/internal/yamltext"
)

// encoder writes items in the canonical layout. Its buffers are reused.
type encoder struct {
	buf     []byte
	view    vcrhead.View
	scratch []byte
	keys    []int
	memo    memo
	derived [2]*derived // of the item's messages; nil: not remembered
}

// Columns at which the keys of the layout's blocks begin.
const (
	inItem    = 4
	inVCR     = 6 // request, response
	inWire    = 6
	inMessage = 8
)

// item appends it.
func (e *encoder) item(it *Interaction) {
	e.buf = append(e.buf, "  - id: "...)
	e.int(int64(it.ID))
	var method []byte
	e.derived = [2]*derived{}
	if it.Request != nil {
		method = e.vcrRequest(it.Request)
	}
	if it.Response != nil && len(it.Response.Head) > 0 {
		e.vcrResponse(it.Response, method, it.Timed)
	}
	e.wire(it)
}

func (e *encoder) int(n int64) {
	e.buf = append(strconv.AppendInt(e.buf, n, 10), '\n')
}

// key begins a line with a key; its value follows.
func (e *encoder) key(indent int, key string) {
	e.buf = yamltext.AppendIndent(e.buf, indent)
	e.buf = append(e.buf, key...)
	e.buf = append(e.buf, ": "...)
}

// block is a line with a key alone; what it holds follows, deeper.
func (e *encoder) block(indent int, key string) {
	e.buf = yamltext.AppendIndent(e.buf, indent)
	e.buf = append(e.buf, key...)
	e.buf = append(e.buf, ":\n"...)
}

func (e *encoder) intKey(indent int, key string, n int64) {
	e.key(indent, key)
	e.int(n)
}

func (e *encoder) textKey(indent int, key string, s []byte) {
	e.key(indent, key)
	e.buf = append(yamltext.AppendScalar(e.buf, s), '\n')
}

func (e *encoder) rawKey(indent int, key, s string) {
	e.key(indent, key)
	e.buf = append(append(e.buf, s...), '\n')
}

// vcrRequest appends go-vcr's request and returns the method.
func (e *encoder) vcrRequest(m *Message) (method []byte) {
	fields := requestFields(m.Head)
	d, known := e.memo.find(m, true, fields)
	e.derived[http1.Client] = d
	if known {
		e.view.Start, _ = vcrhead.CutLine(m.Head)
		name, target, proto := e.view.RequestLine()
		if bytes.Equal(proto, d.proto) {
			e.buf = append(e.buf, d.before...)
			e.body(m)
			e.buf = append(e.buf, d.after...)
			e.scratch = append(append(append(e.scratch[:0], "http://"...), d.host...), target...)
			e.urlAndMethod(name)
			return name
		}
	}
	e.view.Parse(m.Head, true)
	name, _, proto := e.view.RequestLine()
	begin := len(e.buf)
	e.block(inItem, "request")
	e.proto(proto)
	e.intKey(inVCR, "content_length", max(e.view.ContentLength(m.Framing, "", 0), -1))
	e.transferEncoding(m)
	e.trailer(m)
	e.textKey(inVCR, "host", e.view.Host())
	e.rawKey(inVCR, "remote_addr", `""`)
	e.rawKey(inVCR, "request_uri", `""`)
	body := len(e.buf)
	e.body(m)
	rest := len(e.buf)
	e.rawKey(inVCR, "form", "{}")
	e.headers("headers", true)
	if d != nil {
		d.begin(m, true, fields)
		d.around(e.buf[begin:body], e.buf[rest:])
		d.proto = append(d.proto[:0], proto...)
		d.host = append(d.host[:0], e.view.Host()...)
	}
	e.scratch = e.view.AppendURL(e.scratch[:0])
	e.urlAndMethod(name)
	return name
}

// urlAndMethod ends go-vcr's request; the URL is e.scratch.
func (e *encoder) urlAndMethod(method []byte) {
	e.textKey(inVCR, "url", e.scratch)
	e.textKey(inVCR, "method", method)
}

// vcrResponse appends go-vcr's response to a request of that method.
func (e *encoder) vcrResponse(m *Message, method []byte, timed bool) {
	d, known := e.memo.find(m, false, m.Head)
	e.derived[http1.Server] = d
	if known && bytes.Equal(d.method, method) {
		e.buf = append(e.buf, d.before...)
		e.body(m)
		e.buf = append(e.buf, d.after...)
		e.duration(m, timed)
		return
	}
	e.view.Parse(m.Head, true)
	proto, status, code := e.view.StatusLine()
	begin := len(e.buf)
	e.block(inItem, "response")
	e.proto(proto)
	e.transferEncoding(m)
	e.trailer(m)
	e.intKey(inVCR, "content_length", e.view.ContentLength(m.Framing, string(method), code))
	e.rawKey(inVCR, "uncompressed", "false")
	body := len(e.buf)
	e.body(m)
	rest := len(e.buf)
	e.headers("headers", false)
	e.textKey(inVCR, "status", status)
	e.intKey(inVCR, "code", int64(code))
	if d != nil {
		d.begin(m, false, m.Head)
		d.around(e.buf[begin:body], e.buf[rest:])
		d.method = append(d.method[:0], method...)
	}
	e.duration(m, timed)
}

func (e *encoder) duration(m *Message, timed bool) {
	e.key(inVCR, "duration")
	if timed {
		e.buf = append(yamltext.AppendDuration(e.buf, m.Start), '\n')
		return
	}
	e.buf = append(e.buf, "0s\n"...)
}

func (e *encoder) proto(proto []byte) {
	e.textKey(inVCR, "proto", proto)
	e.intKey(inVCR, "proto_major", 1)
	e.intKey(inVCR, "proto_minor", int64(vcrhead.ProtoMinor(proto)))
}

func (e *encoder) transferEncoding(m *Message) {
	value := "[]"
	if m.Framing == http1.Chunked {
		value = "[chunked]"
	}
	e.rawKey(inVCR, "transfer_encoding", value)
}

func (e *encoder) trailer(m *Message) {
	if !bytes.HasSuffix(m.Trailer, []byte("\n\r\n")) { // none, or not all of it
		e.rawKey(inVCR, "trailer", "{}")
		return
	}
	head := e.view
	e.view = vcrhead.View{}
	e.view.Parse(m.Trailer, false)
	e.headers("trailer", false)
	e.view = head
}

// headers appends the fields in e.view as go-vcr's map.
func (e *encoder) headers(key string, request bool) {
	e.block(inVCR, key)
	start := len(e.buf)
	for i := 0; i < len(e.view.Fields); {
		same := i + 1
		for same < len(e.view.Fields) && bytes.Equal(e.view.Fields[same].Name, e.view.Fields[i].Name) {
			same++
		}
		name := e.view.Fields[i].Name
		if !vcrhead.IsFraming(name) && !(request && string(name) == "Host") {
			e.header(name, e.view.Fields[i:same])
		}
		i = same
	}
	if len(e.buf) == start {
		e.buf = append(e.buf[:start-1], " {}\n"...)
	}
}

func (e *encoder) header(name []byte, values []vcrhead.Field) {
	e.buf = yamltext.AppendKey(e.buf, name, inVCR+2)
	e.buf = append(e.buf, ": ["...)
	for i := range values {
		if i > 0 {
			e.buf = append(e.buf, ", "...)
		}
		e.buf = yamltext.AppendScalar(e.buf, values[i].Value)
	}
	e.buf = append(e.buf, "]\n"...)
}

// body appends go-vcr's body: empty where the bytes are in a file.
func (e *encoder) body(m *Message) {
	e.key(inVCR, "body")
	frames := m.Frames.List
	if len(frames) == 1 {
		frames = nil // one line: the frame is the whole body
	}
	e.buf = yamltext.AppendLines(e.buf, m.Body.Data, sizesOf(frames), inMessage)
	e.buf = append(e.buf, '\n')
}

// sizesOf returns the sizes of frames in order.
func sizesOf(frames []Frame) func(i int) (int64, bool) {
	return func(i int) (int64, bool) {
		if i >= len(frames) {
			return 0, false
		}
		return frames[i].Size, true
	}
}
