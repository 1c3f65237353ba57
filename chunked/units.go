package chunked

import "encoding/binary"

// Lines returns a Splitter that makes one chunk of each line, its LF included.
func Lines() Splitter {
	return &bytewise{look: func(c byte) place {
		if c == '\n' {
			return behindIt
		}
		return nowhere
	}}
}

// Events returns a Splitter that makes one chunk of each Server-Sent Event or
// comment: all lines up to and including a blank one. Lines end in CRLF, LF or
// CR (WHATWG HTML, section 9.2.5).
func Events() Splitter {
	return &bytewise{look: (&events{blank: true}).look}
}

// events is the state of Events.
type events struct {
	blank bool // the current line has no byte yet
	cr    bool // the last byte was a CR: an LF belongs to the same line end
	ended bool // that CR ended a blank line
}

func (e *events) look(c byte) place {
	wasCR, ended := e.cr, e.ended
	e.cr, e.ended = c == '\r', false
	switch {
	case c == '\n' && wasCR:
		if ended {
			return behindIt
		}
		return nowhere
	case c == '\n' && e.blank:
		return behindIt
	case c == '\r':
		e.ended = e.blank
		e.blank = true
	default:
		e.blank = c == '\n'
	}
	if ended {
		return beforeIt
	}
	return nowhere
}

// muxHeader is the size of the header before each frame of a multiplexed
// stream.
const muxHeader = 8

// Multiplexed returns a Splitter that makes one chunk of each frame of a stream
// in which Docker multiplexes standard output and error: one byte for the
// stream (0 to 3), three zeros, the payload's size in four bytes, big-endian,
// and the payload (Docker Engine API, "Attach to a container"). From the first
// header that is none on, the body stays one chunk.
func Multiplexed() Splitter { return new(multiplexed) }

// multiplexed is the Splitter of Multiplexed.
type multiplexed struct {
	header [muxHeader]byte
	got    int   // bytes of header that have come
	left   int64 // bytes of the payload to come
	other  bool  // the stream is not multiplexed
}

// Split implements Splitter.
func (s *multiplexed) Split(b []byte) (n int, cut bool) {
	for n < len(b) && !s.other {
		if s.got < muxHeader {
			k := copy(s.header[s.got:], b[n:])
			s.got += k
			n += k
			if s.got < muxHeader {
				return n, false
			}
			s.other = s.header[0] > 3 || s.header[1]|s.header[2]|s.header[3] != 0
			s.left = int64(binary.BigEndian.Uint32(s.header[4:]))
		}
		if s.other {
			break
		}
		k := min(s.left, int64(len(b)-n))
		n += int(k)
		if s.left -= k; s.left == 0 {
			s.got = 0
			return n, true
		}
	}
	return len(b), false
}

// Joined returns a Splitter that makes one chunk of every n chunks of s. An n
// below 1 is taken as 1.
func Joined(s Splitter, n int) Splitter {
	n = max(n, 1)
	return &joined{inner: s, n: n, left: n}
}

// joined is the Splitter of Joined.
type joined struct {
	inner   Splitter
	n, left int
}

// Split implements Splitter.
func (s *joined) Split(b []byte) (n int, cut bool) {
	for n < len(b) {
		k, cut := s.inner.Split(b[n:])
		n += k
		if !cut {
			continue
		}
		if s.left--; s.left == 0 {
			s.left = s.n
			return n, true
		}
	}
	return n, false
}
