package rule

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"net/http"
	"net/textproto"
	"net/url"

	"github.com/wiretape/wiretape/matchers"
	"github.com/wiretape/wiretape/replay/internal/spool"
)

// detail keeps the parts of a request that the rule's matchers read beside its
// target: the fields and the body, masked.
type detail struct {
	matcher matchers.Matcher
	request *http.Request
	body    spool.Spool
	keep    bool // the body counts
	text    bool // it is of a kind that rules mask
}

func (r *Rule) newDetail(target, head []byte) *detail {
	method := string(RequestMethod(head))
	if r.BodyAlone() {
		request := &http.Request{Method: method, URL: new(url.URL), Header: bodyFields(head)}
		return &detail{matcher: r.detail, request: request, keep: true}
	}
	request := LiveRequest(method, r.Flat(method, string(target)))
	request.Header, request.Host = r.Fields(head)
	return &detail{matcher: r.detail, request: request, keep: r.body}
}

// add adds a piece of the body.
func (t *detail) add(p []byte) {
	if t.keep {
		t.body.Write(p)
	}
}

// begin takes the first byte of the body.
func (t *detail) begin(c byte) {
	form := t.request.Header.Get("Content-Type") == "application/x-www-form-urlencoded"
	t.text = form || bytes.IndexByte([]byte("{[\" \t\r\n"), c) >= 0
}

// content ends the body and returns a content that is equal for requests on
// which the matchers agree.
func (t *detail) content() Content {
	t.putBody()
	key, _ := t.matcher.Key(t.request)
	sum := sha256.Sum256([]byte(key))
	return Content{size: int64(binary.BigEndian.Uint64(sum[:])), sum: binary.BigEndian.Uint64(sum[8:])}
}

// putBody gives the request the body that has come so far.
func (t *detail) putBody() {
	t.request.ContentLength = t.body.Size()
	t.request.GetBody = t.body.Open
	t.request.Body = http.NoBody
	if t.body.Size() > 0 {
		t.request.Body, _ = t.body.Open() // the error comes from GetBody, too
	}
}

// bodyFields returns the fields of a head that tell how to read its body.
func bodyFields(head []byte) http.Header {
	h := http.Header{}
	for line := range bytes.Lines(head) {
		name, value, ok := bytes.Cut(line, []byte{':'})
		if !ok || len(name) < len("Content-Type") || name[0]|0x20 != 'c' {
			continue
		}
		key := textproto.CanonicalMIMEHeaderKey(string(bytes.TrimSpace(name)))
		if key == "Content-Type" || key == "Content-Encoding" {
			h.Add(key, string(bytes.TrimSpace(value)))
		}
	}
	return h
}

// Request returns fields and body as the rule's matchers read them, as far as
// they have come, or nil where the rule has no detail.
func (d *Digest) Request() *http.Request {
	if d == nil {
		return nil
	}
	d.release()
	if d.detail == nil {
		return nil
	}
	d.detail.putBody()
	return d.detail.request
}

// LiveRequest returns a request for a target as matchers read it.
func LiveRequest(method, tgt string) *http.Request {
	r := &http.Request{Method: method, URL: &url.URL{}, Header: http.Header{}}
	switch u, err := url.ParseRequestURI(tgt); {
	case method == http.MethodConnect:
		r.URL.Host = tgt
	case err == nil:
		r.URL = u
	default:
		r.URL.Path = tgt
	}
	return r
}

// Fields returns the fields of a head but Host, and that, with each masked span as
// one "*".
func (r *Rule) Fields(head []byte) (h http.Header, host string) {
	masked := bytes.Clone(head)
	spans := r.masks.Head(masked, nil)
	h = http.Header{}
	flat := flatten(nil, masked, 0, spans)
	_, flat, _ = bytes.Cut(bytes.TrimLeft(flat, "\r\n"), []byte{'\n'})
	for line := range bytes.Lines(flat) {
		name, value, ok := bytes.Cut(line, []byte{':'})
		if key := string(bytes.TrimSpace(name)); ok && key != "" {
			h.Add(textproto.CanonicalMIMEHeaderKey(key), string(bytes.TrimSpace(value)))
		}
	}
	host = h.Get("Host")
	h.Del("Host")
	return h, host
}
