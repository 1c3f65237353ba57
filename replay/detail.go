package replay

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"os"

	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/matchers"
)

// detail is what of a request a rule's matchers read when its target is not
// enough: the fields and the body, masked.
type detail struct {
	matcher matchers.Matcher
	request *http.Request
	body    spool
	keep    bool // the body counts
	text    bool // it is of a kind that rules mask
}

// newDigest returns the digest of a request for target with that head: of its
// body, or of what the rule asks for.
func (x *index) newDigest(target, head []byte) *digest {
	d := newDigest(x.rules, target, head)
	if x.stories != nil && isUnsafe(string(methodOf(head))) {
		d.values = x.stories.Book.Masker()
	}
	if x.rule.detail != nil {
		r := liveRequest("", string(target))
		r.Header, r.Host = fieldsOf(x.rules, head)
		d.detail = &detail{matcher: x.rule.detail, request: r, keep: x.rule.body}
		d.detail.body.off = !x.rule.body
	}
	return d
}

// begin takes the first byte of the body.
func (t *detail) begin(c byte) {
	form := t.request.Header.Get("Content-Type") == "application/x-www-form-urlencoded"
	t.text = form || bytes.IndexByte([]byte("{[\" \t\r\n"), c) >= 0
}

// content ends the body and returns a content that is equal for requests on
// which the matchers agree.
func (t *detail) content() content {
	t.putBody()
	key, _ := t.matcher.Key(t.request)
	sum := sha256.Sum256([]byte(key))
	return content{size: int64(binary.BigEndian.Uint64(sum[:])), sum: binary.BigEndian.Uint64(sum[8:])}
}

// putBody gives the request the body that has come so far.
func (t *detail) putBody() {
	t.request.ContentLength = t.body.size
	t.request.GetBody = t.body.open
	t.request.Body = http.NoBody
	if t.body.size > 0 {
		t.request.Body, _ = t.body.open() // it never fails
	}
}

// close lets go of the body.
func (d *digest) close() {
	if d.detail != nil {
		d.detail.body.close()
	}
}

// err returns why the body could not be kept.
func (d *digest) err() error {
	if d.detail == nil {
		return nil
	}
	return d.detail.body.err
}

// spoolMax is how much of a request's body is kept in memory; the rest goes to
// a file.
const spoolMax = 1 << 20

// spool keeps a body. The zero value is empty.
type spool struct {
	off  bool // nothing is kept
	data []byte
	file *os.File // nil: data is all; it has no name any more
	size int64
	err  error // why something is missing
}

func (s *spool) write(p []byte) {
	if s.err != nil || s.off {
		return
	}
	s.size += int64(len(p))
	if s.file == nil && len(s.data)+len(p) <= spoolMax {
		s.data = append(s.data, p...)
		return
	}
	if s.file == nil {
		if s.err = s.spill(); s.err != nil {
			return
		}
	}
	_, s.err = s.file.Write(p)
}

// spill moves what is in memory to a file.
func (s *spool) spill() error {
	f, err := os.CreateTemp("", "replay-body-")
	if err != nil {
		return err
	}
	s.file = f
	if err := os.Remove(f.Name()); err != nil {
		return err
	}
	_, err = f.Write(s.data)
	s.data = nil
	return err
}

// open returns a reader of what was written.
func (s *spool) open() (io.ReadCloser, error) {
	if s.err != nil {
		return nil, s.err
	}
	if s.file == nil {
		return io.NopCloser(bytes.NewReader(s.data)), nil
	}
	return io.NopCloser(io.NewSectionReader(s.file, 0, s.size)), nil
}

func (s *spool) close() {
	if s != nil && s.file != nil {
		s.file.Close()
	}
}

// liveRequest returns a request as matchers read it.
func liveRequest(method, tgt string) *http.Request {
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

// fieldsOf returns the fields of a head, with what the rules mask as one "*".
func fieldsOf(rules *redact.Rules, head []byte) (h http.Header, host string) {
	masked := bytes.Clone(head)
	spans := rules.Head(masked, nil)
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
