package stream

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/wiretape/wiretape/internal/http1"
)

// Mismatch is the first place where a client sent something that the recorded
// client did not.
type Mismatch struct {
	// Text gives the place, the bytes sent and the bytes recorded.
	Text string
	// LengthHelps says that the client sent as many bytes as were recorded, so
	// that they would match by Length.
	LengthHelps bool
}

// explain returns the mismatch of b, of which nothing was compared. It returns
// nil where the recording broke off: nobody knows the bytes that would follow.
func (m *Match) explain(b []byte) *Mismatch {
	switch {
	case len(m.want) > 0:
		return m.differs(b)
	case m.ended:
		return &Mismatch{Text: fmt.Sprintf("stream: %s follows %s, where the recorded client closed", Quote(b), place(m.at, m.past))}
	}
	return nil
}

// differs says where b differs from the recorded bytes. Nothing is compared
// after it.
func (m *Match) differs(b []byte) *Mismatch {
	want := m.wholeTurn(len(b) + quoteMax)
	i := CommonPrefix(b, want)
	return &Mismatch{
		Text:        difference(b, want, m.at, m.past),
		LengthHelps: i < len(b) && len(b) == len(want),
	}
}

// wholeTurn takes all bytes of the recorded client before the server's next turn
// that were not compared yet, but not much more than atLeast.
func (m *Match) wholeTurn(atLeast int) []byte {
	want := bytes.Clone(m.want)
	for len(want) <= atLeast {
		t, ok, err := m.turns.Peek()
		if err != nil || !ok || t.Side == http1.Server || t.Mark != "" {
			return want
		}
		m.fill()
		want = append(want, m.want...)
	}
	return want
}

// Difference says where the first bytes of a live connection begin to differ
// from those of a recorded one.
func Difference(live, recorded []byte) string { return difference(live, recorded, 0, nil) }

// difference says where live begins to differ from recorded, both of which
// begin at byte at of a stream, after past.
func difference(live, recorded []byte, at int64, past []byte) string {
	i := CommonPrefix(live, recorded)
	where := place(at+int64(i), tail(bytes.Clone(past), live[:i]))
	if i == len(recorded) {
		return fmt.Sprintf("stream: %s instead of the server's turn %s", Quote(live[i:]), where)
	}
	return fmt.Sprintf("stream: %s instead of %s %s", Quote(live[i:]), Quote(recorded[i:]), where)
}

// CommonPrefix returns the number of bytes with which both a and b begin.
func CommonPrefix(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// Limits of the bytes that a text quotes: from the difference on, and before it.
const (
	quoteMax = 40
	pastMax  = 20
)

// Quote quotes the first 40 bytes of b as Go does, with "…" for the rest.
func Quote(b []byte) string {
	if len(b) > quoteMax {
		return strconv.Quote(string(b[:quoteMax])) + "…"
	}
	return strconv.Quote(string(b))
}

// place names a place in a stream by its offset and the bytes before it.
func place(at int64, past []byte) string {
	if at == 0 {
		return "at byte 0"
	}
	return fmt.Sprintf("at byte %d, after %q", at, past)
}

// tail returns the last bytes of before and b together, in before's memory.
func tail(before, b []byte) []byte {
	if len(b) >= pastMax {
		return append(before[:0], b[len(b)-pastMax:]...)
	}
	n := max(0, len(before)+len(b)-pastMax)
	return append(append(before[:0], before[n:]...), b...)
}
