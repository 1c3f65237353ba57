package wire

import "fmt"

// End says how a message ended.
type End string

// Ends of a message.
const (
	Complete   End = "complete"   // the framing's own end came
	Incomplete End = "incomplete" // the sender stopped before it
	NoEnd      End = "none"       // the recording stopped first
)

// String returns the word as cassettes write it.
func (e End) String() string { return string(e) }

// UnmarshalText accepts complete, incomplete and none.
func (e *End) UnmarshalText(text []byte) error {
	switch end := End(text); end {
	case Complete, Incomplete, NoEnd:
		*e = end
		return nil
	}
	return fmt.Errorf("want complete, incomplete or none as end, not %q", text)
}

// Mark is an event of a connection that is not data.
type Mark string

// Marks.
const (
	EOF         Mark = "eof"         // a half-close, or a close that looks like one
	Cut         Mark = "cut"         // the end of a TLS connection without a close_notify
	FullClose   Mark = "close"       // both directions at once
	Reset       Mark = "reset"       // RST
	Unreachable Mark = "unreachable" // of the server only: it could not be dialled
)

// String returns the word as cassettes write it.
func (m Mark) String() string { return string(m) }

// UnmarshalText accepts eof, cut, close, reset and unreachable.
func (m *Mark) UnmarshalText(text []byte) error {
	switch mark := Mark(text); mark {
	case EOF, Cut, FullClose, Reset, Unreachable:
		*m = mark
		return nil
	}
	return fmt.Errorf("want eof, cut, close, reset or unreachable, not %q", text)
}
