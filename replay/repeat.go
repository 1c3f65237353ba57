package replay

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
