package main

import (
	"bufio"
	"io"
)

// joiner reads the text of a cassette with the continued lines of its
// double-quoted scalars joined: a backslash at a line's end, the line's end and
// the spaces that follow are left out. So what frames cut in two reads as
// one. It knows where it left lines out.
type joiner struct {
	r       *bufio.Reader
	off     int64   // bytes returned
	left    []int64 // offset in what it returns of each line left out, not asked for yet
	skipped int     // lines left out before those
	escaped bool    // the byte before was a backslash that begins an escape
}

func newJoiner(r io.Reader) *joiner { return &joiner{r: bufio.NewReaderSize(r, 64<<10)} }

// Read reads joined text.
func (j *joiner) Read(p []byte) (n int, err error) {
	for n < len(p) {
		c, err := j.r.ReadByte()
		if err != nil {
			if n > 0 {
				return n, nil
			}
			return 0, err
		}
		if c == '\\' && !j.escaped && j.continues() {
			j.left = append(j.left, j.off)
			continue
		}
		j.escaped = c == '\\' && !j.escaped
		p[n] = c
		n++
		j.off++
	}
	return n, nil
}

// continues reports whether the line ends here, and then skips its end and the
// spaces that begin the next one.
func (j *joiner) continues() bool {
	if b, _ := j.r.Peek(1); len(b) == 0 || b[0] != '\n' {
		return false
	}
	next := byte(' ')
	for next == ' ' {
		j.r.ReadByte()
		b, _ := j.r.Peek(1)
		if len(b) == 0 {
			break
		}
		next = b[0]
	}
	return true
}

// skippedBefore returns how many lines were left out before offset off of what
// was read. Offsets must not go back from call to call.
func (j *joiner) skippedBefore(off int64) int {
	for len(j.left) > 0 && j.left[0] <= off {
		j.left = j.left[1:]
		j.skipped++
	}
	return j.skipped
}
