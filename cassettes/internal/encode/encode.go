package encode

import (
	"bytes"
	"strconv"

	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/vcrhead"
	"github.com/wiretape/wiretape/internal/yamltext"
	"github.com/wiretape/wiretape/wire"
)

// text is the text of a cassette while it grows, with the lines of YAML that it
// is made of.
type text struct {
	Buf []byte // the text so far
}

// Encoder writes interactions in the canonical layout. Its memory is used again.
type Encoder struct {
	text
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

// Item appends it.
func (e *Encoder) Item(it *wire.Interaction) {
	e.Buf = append(e.Buf, "  - id: "...)
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

func (e *text) int(n int64) {
	e.Buf = append(strconv.AppendInt(e.Buf, n, 10), '\n')
}

// key begins a line with a key; its value follows.
func (e *text) key(indent int, key string) {
	e.Buf = yamltext.AppendIndent(e.Buf, indent)
	e.Buf = append(e.Buf, key...)
	e.Buf = append(e.Buf, ": "...)
}

// block appends a line with a key alone; its contents follow, deeper.
func (e *text) block(indent int, key string) {
	e.Buf = yamltext.AppendIndent(e.Buf, indent)
	e.Buf = append(e.Buf, key...)
	e.Buf = append(e.Buf, ":\n"...)
}

func (e *text) intKey(indent int, key string, n int64) {
	e.key(indent, key)
	e.int(n)
}

func (e *text) textKey(indent int, key string, s []byte) {
	e.key(indent, key)
	e.Buf = append(yamltext.AppendScalar(e.Buf, s), '\n')
}

func (e *text) rawKey(indent int, key, s string) {
	e.key(indent, key)
	e.Buf = append(append(e.Buf, s...), '\n')
}

// vcrRequest appends go-vcr's request and returns the method.
func (e *Encoder) vcrRequest(m *wire.Message) (method []byte) {
	fields := requestFields(m.Head)
	d, known := e.memo.find(m, true, fields)
	e.derived[http1.Client] = d
	if known {
		e.view.Start, _ = vcrhead.CutLine(m.Head)
		name, target, proto := e.view.RequestLine()
		if bytes.Equal(proto, d.proto) {
			e.Buf = append(e.Buf, d.before...)
			e.body(m)
			e.Buf = append(e.Buf, d.after...)
			e.scratch = append(append(append(e.scratch[:0], "http://"...), d.host...), target...)
			e.urlAndMethod(name)
			return name
		}
	}
	e.view.Parse(m.Head, true)
	name, _, proto := e.view.RequestLine()
	begin := len(e.Buf)
	e.block(inItem, "request")
	e.proto(proto)
	e.intKey(inVCR, "content_length", max(e.view.ContentLength(m.Framing, "", 0), -1))
	e.transferEncoding(m)
	e.trailer(m)
	e.textKey(inVCR, "host", e.view.Host())
	e.rawKey(inVCR, "remote_addr", `""`)
	e.rawKey(inVCR, "request_uri", `""`)
	body := len(e.Buf)
	e.body(m)
	rest := len(e.Buf)
	e.rawKey(inVCR, "form", "{}")
	e.headers("headers", true)
	if d != nil {
		d.begin(m, true, fields)
		d.around(e.Buf[begin:body], e.Buf[rest:])
		d.proto = append(d.proto[:0], proto...)
		d.host = append(d.host[:0], e.view.Host()...)
	}
	e.scratch = e.view.AppendURL(e.scratch[:0])
	e.urlAndMethod(name)
	return name
}

// urlAndMethod ends go-vcr's request; the URL is e.scratch.
func (e *Encoder) urlAndMethod(method []byte) {
	e.textKey(inVCR, "url", e.scratch)
	e.textKey(inVCR, "method", method)
}

// vcrResponse appends go-vcr's response to a request of that method.
func (e *Encoder) vcrResponse(m *wire.Message, method []byte, timed bool) {
	d, known := e.memo.find(m, false, m.Head)
	e.derived[http1.Server] = d
	if known && bytes.Equal(d.method, method) {
		e.Buf = append(e.Buf, d.before...)
		e.body(m)
		e.Buf = append(e.Buf, d.after...)
		e.duration(m, timed)
		return
	}
	e.view.Parse(m.Head, true)
	proto, status, code := e.view.StatusLine()
	begin := len(e.Buf)
	e.block(inItem, "response")
	e.proto(proto)
	e.transferEncoding(m)
	e.trailer(m)
	e.intKey(inVCR, "content_length", e.view.ContentLength(m.Framing, string(method), code))
	e.rawKey(inVCR, "uncompressed", "false")
	body := len(e.Buf)
	e.body(m)
	rest := len(e.Buf)
	e.headers("headers", false)
	e.textKey(inVCR, "status", status)
	e.intKey(inVCR, "code", int64(code))
	if d != nil {
		d.begin(m, false, m.Head)
		d.around(e.Buf[begin:body], e.Buf[rest:])
		d.method = append(d.method[:0], method...)
	}
	e.duration(m, timed)
}

func (e *Encoder) duration(m *wire.Message, timed bool) {
	e.key(inVCR, "duration")
	if timed {
		e.Buf = append(yamltext.AppendDuration(e.Buf, m.Start), '\n')
		return
	}
	e.Buf = append(e.Buf, "0s\n"...)
}

func (e *Encoder) proto(proto []byte) {
	e.textKey(inVCR, "proto", proto)
	e.intKey(inVCR, "proto_major", 1)
	e.intKey(inVCR, "proto_minor", int64(vcrhead.ProtoMinor(proto)))
}

func (e *Encoder) transferEncoding(m *wire.Message) {
	value := "[]"
	if m.Framing == http1.Chunked {
		value = "[chunked]"
	}
	e.rawKey(inVCR, "transfer_encoding", value)
}

func (e *Encoder) trailer(m *wire.Message) {
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
func (e *Encoder) headers(key string, request bool) {
	e.block(inVCR, key)
	start := len(e.Buf)
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
	if len(e.Buf) == start {
		e.Buf = append(e.Buf[:start-1], " {}\n"...)
	}
}

func (e *Encoder) header(name []byte, values []vcrhead.Field) {
	e.Buf = yamltext.AppendKey(e.Buf, name, inVCR+2)
	e.Buf = append(e.Buf, ": ["...)
	for i := range values {
		if i > 0 {
			e.Buf = append(e.Buf, ", "...)
		}
		e.Buf = yamltext.AppendScalar(e.Buf, values[i].Value)
	}
	e.Buf = append(e.Buf, "]\n"...)
}

// body appends go-vcr's body: empty where the bytes are in a file.
func (e *Encoder) body(m *wire.Message) {
	e.key(inVCR, "body")
	frames := m.Frames.List
	if len(frames) == 1 {
		frames = nil // one line: the frame is the whole body
	}
	e.Buf = yamltext.AppendLines(e.Buf, m.Body.Data, sizesOf(frames), inMessage)
	e.Buf = append(e.Buf, '\n')
}

// sizesOf returns the sizes of frames in order.
func sizesOf(frames []wire.Frame) func(i int) (int64, bool) {
	return func(i int) (int64, bool) {
		if i >= len(frames) {
			return 0, false
		}
		return frames[i].Size, true
	}
}
