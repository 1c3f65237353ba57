package index

import (
	"github.com/wiretape/wiretape/replay/internal/rule"
	"github.com/wiretape/wiretape/replay/internal/secrets"
)

// Identify has d tell the secrets of a body apart, where those of the recordings
// differ.
func (t *Traits) Identify(x *Index, d *rule.Digest) {
	if t != nil && t.body() >= 0 {
		d.Identify(x.secrets.Key())
	}
}

// AddBody adds the secrets of a body that has passed d.
func (t *Traits) AddBody(x *Index, d *rule.Digest) {
	if t == nil {
		return
	}
	if n := t.body(); n >= 0 {
		d.Content() // ends the body
		t.set(n, x.secrets.OfBody(d))
	}
}

// body returns the number of the field for the secrets of the body, or -1.
func (t *Traits) body() int {
	for n, f := range t.group.ties.fields {
		if f.name == secrets.Body {
			return n
		}
	}
	return -1
}
