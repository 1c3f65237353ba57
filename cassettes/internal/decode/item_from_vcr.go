package decode

import (
	"bytes"
	"net/http"
	"net/url"

	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/vcrhead"
	"github.com/wiretape/wiretape/wire"
)

// This file makes an item of go-vcr's fields alone, where there is no wire.

// derived fills in it from go-vcr's request and response.
func (b *Reader) derived(it *wire.Interaction, at, request, response int) {
	if request == 0 {
		b.Fail(at, "interaction %d: want a request, or what crossed the wire under wire", it.ID)
		return
	}
	it.Conn = it.ID + 1
	it.Request = &wire.Message{Seq: 3*int64(it.ID) + 1, End: wire.Complete}
	method := b.derivedRequest(it.Request, request)
	if response != 0 && b.Err == nil {
		it.Response = &wire.Message{Seq: it.Request.Seq + 1, End: wire.Complete}
		b.derivedResponse(it.Response, response, method)
		if it.Response.Framing == http1.Stream {
			b.derivedStream(it)
		}
		it.Timed = it.Response.Start > 0 // it is all that is known
	}
}

// VCR reads go-vcr's block of a message.
func (b *Reader) VCR(at int, what string) *vcrhead.Message {
	m := &vcrhead.Message{Version: b.From.Version, Proto: "HTTP/1.1"}
	b.Keys(at, what, func(key string, v int) bool {
		switch key {
		case "proto":
			m.Proto = b.TextAt(v)
		case "content_length":
			m.ContentLength, m.HasLength = b.IntAt(v), true
		case "uncompressed":
			m.Uncompressed = b.TextAt(v) == "true"
		case "transfer_encoding":
			m.TransferEncoding = b.TextsAt(v)
		case "body":
			m.Body = b.DataAt(v)
		case "headers":
			m.Fields = b.vcrFields(v, key)
		case "trailer":
			m.Trailer = b.vcrFields(v, key)
		case "host":
			m.Host = b.TextAt(v)
		case "url":
			m.URL = b.TextAt(v)
		case "method":
			m.Method = b.TextAt(v)
		case "status":
			m.Status = b.TextAt(v)
		case "code":
			m.Code = b.CountAt(v)
		}
		return true
	})
	return m
}

// vcrFields reads a http.Header.
func (b *Reader) vcrFields(at int, what string) (fields []vcrhead.HeaderValue) {
	b.Keys(at, what, func(name string, v int) bool {
		b.list(v, func(_, v int) { fields = append(fields, vcrhead.HeaderValue{Name: name, Value: b.TextAt(v)}) })
		return true
	})
	return fields
}

func (b *Reader) derivedRequest(m *wire.Message, at int) (method string) {
	v := b.VCR(at, "request")
	if v.Method == "" {
		v.Method = "GET"
	}
	u, err := parseURL(v.URL)
	if err != nil {
		b.Fail(b.Lookup(at, "url"), "request: %v", err)
		return ""
	}
	if v.Host == "" {
		v.Host = u.Host
	}
	target := u.RequestURI()
	if v.Method == "CONNECT" {
		target = u.Host
	}
	m.Framing = v.RequestFraming()
	m.Head = v.RequestHead(m.Framing, target)
	vcrFrames(m, v)
	return v.Method
}

// parseURL parses a URL. Its host may be the path of a Unix socket with escapes,
// as Docker's client gave it to go-vcr: a host cannot have them, and is left out.
func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err == nil {
		return u, nil
	}
	if _, authority, rest := vcrhead.CutAbsolute([]byte(s)); bytes.Contains(bytes.ToUpper(authority), []byte("%2F")) {
		if u, err := url.Parse("http://localhost" + string(rest)); err == nil {
			return u, nil
		}
	}
	return nil, err
}

func (b *Reader) derivedResponse(m *wire.Message, at int, method string) {
	v := b.VCR(at, "response")
	if v.Code == 0 && v.Status == "" {
		b.Fail(at, "response: want a code")
		return
	}
	if took := b.Lookup(at, "duration"); took != 0 && b.TextAt(took) != "" {
		m.Start = b.DurationAt(took)
	}
	m.Framing = v.ResponseFraming(method)
	m.Head = v.ResponseHead(m.Framing)
	if v.Code == http.StatusSwitchingProtocols {
		m.Framing = http1.Stream // its body holds the server's bytes after the head
	}
	vcrFrames(m, v)
	if m.Framing == http1.Close {
		m.Closed = []wire.Closed{{Mark: wire.EOF, Seq: m.Seq + 1}}
	}
}

// LostBody returns the size of the body that go-vcr kept of the response of the item
// at, to a request with that method, if HTTP/1.1 allows none there.
func (b *Reader) LostBody(at int, method string) int {
	response := b.Lookup(at, "response")
	if response == 0 {
		return 0
	}
	code, body := b.Lookup(response, "code"), b.Lookup(response, "body")
	if code == 0 || body == 0 || b.Err != nil {
		return 0
	}
	v := vcrhead.Message{Code: b.CountAt(code)}
	if v.Code == http.StatusSwitchingProtocols || v.ResponseFraming(method) != http1.None {
		return 0
	}
	return len(b.DataAt(body))
}

// derivedStream makes a stream of the body of a response that is none, and the
// server ends it.
func (b *Reader) derivedStream(it *wire.Interaction) {
	m := it.Response
	it.Turns = &wire.Turns{}
	if len(m.Body.Data) > 0 {
		it.Turns.List = []wire.Turn{{Side: http1.Server, Seq: m.Seq + 1, Size: int64(len(m.Body.Data)), Data: m.Body.Data}}
	}
	it.Turns.List = append(it.Turns.List, wire.Turn{Side: http1.Server, Mark: wire.EOF, Seq: m.Seq + 1})
	m.Body, m.Frames = wire.Body{}, wire.Frames{}
}

// vcrFrames gives m its body and frames: one frame of the whole body.
func vcrFrames(m *wire.Message, v *vcrhead.Message) {
	if m.Framing == http1.None {
		return
	}
	m.Body.Data = v.Body
	if len(v.Body) > 0 {
		m.Frames.List = append(m.Frames.List, wire.Frame{Size: int64(len(v.Body)), Seq: m.Seq})
	}
	if m.Framing != http1.Chunked {
		return
	}
	m.Frames.List = append(m.Frames.List, wire.Frame{Seq: m.Seq})
	m.Trailer = v.TrailerSection()
}
