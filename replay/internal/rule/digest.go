package rule

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"io"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/redact"
)

// Content identifies the body of a request, or all that the rule compares beside
// its target. It is comparable: requests with equal Contents agree. The body is
// masked, with each run of "*" as one: a secret may have another length than the
// recorded one.
type Content struct {
	size int64
	sum  uint64
}

// NoContent is the Content of an empty body, where the rule has no detail.
// Of a rule of which the body alone is the detail it is that of an empty body, too.
var NoContent = Content{sum: maphash.Bytes(seed, nil)}

// Unreadable is the Content of a recorded request that cannot be read. No request
// is equal to it.
var Unreadable = Content{size: -1}

// seed is the one seed of all sums.
var seed = maphash.MakeSeed()

// Filter replaces parts of a body before it is compared: values that the server
// issued, say. It may hold bytes back until Flush.
type Filter interface {
	Append(dst, p []byte) []byte
	Flush(dst []byte) []byte
}

// Digest takes in the body of a request as it passes and makes a Content of it.
//
// Nearly all requests have the very bytes that were recorded, so a short body is
// held as it came, and nothing is replaced, masked or parsed before Content is
// asked for.
type Digest struct {
	// Filter, if set before the first Write, replaces parts of the body.
	Filter Filter

	filtered []byte
	masker   *redact.Body // nil: nothing to mask
	masked   []byte
	identify bool // secrets is filled in
	secrets  []redact.Span
	// secretKey makes the digests of secrets; nil: none are made.
	secretKey *redact.Key
	hash      maphash.Hash
	size      int64
	text      []byte
	star      bool    // the last byte was a "*"
	detail    *detail // parts of the body that the rule compares; nil: the bytes are enough

	rule    *Rule
	head    []byte // of a request whose body is held
	held    []byte
	holding bool
	content *Content // once the body has ended
}

// heldMax is how many bytes of a body are held as they came.
const heldMax = 64 << 10

// TextMax is how many bytes of a body a Digest keeps as text.
const TextMax = 16 << 10

// NewDigest returns the digest of a request for target with that head.
func (r *Rule) NewDigest(target, head []byte) *Digest {
	d := &Digest{rule: r}
	if r.BodyAlone() {
		d.head, d.holding = bytes.Clone(head), true
		return d
	}
	d.begin(target, head)
	return d
}

// begin prepares d for the bytes of the body.
func (d *Digest) begin(target, head []byte) {
	d.hash.SetSeed(seed)
	if d.rule.masks != nil {
		d.masker = d.rule.masks.Body(target, head)
		d.beginSecrets()
	}
	if d.rule.detail != nil {
		d.detail = d.rule.newDetail(target, head)
	}
}

// Held returns the body as it came, if all of it is held. It is valid until the next
// call of another method.
func (d *Digest) Held() (body []byte, ok bool) { return d.held, d.holding }

// release takes in what was held, and holds nothing more.
func (d *Digest) release() {
	if !d.holding {
		return
	}
	d.holding = false
	d.begin(RequestTarget(d.head), d.head)
	d.takeIn(d.held)
	d.head, d.held = nil, nil
}

// NewAnswerDigest returns a digest that compares a response's bytes, unmasked,
// whatever the rule says of requests.
func NewAnswerDigest(f Filter) *Digest {
	d := &Digest{Filter: f}
	d.hash.SetSeed(seed)
	return d
}

// Write adds p. It never fails: see Err.
func (d *Digest) Write(p []byte) (int, error) {
	if d.holding && len(d.held)+len(p) <= heldMax {
		d.held = append(d.held, p...)
		return len(p), nil
	}
	d.release()
	d.takeIn(p)
	return len(p), nil
}

func (d *Digest) takeIn(p []byte) {
	// This is the place where parts of a body are replaced before it is masked and
	// hashed: values that the server issued, or that a client made up.
	if d.Filter != nil {
		d.filtered = d.Filter.Append(d.filtered[:0], p)
		p = d.filtered
	}
	d.addFiltered(p)
}

// addFiltered adds p, which has passed the filter.
func (d *Digest) addFiltered(p []byte) {
	if d.masker == nil {
		d.add(p)
		return
	}
	d.masked = d.masker.Append(d.masked[:0], p)
	d.take()
	d.addMasked(d.masked)
}

