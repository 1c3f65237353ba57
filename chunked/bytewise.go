package chunked

// place says where a chunk ends, seen from the next byte.
type place uint8

const (
	nowhere place = iota
	beforeIt
	behindIt
)

// bytewise is a Splitter that decides at each byte.
type bytewise struct {
	// look takes in the next byte and returns where a chunk ends.
	look func(c byte) place
	seen bool // look knows the next byte: a chunk ended before it
	open bool // the current chunk has a byte
}

// Split implements Splitter.
func (s *bytewise) Split(b []byte) (n int, cut bool) {
	for i, c := range b {
		if s.seen {
			s.seen, s.open = false, true
			continue
		}
		at := s.look(c)
		if at == beforeIt && s.open {
			s.seen, s.open = true, false
			return i, true
		}
		s.open = at != behindIt
		if at == behindIt {
			return i + 1, true
		}
	}
	return len(b), false
}
