package chunked

import "math/rand/v2"

// Shifted returns a Splitter that cuts n bytes behind the beginning of each
// chunk of s, and nowhere else: inside what s keeps whole. A chunk of n bytes or
// less is not cut. An n below 1 is taken as 1.
//
// Shifted(Multiplexed(), 4) cuts inside each header of Docker's stream, and
// Shifted(Records(), 1) leaves the first byte of each record to the chunk before.
func Shifted(s Splitter, n int64) Splitter {
	n = max(n, 1)
	return &shifted{inner: s, by: n, left: n}
}

// shifted is the Splitter of Shifted.
type shifted struct {
	inner Splitter
	by    int64
	left  int64 // bytes to the next cut; below 0 where the chunk of inner has had its cut
	ahead int64 // bytes that inner has consumed, and this Splitter has not
	ends  bool  // a chunk of inner ends after them
}

// Split implements Splitter.
func (s *shifted) Split(b []byte) (n int, cut bool) {
	for n < len(b) {
		if s.ahead == 0 {
			k, ends := s.inner.Split(b[n:])
			s.ahead, s.ends = int64(k), ends
		}
		// Only now is it known that inner's chunk goes on behind the cut.
		if s.left == 0 && s.ahead > 0 {
			s.left = -1
			return n, true
		}
		k := min(s.ahead, int64(len(b)-n))
		if s.left > 0 {
			k = min(k, s.left)
			s.left -= k
		}
		n += int(k)
		s.ahead -= k
		if s.ahead == 0 && s.ends {
			s.left, s.ends = s.by, false
		}
	}
	return n, false
}

// InsideEscapes returns a Splitter that cuts inside each escape of JSON strings
// (RFC 8259 section 7): behind its backslash, and behind the second digit of
// \uXXXX.
func InsideEscapes() Splitter {
	return &bytewise{look: new(escapes).look}
}

// escapes is the state of InsideEscapes.
type escapes struct {
	behind bool // the last byte was a backslash that begins an escape
	digits int  // hexadecimal digits of \u that are to come
}

func (e *escapes) look(c byte) place {
	switch {
	case e.behind:
		e.behind = false
		if c == 'u' {
			e.digits = 4
		}
		return nowhere
	case e.digits > 0 && hex[c] <= 15:
		e.digits--
		if e.digits == 2 {
			return behindIt
		}
		return nowhere
	}
	e.digits = 0
	if c == '\\' {
		e.behind = true
		return behindIt
	}
	return nowhere
}

// InsideRunes returns a Splitter that cuts between all bytes of each UTF-8
// sequence (RFC 3629 section 3).
func InsideRunes() Splitter {
	left := 0 // bytes of the sequence to come
	return &bytewise{look: func(c byte) place {
		continues := c&0xc0 == 0x80
		switch {
		case left > 0 && continues:
			left--
			return beforeIt
		case 0xc2 <= c && c <= 0xdf:
			left = 1
		case 0xe0 <= c && c <= 0xef:
			left = 2
		case 0xf0 <= c && c <= 0xf4:
			left = 3
		default:
			left = 0
		}
		return nowhere
	}}
}

// InsideCRLF returns a Splitter that cuts between each CR and its LF.
func InsideCRLF() Splitter {
	cr := false
	return &bytewise{look: func(c byte) place {
		was := cr
		cr = c == '\r'
		if was && c == '\n' {
			return beforeIt
		}
		return nowhere
	}}
}

// Random returns a Splitter that makes chunks of 1 to most bytes, the same ones
// for the same seed. A most below 1 is taken as 1.
func Random(seed uint64, most int64) Splitter {
	most = max(most, 1)
	sizes := rand.New(rand.NewPCG(seed, 0))
	left := 1 + sizes.Int64N(most)
	return &bytewise{look: func(byte) place {
		if left--; left > 0 {
			return nowhere
		}
		left = 1 + sizes.Int64N(most)
		return behindIt
	}}
}
