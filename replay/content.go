package replay

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"io"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/redact"
)

// content identifies a request's body, masked, with each run of "*" as one: a
// secret may have another length than the recorded one.
type content struct {
	size int64
	sum  uint64
}

// contentSeed is the one seed of all sums.
var contentSeed = maphash.MakeSeed()

// digest makes a content of a body as it passes.
type digest struct {
	masker *redact.Body // nil: nothing to mask
	masked []byte
	hash   maphash.Hash
	size   int64
	star   bool // the last byte was a "*"
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
	if d.masker == nil {
		d.add(p)
		return len(p), nil
	}
	d.masked = d.masker.Append(d.masked[:0], p)
	d.masker.Take() // runs of "*" say enough
	d.addRuns(d.masked)
	return len(p), nil
}

func (d *digest) add(p []byte) {
	d.size += int64(len(p))
	_, _ = d.hash.Write(p) // never fails
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
	if d.masker != nil {
		d.addRuns(d.masker.Flush(d.masked[:0]))
	}
	return content{d.size, d.hash.Sum64()}
}

// noContent is the content of an empty body.
var noContent = newDigest(nil, nil, nil).content()

// contentOf returns the content of a recorded request.
func contentOf(rules *redact.Rules, it *cassettes.Item) (content, error) {
	m := it.Request
	if m.Body.Size() == 0 {
		return noContent, nil
	}
	r, err := m.Body.Open()
	if err != nil {
		return content{}, fmt.Errorf("open the body of request %d: %w", it.ID, err)
	}
	defer r.Close()
	d := newDigest(rules, requestTarget(m.Head), m.Head)
	if _, err := io.Copy(d, r); err != nil {
		return content{}, fmt.Errorf("read the body of request %d: %w", it.ID, err)
	}
	return d.content(), nil
}

// requestTarget returns the target of a request's head, or nil.
func requestTarget(head []byte) []byte {
	line, _, _ := bytes.Cut(bytes.TrimLeft(head, "\r\n"), []byte{'\n'})
	_, rest, _ := bytes.Cut(line, []byte{' '})
	target, _, _ := bytes.Cut(rest, []byte{' '})
	return target
}
