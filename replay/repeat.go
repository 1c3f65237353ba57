package replay

import "fmt"

// Repeat says what answers a request whose recordings were all played.
type Repeat int

// The zero value answers what changes nothing, GET and HEAD, as RepeatLast,
// and the rest as RepeatNever.
const (
	RepeatSafe  Repeat = iota
	RepeatLast         // the last answer, again
	RepeatLoop         // the recorded answers from the first on, over and over
	RepeatNever        // nothing: it is a miss
)

// ParseRepeat reads safe, last, loop or never.
func ParseRepeat(s string) (Repeat, error) {
	switch s {
	case "safe":
		return RepeatSafe, nil
	case "last":
		return RepeatLast, nil
	case "loop":
		return RepeatLoop, nil
	case "never":
		return RepeatNever, nil
	}
	return 0, fmt.Errorf("%q: want safe, last, loop or never", s)
}

// of returns what goes for a request that is safe, or not: never RepeatSafe.
func (r Repeat) of(safe bool) Repeat {
	switch {
	case r != RepeatSafe:
		return r
	case safe:
		return RepeatLast
	}
	return RepeatNever
}
