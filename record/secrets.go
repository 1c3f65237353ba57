package record

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/redact"
)

// errUnmasked refuses to store secrets because somebody forgot the rules.
var errUnmasked = errors.New("record: the cassette's header names no redaction rules: secrets would be stored as they cross; " +
	"set Header.Redaction to []string{\"default\"} when it is created, or Recorder.Unmasked")

// rulesOf returns the redaction rules that a cassette's header names, or nil.
func rulesOf(w *cassettes.Writer) (*redact.Rules, error) {
	if w == nil {
		return nil, errors.New("record: Recorder.Cassette is nil: there is nothing to record to")
	}
	rules, err := redact.Parse(w.Redaction())
	if err != nil {
		return nil, fmt.Errorf("record: the cassette's header: %w", err)
	}
	return rules, nil
}

// Secret is a place in a text that looks like a secret and is not masked.
type Secret struct {
	Off  int64  // offset of the first byte
	Len  int    // in bytes, at most 4 KiB
	Line int    // line of the first byte, from 1
	Kind string // its kind in words for people: "signed JWT"
}

// Secrets returns the places in r that look like secrets, in order: r is a
// cassette, a file of a body, a log. It uses bounded memory. An error of r ends
// the sequence. A test that reads a cassette with it keeps secrets out of a
// repository:
//
//	for s, err := range record.Secrets(file) {
//		…
//		t.Errorf("line %d: %s", s.Line, s.Kind)
//	}
func Secrets(r io.Reader) iter.Seq2[Secret, error] {
	return func(yield func(Secret, error) bool) {
		for f, err := range redact.Scan(r) {
			if !yield(Secret{Off: f.Off, Len: f.Len, Line: f.Line, Kind: string(f.Kind)}, err) {
				return
			}
		}
	}
}
