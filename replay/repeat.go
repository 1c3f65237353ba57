package replay

import "github.com/wiretape/wiretape/replay/internal/index"

// of returns how a request is repeated, which is safe or not.
func (r Repeat) of(safe bool) index.Repeat {
	switch {
	case r == RepeatLoop:
		return index.Loop
	case r == RepeatLast, r == RepeatSafe && safe:
		return index.Last
	}
	return index.Never
}
