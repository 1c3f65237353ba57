// Package secrets tells masked secrets apart: requests that differ in one alone get
// their own answers. Secrets themselves are never kept.
//
//	tags, err := secrets.New(tape, cassettes)
//	tags.Recorded(it.Request).Put(fields) // "Authorization": "Basic ****" and a mark
//	tags.OfHead(masks, head).Put(live)
package secrets

import (
	"bytes"
	"fmt"
	"net/textproto"
	"strings"
	"sync"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/replay/internal/rule"
	"github.com/wiretape/wiretape/replay/internal/tape"
)

// Tags tell the masked secrets of requests apart, by the tags of the cassettes. They
// are safe for concurrent use.
type Tags struct {
	tape *tape.Tape
	key  *redact.Key // nil: there are no tags, or tags under several salts
	once sync.Once
	tags redact.Tags // all recorded ones, once they are loaded
}

// New returns the tags of the cassettes on a tape, made with the salt that these have in
// common.
func New(t *tape.Tape, cs []*cassettes.Cassette) (*Tags, error) {
	s := &Tags{tape: t}
	salt := ""
	for _, c := range cs {
		switch {
		case c.Header.Salt == "":
		case salt != "" && c.Header.Salt != salt:
			return s, nil
		default:
			salt = c.Header.Salt
		}
	}
	key, err := redact.NewKey(salt)
	if err != nil {
		return nil, fmt.Errorf("tell secrets apart: %w", err)
	}
	s.key = key
	return s, nil
}

// Key returns the key that makes the digests of secrets, or nil where these have no tags.
func (s *Tags) Key() *redact.Key { return s.key }

// load reads all tags: a live secret is the recorded one with the longest tag that
// its digest begins with.
func (s *Tags) load() {
	read := func(i int) (tags []string) {
		if it, err := s.tape.Item(int32(i)); err == nil {
			for tag := range it.Tags() {
				tags = append(tags, tag)
			}
		}
		return tags
	}
	s.once.Do(func() {
		tape.ReadAll(s.tape.Len(), read, func(_ int, tags []string) {
			for _, tag := range tags {
				s.tags.Add(tag)
			}
		})
	})
}

// Marks say which secrets a request has, by the name of the field that they are in.
type Marks map[string]string

// Names of marks that belong to no field of the head.
const (
	Target = "secrets of the target"
	Body   = "secrets of the body"
)

// begin begins the mark of each secret in a value: no field has it.
const begin = "\x00"

// add adds a secret. Without a tag it is one that cannot be told from others.
func (m *Marks) add(name, tag string) {
	if *m == nil {
		*m = Marks{}
	}
	(*m)[name] += begin + tag
}

// strange stands for a secret that was not recorded, and masked for one that a
// client has from an answer that was masked.
const (
	strange = "?"
	masked  = "*"
)

// Recorded returns the marks of a recorded request.
func (s *Tags) Recorded(r *cassettes.Message) (m Marks) {
	if s.key == nil || len(r.Redacted) == 0 {
		return nil
	}
	lines := bytes.Split(r.Head, []byte{'\n'})
	for _, red := range r.Redacted {
		switch {
		case red.Where == "body":
			m.add(Body, red.Tag)
		case red.Where == "head" && red.Index < len(lines):
			m.add(secretName(lines, red.Index), red.Tag)
		}
	}
	return m
}

// OfHead returns the marks of a live request's head.
func (s *Tags) OfHead(masks *redact.Rules, head []byte) (m Marks) {
	if s.key == nil {
		return nil
	}
	spans := masks.Head(bytes.Clone(head), nil)
	if len(spans) == 0 {
		return nil
	}
	s.key.Identify(head, spans)
	lines := bytes.Split(head, []byte{'\n'})
	for line, span := range redact.ByLine(head, spans) {
		m.add(secretName(lines, line), s.tag(span))
	}
	return m
}

// OfBody returns the mark of a live body that has passed d.
func (s *Tags) OfBody(d *rule.Digest) string {
	var m Marks
	for _, span := range d.Secrets() {
		m.add(Body, s.tag(span))
	}
	return m[Body]
}

// Lengths in bytes of secrets. One under taggedMin has no tag: see record. A mask
// over masklikeMax is not looked for.
const (
	taggedMin   = 4
	masklikeMax = 16 << 10
)

// tag returns the tag of a live secret.
func (s *Tags) tag(span redact.Span) string {
	if span.Len < taggedMin {
		return ""
	}
	s.load()
	switch tag := s.tags.Find(span.Digest); {
	case tag != "":
		return tag
	case span.Len <= masklikeMax && s.key.Digest(bytes.Repeat([]byte{'*'}, int(span.Len))) == span.Digest:
		return masked
	}
	return strange
}

// secretName returns the name of the field in a line of a head, or of a line that
// it is continued on.
func secretName(lines [][]byte, i int) string {
	for i > 0 && len(lines[i]) > 0 && (lines[i][0] == ' ' || lines[i][0] == '\t') {
		i--
	}
	name, _, ok := bytes.Cut(lines[i], []byte{':'})
	if i == 0 || !ok {
		return Target
	}
	return textproto.CanonicalMIMEHeaderKey(string(bytes.TrimSpace(name)))
}

// Put adds marks to the fields of a request: to those that may break a tie.
func (m Marks) Put(has map[string]string) {
	for name, mark := range m {
		if _, ok := has[name]; ok || name == Target || name == Body {
			has[name] += mark
		}
	}
}

// IsMasked reports whether the value of a field has a secret that the client knows
// from a masked answer alone.
func IsMasked(value string) bool { return strings.Contains(value, begin+masked) }

// IsMarked reports whether a value has the mark of a secret.
func IsMarked(value string) bool { return strings.Contains(value, begin) }
