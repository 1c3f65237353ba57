package cassettes

import (
	"errors"

	"github.com/wiretape/wiretape/cassettes/internal/normalize"
)

// Rewrite puts a cassette at path whose items fill appends. It is a Draft, which
// takes its place when fill has returned nil. Where fill fails, nothing has
// changed. Draft.Keep tells the state after any other error; NewDraft explains
// overwrite.
func Rewrite(path string, h Header, overwrite bool, fill func(*Writer) error) error {
	d, err := NewDraft(path, h, overwrite)
	if err != nil {
		return err
	}
	if err := fill(d.Writer); err != nil {
		return errors.Join(err, d.Discard())
	}
	return d.Keep()
}

// Rewritable reports what would be lost of c if its items were written again:
// an unfinished last item, a comment, a key that the format does not know. Of
// a cassette that go-vcr wrote, what wire has no place for may be lost.
func (c *Cassette) Rewritable() error {
	switch {
	case c.Torn != nil:
		return c.Torn
	case c.comment != 0:
		return c.errorf(c.comment, "a comment stands here, which would be lost; remove it first")
	case c.anyYAML == nil || c.Header.Source == "":
		return nil
	}
	for i := range c.Len() {
		b, at, err := c.read(i)
		if err != nil {
			return err
		}
		it := b.Item(at)
		if b.Err == nil && b.Lookup(at, "wire") != 0 {
			normalize.Keepable(b, it, at)
		}
		if b.Err != nil {
			return b.Err
		}
	}
	return nil
}
