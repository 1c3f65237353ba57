package index

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

// secrets tell the masked secrets of requests apart, by the tags of the cassettes.
type secrets struct {
	tape *tape.Tape
	key  *redact.Key // nil: there are no tags, or tags under several salts
	once sync.Once
	tags redact.Tags // all recorded ones, once they are loaded
}

// open reads the salt that the cassettes have in common.
func (s *secrets) open(cs []*cassettes.Cassette) (err error) {
	salt := ""
	for _, c := range cs {
		switch {
		case c.Header.Salt == "":
		case salt != "" && c.Header.Salt != salt:
			return nil
		default:
			salt = c.Header.Salt
		}
	}
	if s.key, err = redact.NewKey(salt); err != nil {
		return fmt.Errorf("tell secrets apart: %w", err)
	}
	return nil
}

// load reads all tags: a live secret is the recorded one with the longest tag that
// its digest begins with.
func (s *secrets) load() {
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

// marks say which secrets a request has, by the name of the field that they are in.
type marks map[string]string

// markBegin begins the mark of each secret in a value: no field has it.
const markBegin = "\x00"

// add adds a secret. Without a tag it is one that cannot be told from others.
func (m *marks) add(name, tag string) {
	if *m == nil {
		*m = marks{}
	}
	(*m)[name] += markBegin + tag
}

// strange stands for a secret that was not recorded, and masked for one that a
// client has from an answer that was masked.
const (
	strange = "?"
	masked  = "*"
)

// recorded returns the marks of a recorded request.
func (s *secrets) recorded(r *cassettes.Message) (m marks) {
	if s.key == nil || len(r.Redacted) == 0 {
		return nil
	}
	lines := bytes.Split(r.Head, []byte{'\n'})
	for _, red := range r.Redacted {
		switch {
		case red.Where == "body":
			m.add(bodySecrets, red.Tag)
		case red.Where == "head" && red.Index < len(lines):
			m.add(secretName(lines, red.Index), red.Tag)
		}
	}
	return m
}

// ofHead returns the marks of a live request's head.
func (s *secrets) ofHead(masks *redact.Rules, head []byte) (m marks) {
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

// ofBody returns the mark of a live body that has passed d.
func (s *secrets) ofBody(d *rule.Digest) string {
	var m marks
	for _, span := range d.Secrets() {
		m.add(bodySecrets, s.tag(span))
	}
	return m[bodySecrets]
}

// Lengths in bytes of secrets. One under taggedMin has no tag: see record. A mask
// over masklikeMax is not looked for.
const (
	taggedMin   = 4
	masklikeMax = 16 << 10
)

// tag returns the tag of a live secret.
func (s *secrets) tag(span redact.Span) string {
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
		return targetSecrets
	}
	return textproto.CanonicalMIMEHeaderKey(string(bytes.TrimSpace(name)))
}

// put adds marks to the fields of a request: to those that may break a tie.
func (m marks) put(has map[string]string) {
	for name, mark := range m {
		if _, ok := has[name]; ok || name == targetSecrets || name == bodySecrets {
			has[name] += mark
		}
	}
}

// isMasked reports whether the value of a field has a secret that the client knows
// from a masked answer alone.
func isMasked(value string) bool { return strings.Contains(value, markBegin+masked) }

// Identify has d tell the secrets of a body apart, where those of the recordings
// differ.
func (t *Traits) Identify(x *Index, d *rule.Digest) {
	if t != nil && t.body() >= 0 {
		d.Identify(x.secrets.key)
	}
}

// AddBody adds the secrets of a body that has passed d.
func (t *Traits) AddBody(x *Index, d *rule.Digest) {
	if t == nil {
		return
	}
	if n := t.body(); n >= 0 {
		d.Content() // ends the body
		t.set(n, x.secrets.ofBody(d))
	}
}

// body returns the number of the field for the secrets of the body, or -1.
func (t *Traits) body() int {
	for n, f := range t.group.ties.fields {
		if f.name == bodySecrets {
			return n
		}
	}
	return -1
}