// Identify has Secrets return the secrets of the body, with their Digests under k.
// Call it before the first Write. A nil k has no effect.
func (d *Digest) Identify(k *redact.Key) {
	d.secretKey = k
	d.beginSecrets()
}

func (d *Digest) beginSecrets() {
	if d.masker != nil && d.secretKey != nil {
		d.masker.Identify(d.secretKey)
		d.identify = true
	}
}

// Secrets returns the masked secrets of the body in order, at most as many as a
// cassette lists, after Identify and Content.
func (d *Digest) Secrets() []redact.Span { return d.secrets }

// secretsMax is the number of masks that a cassette lists of a message.
const secretsMax = 1000

// take takes the spans that are masked; as a rule, runs of "*" say enough of them.
func (d *Digest) take() {
	spans := d.masker.Take()
	if d.identify {
		d.secrets = append(d.secrets, spans[:min(len(spans), secretsMax-len(d.secrets))]...)
	}
}

// addMasked adds p, which is masked.
func (d *Digest) addMasked(p []byte) {
	if d.detail != nil && d.size == 0 && len(p) > 0 {
		d.detail.begin(p[0])
	}
	if d.detail != nil && !d.detail.text {
		d.add(p) // an archive whose runs are cut is none
		return
	}
	d.addRuns(p)
}

func (d *Digest) add(p []byte) {
	d.size += int64(len(p))
	d.text = append(d.text, p[:min(len(p), TextMax-len(d.text))]...)
	if d.detail != nil {
		d.detail.add(p)
		return
	}
	_, _ = d.hash.Write(p) // never fails
}

// addRuns adds p, each run of "*" as one.
func (d *Digest) addRuns(p []byte) {
	for len(p) > 0 {
		n := bytes.IndexByte(p, '*')
		if n < 0 {
			n = len(p)
		}
		if n > 0 {
			d.add(p[:n])
			d.star = false
		}
		rest := bytes.TrimLeft(p[n:], "*")
		if len(rest) < len(p)-n && !d.star {
			d.add([]byte{'*'})
			d.star = true
		}
		p = rest
	}
}

// Content ends the body and returns its content.
func (d *Digest) Content() Content {
	if d.content == nil {
		c := d.end()
		d.content = &c
	}
	return *d.content
}

func (d *Digest) end() Content {
	if d.holding && len(d.held) == 0 {
		return NoContent
	}
	d.release()
	if d.Filter != nil {
		d.addFiltered(d.Filter.Flush(d.filtered[:0]))
	}
	if d.masker != nil {
		d.addMasked(d.masker.Flush(d.masked[:0]))
		d.take()
	}
	switch {
	case d.detail == nil:
		return Content{size: d.size, sum: d.hash.Sum64()}
	case d.size == 0 && d.rule.BodyAlone():
		return NoContent
	}
	return d.detail.content()
}

// Text returns the beginning of the body, masked, for a comparison of words; it
// is nil where the rule has detail.
func (d *Digest) Text() []byte { return d.text }

// Read takes in the body of a recorded request.
func (d *Digest) Read(it *cassettes.Interaction) error {
	if err := d.ReadBody(&it.Request.Body); err != nil {
		return fmt.Errorf("the body of request %d: %w", it.ID, err)
	}
	return nil
}

// ReadBody takes in a recorded body.
func (d *Digest) ReadBody(b *cassettes.Body) error {
	r, err := b.Open()
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer r.Close()
	if _, err := io.Copy(d, r); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return nil
}

// Err returns why the body could not be kept, or nil.
func (d *Digest) Err() error {
	if d.detail == nil {
		return nil
	}
	return d.detail.body.Err()
}

// Close gives the body's memory and file back.
func (d *Digest) Close() {
	if d != nil && d.detail != nil {
		d.detail.body.Close()
	}
}

// RequestMethod returns the method of a request's head.
func RequestMethod(head []byte) []byte {
	method, _, _ := bytes.Cut(bytes.TrimLeft(head, "\r\n"), []byte{' '})
	return method
}

// RequestTarget returns the target of a request's head, or nil.
func RequestTarget(head []byte) []byte {
	line, _, _ := bytes.Cut(bytes.TrimLeft(head, "\r\n"), []byte{'\n'})
	_, rest, _ := bytes.Cut(line, []byte{' '})
	target, _, _ := bytes.Cut(rest, []byte{' '})
	return target
}
