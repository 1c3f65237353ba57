package wire

import "fmt"

// FormatError says where a cassette, or a file beside it, breaks docs/format.md.
type FormatError struct {
	File string // its path as it was opened
	Line int    // from 1; 0 if no line is to blame
	Err  error  // the mistake
}

// Errorf returns a FormatError with an Err made as by fmt.Errorf.
func Errorf(file string, line int, format string, args ...any) *FormatError {
	return &FormatError{file, line, fmt.Errorf(format, args...)}
}

// Error returns "file:line: " and the text of Err, without the line if it is 0.
func (e *FormatError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
}

// Unwrap returns Err.
func (e *FormatError) Unwrap() error { return e.Err }
