package redact

// Span is a masked range, in bytes from the start of what was masked.
type Span struct{ Off, Len int64 }

// end returns the offset behind the span.
func (s Span) end() int64 { return s.Off + s.Len }

// appendSpan appends the range [from, to), joined with the last span where it
// touches it. Spans come in order.
func appendSpan(spans []Span, from, to int64) []Span {
	if to <= from {
		return spans
	}
	if n := len(spans); n > 0 && from <= spans[n-1].end() {
		spans[n-1].Len = max(spans[n-1].end(), to) - spans[n-1].Off
		return spans
	}
	return append(spans, Span{from, to - from})
}

// stars overwrites b.
func stars(b []byte) {
	for i := range b {
		b[i] = '*'
	}
}
