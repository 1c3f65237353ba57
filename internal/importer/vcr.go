package importer

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// This file reads the cassettes of Ruby's VCR and of vcrpy, whose layout is
// the same with small differences.

// readVCR reads a list of interactions.
func (r *Recording) readVCR(v value) error {
	if v.kind() != list {
		return v.errorf("want a list of interactions, found %v", v.kind())
	}
	for i, item := range v.elements() {
		e, err := r.vcrExchange(i, item)
		if !r.take(i, e, err) {
			continue
		}
		at, err := time.Parse(time.RFC1123, item.lookup("recorded_at").string())
		if err == nil && (r.Header.Recorded.IsZero() || at.Before(r.Header.Recorded)) {
			r.Header.Recorded = at
		}
	}
	return r.nothingLeft()
}

func (r *Recording) vcrExchange(id int, v value) (*exchange, error) {
	q, s := v.lookup("request"), v.lookup("response")
	if q.kind() != mapping {
		return nil, v.errorf("want a request, found %v", q.kind())
	}
	e := &exchange{request: request{
		method: strings.TrimPrefix(q.lookup("method").string(), ":"), // VCR 1 has Ruby symbols
		uri:    vcrURI(q),
	}}
	if e.request.uri == "" {
		return nil, q.errorf("the request has no uri")
	}
	var err error
	if e.request.fields, err = vcrFields(q.lookup("headers")); err != nil {
		return nil, err
	}
	if e.request.body, err = r.bodyOf(id, q, q.lookup("body")); err != nil {
		return nil, fmt.Errorf("request body: %w", err)
	}
	if s.kind() == null {
		return e, nil
	}
	e.response, err = r.vcrResponse(id, s)
	return e, err
}

func (r *Recording) vcrResponse(id int, v value) (s *response, err error) {
	s = &response{version: v.lookup("http_version").string()}
	code, body := v.lookup("status"), v.lookup("body")
	switch {
	case code.kind() == mapping:
		s.reason = code.lookup("message").string()
		code = code.lookup("code")
	case v.has("status_code"): // vcrpy's for httpx
		code, body = v.lookup("status_code"), v.lookup("content")
	}
	if s.code, err = strconv.Atoi(code.string()); err != nil || s.code < 100 || s.code > 999 {
		return nil, code.errorf("want a status code, found %q", code.string())
	}
	if s.fields, err = vcrFields(v.lookup("headers")); err != nil {
		return nil, err
	}
	if s.body, err = r.bodyOf(id, v, body); err != nil {
		return nil, fmt.Errorf("response body: %w", err)
	}
	return s, nil
}

// vcrFields reads a mapping of names to a value or a list of values, or one of
// vcrpy's older lists.
func vcrFields(v value) (fields []field, err error) {
	if v.kind() == list {
		return oldFields(v)
	}
	if v.kind() != mapping && v.kind() != null {
		return nil, v.errorf("want headers by name, found %v", v.kind())
	}
	for key, held := range v.pairs() {
		if fields, err = appendFields(fields, key.string(), held); err != nil {
			return nil, err
		}
	}
	return fields, nil
}

// appendFields appends the fields with a name, whose value or values v is.
func appendFields(fields []field, name string, v value) ([]field, error) {
	values := []value{v}
	if v.kind() == list {
		values = v.elements()
	}
	for _, value := range values {
		if value.kind() != scalar {
			return nil, value.errorf("want the value of %q, found %v", name, value.kind())
		}
		fields = append(fields, field{name, value.string()})
	}
	return fields, nil
}

// bodyOf reads the body of a message. A serializer of pydantic-ai's for vcrpy keeps
// JSON as a document under a key of its own.
func (r *Recording) bodyOf(id int, message, body value) ([]byte, error) {
	if parsed := message.lookup("parsed_body"); body.kind() == null && parsed.kind() != null {
		r.notices.add(id, "the recording keeps a body as a document under parsed_body; it became JSON without blanks", "")
		return parsed.document()
	}
	return r.vcrBody(id, body)
}

// vcrBody reads a body. It is a string, or a mapping that has a string with
// its encoding, a base64_string, or, for an upload that Python read from a
// stream, the state of a BytesIO, whose first element is the bytes.
func (r *Recording) vcrBody(id int, v value) ([]byte, error) {
	if v.kind() != mapping {
		return r.vcrString(id, v, "")
	}
	if text := v.lookup("base64_string"); text.kind() != null {
		b, err := decodeBase64(text.string())
		if err != nil {
			return nil, text.errorf("decode base64_string: %w", err)
		}
		return b, nil
	}
	if state := v.lookup("state"); len(state.elements()) > 0 {
		return r.vcrString(id, state.elements()[0], "")
	}
	return r.vcrString(id, v.lookup("string"), v.lookup("encoding").string())
}

// vcrString reads a string that had this encoding on the wire.
func (r *Recording) vcrString(id int, v value, encoding string) ([]byte, error) {
	switch {
	case v.kind() == list || v.kind() == mapping:
		return nil, v.errorf("want a string, found %v", v.kind())
	case v.isBinary():
		return v.bytes(), nil
	}
	b, ok := encode(v.string(), encoding)
	if !ok {
		r.notices.add(id, "a body was in the encoding "+encoding+" on the wire and is kept in UTF-8", "")
	}
	return b, nil
}
