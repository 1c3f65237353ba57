package chunked

import "strconv"

// AppendSize appends the plain size line of a chunk of size bytes, CRLF
// included: lower case, without leading zeros or extensions. Size 0 makes the
// last chunk.
func AppendSize(dst []byte, size int64) []byte {
	return append(strconv.AppendInt(dst, size, 16), "\r\n"...)
}

// AppendChunk appends data as one chunk: size line, data, CRLF. Empty data
// appends nothing, because a chunk without data would be the last.
func AppendChunk(dst, data []byte) []byte {
	if len(data) == 0 {
		return dst
	}
	dst = AppendSize(dst, int64(len(data)))
	dst = append(dst, data...)
	return append(dst, "\r\n"...)
}

// AppendBody appends body as chunks, cut where s cuts it, and the size line of
// the last chunk. The caller appends the trailer section, which is CRLF where
// there are no trailers.
func AppendBody(dst, body []byte, s Splitter) []byte {
	start := 0
	for end := 0; end < len(body); {
		n, cut := s.Split(body[end:])
		end += n
		if cut {
			dst = AppendChunk(dst, body[start:end])
			start = end
		}
	}
	dst = AppendChunk(dst, body[start:])
	return AppendSize(dst, 0)
}

// ParseSize returns the number of data bytes that a size line announces. Line
// comes without its CRLF. ParseSize accepts the lines that a [Decoder]
// accepts; other lines give a [*SyntaxError].
func ParseSize(line []byte) (int64, error) {
	var d Decoder
	kind, _, err := d.Next(line)
	if kind == Line {
		err = &SyntaxError{Offset: int64(len(d.Line())), Line: line, Want: "a size line without its CRLF"}
	}
	if err == nil {
		_, _, err = d.Next([]byte("\r\n"))
	}
	if err != nil {
		return 0, err
	}
	return d.Size(), nil
}

// Plain reports whether [AppendSize] would write line, a size line without its
// CRLF.
func Plain(line []byte) bool {
	// Fifteen digits hold every size up to MaxSize.
	if len(line) == 0 || len(line) > len("fffffffffffffff") || line[0] == '0' && len(line) > 1 {
		return false
	}
	for _, c := range line {
		if hex[c] > 15 || 'A' <= c && c <= 'F' {
			return false
		}
	}
	return true
}
