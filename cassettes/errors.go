package cassettes

import (
	"fmt"
)

// FormatError says where a cassette is not as docs/format.md has it.
type FormatError struct {
	File string
	Line int // from 1; 0 where no line is to blame
	Err  error
}

// Error returns "file:line: what".
func (e *FormatError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
}

// Unwrap returns Err.
func (e *FormatError) Unwrap() error { return e.Err }
