package har

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/wiretape/wiretape/cassettes"
)

// MaxBody is the size in bytes of the largest body that an archive holds:
// readers of an archive load all of it at once.
const MaxBody = 64 << 20

// Skipped lists the parts of a cassette that an archive leaves out.
type Skipped struct {
	// Streams are the ids of interactions without HTTP: HAR has no place for
	// them.
	Streams []int
	// Bodies are the ids of interactions with a body larger than MaxBody.
	Bodies []int
}

// Write writes c as an archive, one entry a line, and reports the parts that
// it left out. It holds one entry in memory at a time.
func Write(w io.Writer, c *cassettes.Cassette) (*Skipped, error) {
	log := Log{Version: "1.2", Creator: Creator{Name: "wiretape", Version: "1"}, Wire: subject(&c.Header)}
	start, err := marshal(File{log})
	if err != nil {
		return nil, err
	}
	const end = "null}}" // of entries, log and file
	if _, err := fmt.Fprintf(w, "%s[", start[:len(start)-len(end)]); err != nil {
		return nil, err
	}
	x := exporter{header: &c.Header, skipped: &Skipped{}}
	before := "\n"
	for i := range c.Len() {
		it, err := c.Interaction(i)
		if err != nil {
			return nil, err
		}
		if it.Request == nil {
			x.skipped.Streams = append(x.skipped.Streams, it.ID)
			continue
		}
		entry, err := x.entry(it)
		if err != nil {
			return nil, fmt.Errorf("%s: interaction %d: %w", c.Name, it.ID, err)
		}
		line, err := marshal(entry)
		if err != nil {
			return nil, err
		}
		if _, err := fmt.Fprintf(w, "%s%s", before, line); err != nil {
			return nil, err
		}
		before = ",\n"
	}
	_, err = io.WriteString(w, "\n]}}\n")
	return x.skipped, err
}

// marshal returns v on one line, without HTML escapes.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func subject(h *cassettes.Header) *Subject {
	return &Subject{
		Recorded: h.Recorded, Upstream: h.Upstream, Product: h.API.Product, Version: h.API.Version,
		Source: h.Source, Redaction: h.Redaction,
	}
}

// exporter makes entries.
type exporter struct {
	header  *cassettes.Header
	skipped *Skipped
}

// entry makes the entry of an exchange.
func (x *exporter) entry(it *cassettes.Interaction) (*Entry, error) {
	e := &Entry{Connection: strconv.Itoa(it.Conn), Wire: &Wire{
		ID: it.ID, Session: it.Session, Conn: it.Conn, Peer: it.Peer, Timed: it.Timed,
	}}
	if e.Started = x.header.Recorded; e.Started.IsZero() {
		e.Started = time.Unix(0, 0).UTC() // HAR wants a date
	}
	e.Started = e.Started.Add(it.Request.Start)
	var err error
	if err = x.request(e, it); err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	if err := x.response(e, it); err != nil {
		return nil, fmt.Errorf("response: %w", err)
	}
	if it.Turns != nil {
		e.Wire.Masked = masks(it.Turns.Redacted, "turn")
	}
	e.Wire.Turns, err = turns(it.Turns)
	times(e, it)
	return e, err
}

// request fills in the request.
func (x *exporter) request(e *Entry, it *cassettes.Interaction) (err error) {
	p := parseHead(it.Request.Head)
	method, rest, _ := strings.Cut(p.start, " ")
	target, version := rest, "HTTP/1.1"
	if at := strings.LastIndexByte(rest, ' '); at >= 0 {
		target, version = rest[:at], rest[at+1:]
	}
	scheme := "http"
	if strings.HasPrefix(x.header.Upstream, "https://") {
		scheme = "https"
	}
	authority := p.value("Host")
	if authority == "" {
		authority = "localhost"
	}
	q := &e.Request
	*q = Request{
		Method: method, URL: absolute(scheme, authority, target), HTTPVersion: version,
		Headers: p.fields, Cookies: cookies(p.fields, "Cookie"), QueryString: query(target),
		HeadersSize: int64(len(it.Request.Head)), BodySize: it.Request.Body.Size(),
	}
	e.Wire.Request, err = wireMessage(it.Request, q.Head())
	if err != nil || q.BodySize == 0 {
		return err
	}
	q.PostData = &Posted{MimeType: p.value("Content-Type")}
	body, err := x.body(it, it.Request)
	q.PostData.Text, q.PostData.Encoding = text(body)
	return err
}

// response fills in the response. Without one the status is 0, as in the
// archives of browsers.
func (x *exporter) response(e *Entry, it *cassettes.Interaction) (err error) {
	s := &e.Response
	*s = Response{Cookies: []Pair{}, Headers: []Pair{}, HeadersSize: -1, BodySize: -1}
	m := it.Response
	if m == nil || len(m.Head) == 0 {
		s.Content.MimeType = "x-unknown"
		if m != nil {
			e.Wire.Response, err = wireMessage(m, nil)
		}
		return err
	}
	p := parseHead(m.Head)
	version, status, _ := strings.Cut(p.start, " ")
	code, reason, _ := strings.Cut(strings.TrimLeft(status, " "), " ")
	s.HTTPVersion, s.StatusText = version, reason
	if s.Status, err = strconv.Atoi(code); err != nil {
		return fmt.Errorf("its status is %q", code)
	}
	s.Headers, s.Cookies = p.fields, cookies(p.fields, "Set-Cookie")
	s.RedirectURL = p.value("Location")
	s.HeadersSize, s.BodySize = int64(len(m.Head)), m.Body.Size()
	if e.Wire.Response, err = wireMessage(m, s.Head()); err != nil {
		return err
	}
	return x.content(e, it, p)
}

// content fills in a response's body. HAR wants it decoded; a body with an
// unknown coding stands there as it was sent.
func (x *exporter) content(e *Entry, it *cassettes.Interaction, p *parsedHead) error {
	c := &e.Response.Content
	c.Size, c.MimeType = it.Response.Body.Size(), p.value("Content-Type")
	if c.MimeType == "" {
		c.MimeType = "x-unknown"
	}
	body, err := x.body(it, it.Response)
	if err != nil {
		return err
	}
	if body == nil && c.Size > 0 {
		c.Comment = "the body is too large for an archive"
		if name, ok := it.Response.Body.InFile(); ok {
			c.Comment += "; it is in " + name
		}
		return nil
	}
	if plain, ok := decoded(p.value("Content-Encoding"), body); ok {
		e.Wire.Response.Body = body
		body, c.Size = plain, int64(len(plain))
	}
	s, encoding := text(body)
	c.Text, c.Encoding = &s, encoding
	return nil
}

// body returns a body. It returns nil for one that is too large, and lists it.
func (x *exporter) body(it *cassettes.Interaction, m *cassettes.Message) ([]byte, error) {
	if m.Body.Size() > MaxBody {
		x.skipped.Bodies = append(x.skipped.Bodies, it.ID)
		return nil, nil
	}
	r, err := m.Body.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	body, err := io.ReadAll(r)
	if body == nil {
		body = []byte{}
	}
	return body, err
}

// times fills in the times of an exchange.
func times(e *Entry, it *cassettes.Interaction) {
	m := it.Response
	if m == nil || !it.Timed {
		return
	}
	var received time.Duration
	for f, err := range m.Frames.All() {
		if err != nil {
			break // reading the body reports it
		}
		received += f.Wait
	}
	e.Timings.Wait, e.Timings.Receive = Milliseconds(m.Start), Milliseconds(received)
	e.Time = Milliseconds(m.Start + received)
}
