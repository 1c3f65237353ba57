package importer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/url"
	"strings"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/har"
	"github.com/wiretape/wiretape/internal/redact"
)

// readHAR reads an HTTP archive.
func (r *Recording) readHAR(data []byte) error {
	var file struct {
		Log struct {
			Wire    *har.Subject      `json:"_wiretape"`
			Entries []json.RawMessage `json:"entries"`
		} `json:"log"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return jsonError(data, err)
	}
	for i, entry := range file.Log.Entries {
		e, err := r.harEntry(i, entry)
		r.take(i, e, err)
	}
	if err := r.nothingLeft(); err != nil {
		return err
	}
	r.order()
	if s := file.Log.Wire; s != nil {
		return r.subject(s)
	}
	return nil
}

// subject takes over the header of the exported cassette.
func (r *Recording) subject(s *har.Subject) (err error) {
	r.exported = true
	switch s.Source {
	case cassettes.SourceRecorded, cassettes.SourceTranscribed, cassettes.SourceImported:
		r.source = s.Source
	}
	r.Header.Recorded, r.Header.Upstream = s.Recorded, s.Upstream
	r.Header.API = cassettes.API{Product: s.Product, Version: s.Version}
	if r.o.Redact == nil && len(s.Redaction) > 0 {
		r.o.Redact, err = redact.Parse(s.Redaction)
		r.Header.Redaction = s.Redaction
	}
	return err
}

// jsonError adds the line to an error of encoding/json.
func jsonError(data []byte, err error) error {
	at := int64(-1)
	switch e := err.(type) {
	case *json.SyntaxError:
		at = e.Offset
	case *json.UnmarshalTypeError:
		at, err = e.Offset, fmt.Errorf("%s is of the wrong type: %s", e.Field, e.Value)
	}
	if at < 0 || at > int64(len(data)) {
		return err
	}
	return lineError(1+bytes.Count(data[:at], []byte("\n")), err)
}

// harEntry reads entry id.
func (r *Recording) harEntry(id int, data []byte) (*exchange, error) {
	h, oddTime, err := har.ReadEntry(data)
	if err != nil {
		return nil, err
	}
	if oddTime {
		r.notices.add(id, "startedDateTime is no time that import reads, so the order of the archive counts", "")
	}
	return r.harExchange(id, h)
}

func (r *Recording) harExchange(id int, h *har.Entry) (*exchange, error) {
	if h.Response.Status == 0 && h.Wire == nil {
		return nil, errNoResponse
	}
	q := &h.Request
	e := &exchange{conn: h.Connection, at: h.Started, har: h, wire: h.Wire}
	e.request = request{method: q.Method, uri: q.URL, fields: harFields(q.Headers)}
	for _, f := range q.Headers {
		if f.Name == ":authority" { // HTTP/2's Host
			e.request.fields = append([]field{{"Host", f.Value}}, e.request.fields...)
		}
	}
	var err error
	if e.request.body, err = r.harPosted(id, q.PostData); err != nil {
		return nil, err
	}
	if h.Response.Status == 0 {
		return e, nil // the client cancelled it, or the connection broke
	}
	if e.turns, err = webSocket(h.Messages); err != nil {
		return nil, err
	}
	e.timed = !h.Started.IsZero()
	e.firstByte, e.took = harTimes(h)
	e.response, err = r.harResponse(id, &h.Response)
	return e, err
}

func harFields(list []har.Pair) (fields []field) {
	for _, f := range list {
		// Chrome's protocol, and those who use it, join the lines of a name.
		for i, line := range strings.Split(strings.ReplaceAll(f.Value, "\r\n", "\n"), "\n") {
			if folded := strings.TrimLeft(line, " \t"); i > 0 && folded != line {
				fields[len(fields)-1].value += " " + folded
				continue
			}
			fields = append(fields, field{f.Name, line})
		}
	}
	return fields
}

// harTimes returns when the response began and when it ended, since the
// request began.
func harTimes(h *har.Entry) (firstByte, took time.Duration) {
	t := &h.Timings
	for _, part := range []*float64{t.Blocked, t.DNS, t.Connect, &t.Send, &t.Wait} {
		if part != nil {
			firstByte += har.Duration(*part)
		}
	}
	return firstByte, max(firstByte+har.Duration(t.Receive), har.Duration(h.Time))
}

// harPosted returns a request's body. An archive may hold a form as its
// parameters alone.
func (r *Recording) harPosted(id int, p *har.Posted) ([]byte, error) {
	switch {
	case p == nil:
		return nil, nil
	case p.Encoding == "base64":
		return harBase64("postData", p.Text)
	case p.Text != "" || len(p.Params) == 0:
		return r.harText(id, p.Text, p.MimeType), nil
	case strings.HasPrefix(p.MimeType, "application/x-www-form-urlencoded"):
		var pairs []string
		for _, f := range p.Params {
			pairs = append(pairs, url.QueryEscape(f.Name)+"="+url.QueryEscape(f.Value))
		}
		return []byte(strings.Join(pairs, "&")), nil
	}
	r.notices.add(id, "the archive holds only the parameters of the request's body; the body is left out", "")
	return nil, nil
}

func (r *Recording) harResponse(id int, h *har.Response) (*response, error) {
	s := &response{version: h.HTTPVersion, code: h.Status, reason: h.StatusText, fields: harFields(h.Headers)}
	if s.code < 100 || s.code > 999 {
		return nil, fmt.Errorf("want a status code, found %d", s.code)
	}
	c := &h.Content
	switch {
	case c.Text == nil:
		if c.Size > 0 {
			r.notices.add(id, "the archive does not hold the response's body", "save it with contents, from a browser's network panel say")
		}
		return s, nil
	case c.Encoding == "base64":
		body, err := harBase64("content", *c.Text)
		s.body = body
		return s, err
	}
	s.body, s.plain = r.harText(id, *c.Text, c.MimeType), true
	return s, nil
}

func harBase64(what, text string) ([]byte, error) {
	b, err := decodeBase64(text)
	if err != nil {
		return nil, fmt.Errorf("%s: decode base64: %w", what, err)
	}
	return b, nil
}

// harText returns text in the character set of its media type.
func (r *Recording) harText(id int, text, mimeType string) []byte {
	_, params, _ := mime.ParseMediaType(mimeType)
	b, ok := encode(text, params["charset"])
	if !ok {
		r.notices.add(id, "a body was in the encoding "+params["charset"]+" on the wire and is kept in UTF-8", "")
	}
	return b
}
