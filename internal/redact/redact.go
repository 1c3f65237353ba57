// Package redact masks secrets in bytes on their way to a cassette. A mask
// has the length of what it covers, so that frames and lengths stay as they
// were; the bytes that travel between client and server are never touched.
//
// Strings become "*", digits of numbers "1"; keys, quotes and structure stay.
// The signature of a JWT becomes "A"s, so that the token still decodes.
package redact

// Rules say what is secret. A nil *Rules masks nothing. Rules are immutable
// and safe for concurrent use.
type Rules struct{}

// Parse returns the rules with the given names: "default", or one rule of its
// own as "header:NAME", "query:KEY" or "json:KEY", names compared without
// regard to case.
func Parse(names []string) (*Rules, error) { panic("not written") }

// Names returns the names that Parse was given, in order and once each: what
// a cassette's wire.redaction holds.
func (r *Rules) Names() []string { panic("not written") }

// Span is a masked range, in bytes from the start of what was masked.
type Span struct{ Off, Len int64 }

// Head masks in place the secrets of a head or trailer section, with whatever
// line ends it has, and appends their spans to spans.
func (r *Rules) Head(head []byte, spans []Span) []Span { panic("not written") }

// Body returns a masker for the body of a message, or nil where there is
// nothing to mask: no rules, or content that a digest or a type marks as not
// to be touched. Target is the request's, whichever side's body it is; head
// is the message's own raw head.
func (r *Rules) Body(target, head []byte) *Body { panic("not written") }

// Lines returns a masker for bytes that are not understood as HTTP: of lines
// that look like a header field with a secret value, it masks the value. It
// holds nothing back. It is nil for nil rules.
func (r *Rules) Lines() *Lines { panic("not written") }

// Body masks one body as it passes, in any split.
type Body struct{}

// Append appends to dst what is decided of the bytes seen so far, src
// included, and returns it. What is not decided yet (at most MaxHold bytes)
// comes with a later call.
func (b *Body) Append(dst, src []byte) []byte { panic("not written") }

// Flush appends what was held back, masked: the body is over.
func (b *Body) Flush(dst []byte) []byte { panic("not written") }

// Take returns the spans that are complete and forgets them, in order,
// offsets counted from the body's first byte.
func (b *Body) Take() []Span { panic("not written") }

// MaxHold is the most that a Body holds back, in bytes.
const MaxHold = 16 << 10

// Lines masks header-like lines in a raw stream, in any split.
type Lines struct{}

// Mask masks p in place.
func (l *Lines) Mask(p []byte) { panic("not written") }

// Take returns the spans of the bytes masked so far and forgets them, offsets
// counted from the stream's first byte; neighbouring ones are joined.
func (l *Lines) Take() []Span { panic("not written") }
