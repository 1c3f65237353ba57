package redact

import (
	"bytes"
	"iter"
)

// Span is a masked range, in bytes from the start of the masked section, body
// or stream.
type Span struct {
	Off    int64  // of the first masked byte
	Len    int64  // at least 1
	Rule   Rule   // that masks it
	Digest Digest // of the secret: see Key.Identify and Body.Identify
}

// end returns the offset behind the span.
func (s Span) end() int64 { return s.Off + s.Len }

// appendSpan appends the range [from, to) and joins it with the last span
// where they touch. Ranges come in order.
func appendSpan(spans []Span, from, to int64, rule Rule) []Span {
	if to <= from {
		return spans
	}
	if n := len(spans); n > 0 && from <= spans[n-1].end() {
		spans[n-1].Len = max(spans[n-1].end(), to) - spans[n-1].Off
		return spans
	}
	return append(spans, Span{Off: from, Len: to - from, Rule: rule})
}

// ByLine ranges over spans of a head or trailer section, in order, with the
// index of the line that each begins in. Lines count from 0, and a span's Off
// counts from the first byte of its line.
func ByLine(section []byte, spans []Span) iter.Seq2[int, Span] {
	return func(yield func(int, Span) bool) {
		line, begin := 0, int64(0)
		for _, s := range spans {
			before := section[begin:s.Off]
			line += bytes.Count(before, []byte{'\n'})
			begin += int64(bytes.LastIndexByte(before, '\n') + 1)
			s.Off -= begin
			if !yield(line, s) {
				return
			}
		}
	}
}

// stars overwrites b with "*".
func stars(b []byte) {
	for i := range b {
		b[i] = '*'
	}
}
