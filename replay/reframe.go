package replay

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wiretape/wiretape/chunked"
)

// Reframe is a way to cut a chunked body into chunks. The body's bytes stay
// as they are, and each still leaves when it was recorded to leave.
type Reframe struct {
	// splitter makes the splitter of one body; nil keeps the recorded chunks.
	splitter func() chunked.Splitter
}

// ParseReframe reads a way to cut: exact keeps the recorded chunks, one makes
// one chunk of a body, bytes=N chunks of N bytes, and record one chunk of each
// JSON record.
func ParseReframe(s string) (Reframe, error) {
	switch s {
	case "exact":
		return Reframe{}, nil
	case "one":
		return Reframe{chunked.Whole}, nil
	case "record":
		return Reframe{chunked.Records}, nil
	}
	if number, ok := strings.CutPrefix(s, "bytes="); ok {
		n, err := strconv.ParseInt(number, 10, 64)
		if err == nil && n > 0 {
			return Reframe{func() chunked.Splitter { return chunked.Every(n) }}, nil
		}
	}
	return Reframe{}, fmt.Errorf("unknown framing %q: it is exact, one, bytes=N (N at least 1) or record", s)
}
