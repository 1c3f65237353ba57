package http1

import (
	"bytes"

	"github.com/wiretape/wiretape/chunked"
)

// Lines splits a head or a trailer section into its lines, without their CRLF
// and without the empty line at the end. It reports whether AppendHead makes
// the same bytes of these lines, and no line is empty, folded or holds a CR or
// LF. For a head from a Parser that is MessageHead.Canonical. The lines alias
// head.
func Lines(head []byte) (lines [][]byte, ok bool) {
	for {
		i := bytes.IndexByte(head, '\n')
		if i < 1 || head[i-1] != '\r' {
			return nil, false
		}
		line := head[: i-1 : i-1]
		head = head[i+1:]
		switch {
		case len(line) == 0 && len(head) == 0:
			return lines, true
		case len(line) == 0:
			return nil, false
		case blank(line[0]) || bytes.IndexByte(line, '\r') >= 0:
			return nil, false
		}
		lines = append(lines, line)
	}
}

// AppendHead appends a head or a trailer section: each line with CRLF after
// it, then an empty line.
func AppendHead[S ~string | ~[]byte](dst []byte, lines []S) []byte {
	for _, line := range lines {
		dst = append(dst, line...)
		dst = append(dst, "\r\n"...)
	}
	return append(dst, "\r\n"...)
}

// AppendChunkLine appends a chunk's size line with its CRLF: custom where it
// is not empty, else the plain line for size.
func AppendChunkLine(dst []byte, custom string, size int64) []byte {
	if custom == "" {
		return chunked.AppendSize(dst, size)
	}
	dst = append(dst, custom...)
	return append(dst, "\r\n"...)
}
