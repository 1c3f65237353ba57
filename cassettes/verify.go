package cassettes

import (
	"errors"
	"slices"

	"github.com/wiretape/wiretape/internal/redact"
)

// Verify derives every byte of c again and returns what disagrees, in order of
// lines. It reads the files beside the cassette too, as streams.
func Verify(c *Cassette) []*FormatError {
	var errs []*FormatError
	rules, err := redact.Parse(c.Header.Redaction)
	if err != nil {
		errs = append(errs, c.errorf(1, "wire.redaction: %w", err))
	}
	for i := range c.Len() {
		errs = append(errs, c.verifyItem(i, rules)...)
	}
	slices.SortStableFunc(errs, func(a, b *FormatError) int { return a.Line - b.Line })
	return errs
}

// verifyItem returns what disagrees in item i.
func (c *Cassette) verifyItem(i int, rules *redact.Rules) []*FormatError {
	b, at, err := c.read(i)
	if err != nil {
		return []*FormatError{c.formatError(i, err)}
	}
	it := b.Item(at)
	if b.Err != nil {
		return []*FormatError{c.formatError(i, b.Err)}
	}
	wire := b.Lookup(at, "wire")
	if wire == 0 {
		return nil
	}
	v := &verifier{Reader: b, it: it, wire: wire, rules: rules}
	v.errs = views(b, it, at, true)
	for m, key := range it.Messages() {
		block := b.Lookup(wire, key)
		errs := sizes(b, m, block, key)
		v.errs = append(v.errs, errs...)
		if len(errs) == 0 {
			v.message(m, block, key)
		}
	}
	if it.Turns != nil {
		v.turns(it.Turns)
	}
	return v.errs
}

// formatError makes any error one of item i.
func (c *Cassette) formatError(i int, err error) *FormatError {
	var fe *FormatError
	if errors.As(err, &fe) {
		return fe
	}
	return c.errorf(c.places[i].Line, "%w", err)
}
