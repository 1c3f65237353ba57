package cassettes

import (
	"errors"
	"slices"

	"github.com/wiretape/wiretape/cassettes/internal/verify"
	"github.com/wiretape/wiretape/internal/redact"
)

// Verify encodes every interaction of c again, compares the result with the
// file, parses the bytes that crossed the wire and compares their meaning with
// the cassette's keys. It returns all contradictions in order of lines, none if
// c is right. It reads the files beside the cassette as streams.
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
	errs := verify.Interaction(b, it, at, rules)
	for tag := range it.Tags() {
		if c.Header.Salt == "" {
			return append(errs, c.errorf(c.places[i].Line, "interaction %d: redacted lists the tag %q, and the header has no wire.salt that it was made with", it.ID, tag))
		}
	}
	return errs
}

// formatError makes any error one of item i.
func (c *Cassette) formatError(i int, err error) *FormatError {
	var fe *FormatError
	if errors.As(err, &fe) {
		return fe
	}
	return c.errorf(c.places[i].Line, "%w", err)
}
