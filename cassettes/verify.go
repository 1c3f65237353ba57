package cassettes

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/wiretape/wiretape/cassettes/internal/filelock"
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

// Repair cuts an unfinished last item, as a killed recorder leaves it, off the
// cassette at path, so that every YAML reader can read the file, puts the
// items in order where they are not, and returns where it cut; nil where
// nothing was unfinished.
func Repair(path string) (*FormatError, error) {
	c, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	size := c.size
	header, torn, anyYAML := c.Header, c.Torn, c.inOtherLayout()
	if err := c.Close(); err != nil {
		return nil, err
	}
	if anyYAML {
		if torn == nil {
			return nil, nil
		}
		return torn, truncate(path, size)
	}
	w, err := Create(path, header, Options{Append: true}) // cuts
	if err != nil {
		return nil, err
	}
	return torn, w.Close() // sorts
}

// truncate cuts the cassette at path to size bytes.
func truncate(path string, size int64) error {
	f, err := filelock.OpenPath(path)
	if err != nil {
		return fmt.Errorf("repair cassette %s: %w", path, err)
	}
	defer f.Close()
	return os.Truncate(path, size)
}
