package replay

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wiretape/wiretape/chunked"
)

// Reframe is a way to cut a chunked body into chunks. The body's bytes stay
// as they are, and each still leaves when it was recorded to leave, or later: a new
// chunk leaves when the client has read the one before. The zero value keeps the
// recorded chunks; UnmarshalText makes others.
type Reframe struct {
	name string
	// splitter makes the splitter of one body; nil keeps the recorded chunks.
	splitter func() chunked.Splitter
}

// randomMost is the size in bytes of the largest chunk of random=SEED.
const randomMost = 512

// reframes are the ways to cut that need no number.
var reframes = map[string]func() chunked.Splitter{
	"exact":     nil,
	"one":       chunked.Whole,
	"record":    chunked.Records,
	"line":      chunked.Lines,
	"event":     chunked.Events,
	"frame":     chunked.Multiplexed,
	"in-record": func() chunked.Splitter { return chunked.Shifted(chunked.Records(), 1) },
	"in-frame":  func() chunked.Splitter { return chunked.Shifted(chunked.Multiplexed(), 4) },
	"in-escape": chunked.InsideEscapes,
	"in-rune":   chunked.InsideRunes,
	"in-crlf":   chunked.InsideCRLF,
}

// ReframeNames returns the words that UnmarshalText reads. Those that end in "="
// want a number behind it.
func ReframeNames() []string {
	return []string{"exact", "one", "bytes=", "record", "records=", "line", "event", "frame",
		"in-record", "in-frame", "in-escape", "in-rune", "in-crlf", "random="}
}

// String returns the text that UnmarshalText reads.
func (r Reframe) String() string {
	if r.splitter == nil {
		return "exact"
	}
	return r.name
}

// MarshalText returns the text that UnmarshalText reads.
func (r Reframe) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a way to cut:
//
//   - exact keeps the recorded chunks, and one makes one chunk of a body;
//   - bytes=N makes chunks of N bytes, and random=SEED chunks of 1 to 512 bytes,
//     the same ones for the same seed;
//   - record makes a chunk of each JSON record, records=N of each N of them, line
//     of each line, event of each Server-Sent Event, and frame of each frame of
//     Docker's multiplexed stream;
//   - in-record cuts behind the first byte of each record, in-frame in the middle
//     of the header of each of Docker's frames, in-escape inside the escapes of
//     JSON strings, in-rune inside UTF-8 sequences, and in-crlf between CR and LF.
func (r *Reframe) UnmarshalText(text []byte) error {
	s := string(text)
	if splitter, ok := reframes[s]; ok {
		*r = Reframe{s, splitter}
		return nil
	}
	name, number, _ := strings.Cut(s, "=")
	n, err := strconv.ParseInt(number, 10, 64)
	switch {
	case err != nil:
	case name == "random":
		*r = Reframe{s, func() chunked.Splitter { return chunked.Random(uint64(n), randomMost) }}
		return nil
	case name == "bytes" && n > 0:
		*r = Reframe{s, func() chunked.Splitter { return chunked.Every(n) }}
		return nil
	case name == "records" && n > 0:
		*r = Reframe{s, func() chunked.Splitter { return chunked.Joined(chunked.Records(), int(n)) }}
		return nil
	}
	return fmt.Errorf("%q: want %s; N is a number from 1 on, SEED any", s,
		strings.NewReplacer("random=", "random=SEED", "=,", "=N,").Replace(strings.Join(ReframeNames(), ", ")))
}
