package redact

import (
	"bytes"

	"github.com/wiretape/wiretape/internal/product"
)

// Body returns a masker for the body of a message. It returns nil where
// nothing is masked: without rules, and for content whose digest or type
// forbids a change. Target is the request's, for both sides' bodies. Head is
// the raw head of the body's own message.
//
// A Body masks JSON by its keys, XML by the names of elements and attributes, and
// forms by the keys of queries. JSON may be several values in a row. JSON and XML
// may lack a media type: JSON begins with "{" or "[", XML with "<".
// Blobs, manifests, bodies with a digest in their head, encoded bodies and
// types other than text pass unchanged.
func (r *Rules) Body(target, head []byte) *Body { return r.BodyOf(target, ContentOf(head)) }

// BodyOf is Body for callers that have the head's Content.
func (r *Rules) BodyOf(target []byte, c Content) *Body {
	if r == nil || c.digest || c.encoded {
		return nil
	}
	path := target[:upTo(target, '?')]
	if bytes.Contains(path, []byte("/blobs/")) || bytes.Contains(path, []byte("/manifests/")) {
		return nil
	}
	secrets := r.defaults && bytes.Contains(path, []byte("/secrets/"))
	switch {
	// The body is the secret, without JSON around it.
	case secrets && r.payload.has([]byte(rawSecret)) && bytes.Contains(path, []byte("/libpod/secrets/create")):
		b := newBody(r)
		b.state, b.m.rule = inSecret, Rule{kindJSON, rawSecret}
		return b
	case c.kind == contentOther:
		return nil
	}
	b := newBody(r)
	b.form, b.json, b.m.payload = c.kind == contentForm, c.kind == contentJSON, secrets
	return b
}

// rawSecret is the name under which the payload of a secrets API is masked, also
// where it is the whole body.
const rawSecret = "data"

// Content holds the facts in a head about the body after it.
type Content struct {
	kind    contentKind
	digest  bool // the head has a digest of the body
	encoded bool // the body is compressed, say
}

type contentKind uint8

const (
	contentText contentKind = iota // perhaps JSON or XML: its first byte tells
	contentJSON
	contentForm
	contentOther
)

// ContentOf reads the content fields of a raw head.
func ContentOf(head []byte) (c Content) {
	for len(head) > 0 {
		n := upTo(head, '\n')
		line := head[:n]
		head = head[min(n+1, len(head)):]
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			continue
		}
		name, value = bytes.TrimRight(name, " \t"), bytes.TrimSpace(value)
		switch contentFields.find(name) {
		case "content-type":
			c.kind = kindOf(value)
		case "content-encoding":
			c.encoded = c.encoded || len(value) > 0 && !bytes.EqualFold(value, []byte("identity"))
		case "etag":
			c.digest = c.digest || bytes.Contains(value, []byte("sha256:")) || bytes.Contains(value, []byte("sha512:"))
		case "docker-content-digest", "digest", "content-md5", "content-digest", "repr-digest":
			c.digest = true
		}
	}
	return c
}

var contentFields = func() (s keySet) {
	for _, name := range []string{
		"Content-Type", "Content-Encoding", "ETag",
		"Docker-Content-Digest", "Digest", "Content-MD5", "Content-Digest", "Repr-Digest",
	} {
		s.add(name)
	}
	return s
}()

// addressed are parts of the media types of content that is addressed by a
// digest, or signed (schema 1): a mask would break it.
var addressed = func() (parts [][]byte) {
	for _, p := range product.Profiles() {
		for _, t := range p.DigestTypes {
			parts = append(parts, []byte(t))
		}
	}
	return parts
}()

// kindOf returns the kind of content of a media type.
func kindOf(value []byte) contentKind {
	var buf [64]byte // longer media types allocate
	lower := append(buf[:0], bytes.TrimSpace(value[:upTo(value, ';')])...)
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] = c | 0x20
		}
	}
	switch string(lower) {
	case "", "text/plain":
		return contentText
	case "text/event-stream":
		return contentJSON // its data lines hold JSON
	case "application/x-www-form-urlencoded":
		return contentForm
	}
	for _, part := range addressed {
		if bytes.Contains(lower, part) {
			return contentOther
		}
	}
	switch {
	case bytes.Contains(lower, []byte("json")):
		return contentJSON
	case bytes.HasSuffix(lower, []byte("/xml")), bytes.HasSuffix(lower, []byte("+xml")):
		return contentText
	}
	return contentOther
}
