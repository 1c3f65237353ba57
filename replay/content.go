package replay

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"io"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/issued"
	"github.com/wiretape/wiretape/internal/redact"
)

// content identifies a request's body, masked, with each run of "*" as one: a
// secret may have another length than the recorded one. Issued values in it
// are masked, too, and whose they are is said by story: see storyOf.
type content struct {
	size  int64
	sum   uint64
	story uint64
}

// contentSeed is the one seed of all sums.
var contentSeed = maphash.MakeSeed()

// digest makes a content of a body as it passes.
type digest struct {
	values *issued.Masker // nil: nothing was issued
	valued []byte
	masker *redact.Body // nil: nothing to mask
	masked []byte
	hash   maphash.Hash
	size   int64
	text   []byte  // of it, as much as is compared where none is equal
	star   bool    // the last byte was a "*"
	detail *detail // what the rule asks for; nil: the bytes are enough
}

// newDigest returns the digest of the body of a request for target with that
// head.
func newDigest(rules *redact.Rules, target, head []byte) *digest {
	d := new(digest)
	d.hash.SetSeed(contentSeed)
	if rules != nil {
		d.masker = rules.Body(target, head)
	}
	return d
}

// Write adds p.
func (d *digest) Write(p []byte) (int, error) {
	n := len(p)
	if d.values != nil {
		d.valued = d.values.Append(d.valued[:0], p)
		p = d.valued
	}
	d.addValued(p)
	return n, nil
}

// addValued adds p, in which issued values are masked.
func (d *digest) addValued(p []byte) {
	if d.masker == nil {
		d.add(p)
		return
	}
	d.masked = d.masker.Append(d.masked[:0], p)
	d.masker.Take() // runs of "*" say enough
	d.addMasked(d.masked)
}

// addMasked adds p, which is masked.
func (d *digest) addMasked(p []byte) {
	if d.detail != nil && d.size == 0 && len(p) > 0 {
		d.detail.begin(p[0])
	}
	if d.detail != nil && !d.detail.text {
		d.add(p) // an archive whose runs are cut is none
		return
	}
	d.addRuns(p)
}

func (d *digest) add(p []byte) {
	d.size += int64(len(p))
	if d.detail != nil {
		d.detail.body.write(p)
		return
	}
	_, _ = d.hash.Write(p) // never fails
	d.text = append(d.text, p[:min(len(p), textMax-len(d.text))]...)
}

// addRuns adds p, each run of "*" as one.
func (d *digest) addRuns(p []byte) {
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

// content ends the body.
func (d *digest) content() content {
	if d.values != nil {
		d.addValued(d.values.Flush(d.valued[:0]))
	}
	if d.masker != nil {
		d.addMasked(d.masker.Flush(d.masked[:0]))
	}
	if d.detail != nil {
		return d.detail.content()
	}
	return content{size: d.size, sum: d.hash.Sum64()}
}

// refs returns which issued values the body mentioned.
func (d *digest) refs() []issued.Ref {
	if d.values == nil {
		return nil
	}
	return d.values.Refs()
}

// noContent is the content of an empty body.
var noContent = newDigest(nil, nil, nil).content()

// contentOf returns the content of a recorded request, as far as the rule asks
// for it.
func (x *index) contentOf(it *cassettes.Interaction) (content, error) {
	m := it.Request
	if m.Body.Size() == 0 && x.rule.detail == nil {
		return noContent, nil
	}
	d := x.newDigest(requestTarget(m.Head), m.Head)
	defer d.close()
	if d.detail == nil || x.rule.body {
		if err := d.read(it); err != nil {
			return content{}, err
		}
	}
	return d.content(), d.err()
}

// read adds a recorded request's body.
func (d *digest) read(it *cassettes.Interaction) error {
	if err := d.readBody(&it.Request.Body); err != nil {
		return fmt.Errorf("the body of request %d: %w", it.ID, err)
	}
	return nil
}

// readBody adds a recorded body.
func (d *digest) readBody(b *cassettes.Body) error {
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

// methodOf returns the method of a request's head.
func methodOf(head []byte) []byte {
	method, _, _ := bytes.Cut(bytes.TrimLeft(head, "\r\n"), []byte{' '})
	return method
}

// requestTarget returns the target of a request's head, or nil.
func requestTarget(head []byte) []byte {
	line, _, _ := bytes.Cut(bytes.TrimLeft(head, "\r\n"), []byte{'\n'})
	_, rest, _ := bytes.Cut(line, []byte{' '})
	target, _, _ := bytes.Cut(rest, []byte{' '})
	return target
}
