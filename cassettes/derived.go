package cassettes

import (
	"net/url"

	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/vcrhead"
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

// vcr reads go-vcr's block of a message.
func (b *builder) vcr(at int, what string) *vcrhead.Message {
	m := &vcrhead.Message{Version: b.from.version, Proto: "HTTP/1.1"}
	b.keys(at, what, func(key string, v int) bool {
		switch key {
		case "proto":
			m.Proto = b.text(v)
		case "content_length":
			m.ContentLength, m.HasLength = b.int(v), true
		case "uncompressed":
			m.Uncompressed = b.text(v) == "true"
		case "transfer_encoding":
			m.TransferEncoding = b.texts(v)
		case "body":
			m.Body = b.data(v)
		case "headers":
			m.Fields = b.vcrFields(v, key)
		case "trailer":
			m.Trailer = b.vcrFields(v, key)
		case "host":
			m.Host = b.text(v)
		case "url":
			m.URL = b.text(v)
		case "method":
			m.Method = b.text(v)
		case "status":
			m.Status = b.text(v)
		case "code":
			m.Code = b.count(v)
		}
		return true
	})
	return m
}

// vcrFields reads a http.Header.
func (b *builder) vcrFields(at int, what string) (fields []vcrhead.HeaderValue) {
	b.keys(at, what, func(name string, v int) bool {
		b.list(v, func(_, v int) { fields = append(fields, vcrhead.HeaderValue{Name: name, Value: b.text(v)}) })
		return true
	})
	return fields
}

func (b *builder) derivedRequest(m *Message, at int) (method string) {
	v := b.vcr(at, "request")
	if v.Method == "" {
		v.Method = "GET"
	}
	u, err := url.Parse(v.URL)
	if err != nil {
		b.fail(b.Lookup(at, "url"), "request: %v", err)
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

func (b *builder) derivedResponse(m *Message, at int, method string) {
	v := b.vcr(at, "response")
	if v.Code == 0 && v.Status == "" {
		b.fail(at, "response: want a code")
		return
	}
	if took := b.Lookup(at, "duration"); took != 0 && b.text(took) != "" {
		m.Start = b.duration(took)
	}
	m.Framing = v.ResponseFraming(method)
	m.Head = v.ResponseHead(m.Framing)
	vcrFrames(m, v)
	if m.Framing == http1.Close {
		m.Closed = []Closed{{Mark: EOF, Seq: m.Seq + 1}}
	}
}

// vcrFrames gives m its body and frames: one frame of the whole body.
func vcrFrames(m *Message, v *vcrhead.Message) {
	if m.Framing == http1.None {
		return
	}
	m.Body.Data = v.Body
	if len(v.Body) > 0 {
		m.Frames.List = append(m.Frames.List, Frame{Size: int64(len(v.Body)), Seq: m.Seq})
	}
	if m.Framing != http1.Chunked {
		return
	}
	m.Frames.List = append(m.Frames.List, Frame{Seq: m.Seq})
	m.Trailer = v.TrailerSection()
}
