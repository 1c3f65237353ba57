package main

import (
	"bufio"
	"io"
)

// joiner reads the text of a cassette and joins the continued lines of
// double-quoted scalars: it omits a backslash at the end of a line, the line feed
// and the spaces after it. So a secret that frames cut in two reads as one. It
// remembers the omitted lines.
type joiner struct {
	r       *bufio.Reader
	off     int64   // bytes returned
	left    []int64 // offset in the joined text of each omitted line not yet asked for
	skipped int     // lines omitted before those
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
// spaces at the beginning of the next one.
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

// skippedBefore returns the number of lines omitted before offset off of the
// joined text. Offsets must not decrease from call to call.
func (j *joiner) skippedBefore(off int64) int {
	for len(j.left) > 0 && j.left[0] <= off {
		j.left = j.left[1:]
		j.skipped++
	}
	return j.skipped
}
