package chunked

import "io"

// Kind names the bytes that one call of [Decoder.Next] consumed.
type Kind uint8

// Kinds of bytes.
const (
	// Partial is a part of a size line, or the CR of the CRLF after a chunk's
	// data. The decoder keeps these bytes: see [Decoder.Pending].
	Partial Kind = iota
	// Line completes a size line: see [Decoder.Line] and [Decoder.Size].
	Line
	// Data is all or a part of a chunk's data: the bytes consumed.
	Data
	// End completes the CRLF after a chunk's data.
	End
)

// A Decoder splits chunked coding into size lines, data and line ends. It
// keeps at most [MaxLine] bytes. It allocates only until its buffer has grown
// to the longest line that arrived in pieces. The zero value is ready to use.
//
// A size line is hexadecimal digits of either case, with leading zeros
// allowed, then spaces and tabs, then anything printable from a semicolon on
// (RFC 9112 section 7.1.1), then CRLF. A lone LF is an error, because
// implementations disagree on whether it ends the line.
type Decoder struct {
	state  state
	size   int64
	rest   int64  // data bytes of this chunk still to come
	offset int64  // bytes consumed
	line   []byte // the last size line; aliases the input or held
	held   []byte // bytes of Partial results
	err    error
}

// state names the byte that the decoder expects next.
type state uint8

const (
	firstDigit state = iota
	digits
	space // after the size, before an extension
	extension
	lineFeed // of a size line
	data
	dataCR
	dataLF
	done
	failed
)

// Next consumes the first n bytes of b and names them. One call consumes one
// thing at most, and nothing where it returns an error: io.EOF once the coding
// has ended, a [*SyntaxError] where b does not continue it. After an error
// every call returns the same error. The bytes not consumed are those of
// [Decoder.Pending], followed by b.
func (d *Decoder) Next(b []byte) (k Kind, n int, err error) {
	switch d.state {
	case data:
		if int64(len(b)) < d.rest {
			d.rest -= int64(len(b))
			d.offset += int64(len(b))
			return Data, len(b), nil
		}
		n = int(d.rest)
		d.offset += int64(n)
		d.state = dataCR
		return Data, n, nil
	case dataCR, dataLF:
		return d.lineEnd(b)
	case done:
		return Partial, 0, io.EOF
	case failed:
		return Partial, 0, d.err
	}
	return d.sizeLine(b)
}

// Line returns the last size line, without its CRLF. It aliases the input or
// the decoder's buffer and stays valid until the next call of Next.
func (d *Decoder) Line() []byte { return d.line }

// Size returns the number of data bytes that the last size line announced. It
// is 0 after the size line of the last chunk.
func (d *Decoder) Size() int64 { return d.size }

// Done reports whether the decoder has read the size line of the last chunk.
// The trailer section of the message follows.
func (d *Decoder) Done() bool { return d.state == done }

// Missing returns how many bytes of the current chunk are still to come: its
// data and the CRLF after it. It is 0 in and before a size line.
func (d *Decoder) Missing() int64 {
	switch d.state {
	case data:
		return d.rest + int64(len("\r\n"))
	case dataCR:
		return int64(len("\r\n"))
	case dataLF:
		return int64(len("\n"))
	}
	return 0
}

// Pending returns the bytes of Partial results since the last complete thing.
// The slice stays valid until the next call of Next.
func (d *Decoder) Pending() []byte { return d.held }

// Offset returns the number of bytes consumed since the start of the coding.
func (d *Decoder) Offset() int64 { return d.offset }

// Reset makes the decoder ready for another body and keeps its buffer.
func (d *Decoder) Reset() { *d = Decoder{held: d.held[:0]} }

// lineEnd reads the CRLF after a chunk's data.
func (d *Decoder) lineEnd(b []byte) (Kind, int, error) {
	// The usual case: both bytes are here, and nothing has to be held.
	if d.state == dataCR && len(b) > 1 && b[0] == '\r' && b[1] == '\n' {
		d.state = firstDigit
		d.offset += 2
		return End, 2, nil
	}
	for i, c := range b {
		if d.state == dataLF {
			if c != '\n' {
				return d.fail(b, i, "LF after the CR that follows the data of a chunk")
			}
			d.state = firstDigit
			d.held = d.held[:0]
			d.offset += int64(i + 1)
			return End, i + 1, nil
		}
		if c != '\r' {
			return d.fail(b, i, "CRLF after the data of a chunk")
		}
		d.state = dataLF
	}
	return d.hold(b)
}

// sizeLine reads a size line.
func (d *Decoder) sizeLine(b []byte) (Kind, int, error) {
	room := MaxLine - len(d.held)
	if len(b) > room {
		b = b[:room]
	}
	i := 0
	if d.state <= digits {
		size := d.size
		if d.state == firstDigit {
			size = 0
		}
		// Digits are read in a loop of their own: nearly all size lines are
		// digits and CRLF, and this loop has one test a byte.
		for ; i < len(b) && hex[b[i]] < 16; i++ {
			// MaxSize has 60 bits. Beyond its top digit another shift would
			// overflow.
			if size > MaxSize>>4 {
				return d.fail(b, i, "a size below 1<<60")
			}
			size = size<<4 | int64(hex[b[i]])
			d.state = digits
		}
		d.size = size
		if d.state == digits && i+1 < len(b) && b[i] == '\r' && b[i+1] == '\n' {
			return d.endLine(b[:i+2])
		}
	}
	for ; i < len(b); i++ {
		next, want := d.after(b[i])
		switch {
		case want != "":
			return d.fail(b, i, want)
		case next == data:
			return d.endLine(b[:i+1])
		}
		d.state = next
	}
	if len(b) == room {
		return d.fail(b, i-1, "a size line of at most 4096 bytes")
	}
	return d.hold(b)
}

// after returns the state after byte c of a size line. It handles all bytes
// but digits of the size. It returns data after the LF that ends the line, and
// a text in want where c cannot stand here.
func (d *Decoder) after(c byte) (next state, want string) {
	switch {
	case d.state == firstDigit:
		return 0, "a hexadecimal digit"
	// A CR must be followed by LF: a parser that took it for white space would
	// end the line elsewhere.
	case d.state == lineFeed:
		if c != '\n' {
			return 0, "LF after CR"
		}
		return data, ""
	case c == '\r':
		return lineFeed, ""
	case d.state == extension:
		// Another parser may end the line at a control character.
		if c < ' ' && c != '\t' || c == 0x7f {
			return 0, "an extension ended by CRLF"
		}
		return extension, ""
	case c == ';':
		return extension, ""
	case c == ' ' || c == '\t':
		return space, ""
	case d.state == space:
		return 0, "an extension or CRLF"
	}
	return 0, "a hexadecimal digit, an extension or CRLF"
}

// endLine completes the size line that ends with b.
func (d *Decoder) endLine(b []byte) (Kind, int, error) {
	line := b
	if len(d.held) > 0 {
		// Next must return one slice for the line, so a line in pieces is
		// joined in the decoder's own buffer.
		line = append(d.held, b...)
		d.held = line[:0]
	}
	d.line = line[:len(line)-len("\r\n")]
	d.rest = d.size
	d.state = data
	if d.size == 0 {
		d.state = done
	}
	d.offset += int64(len(b))
	return Line, len(b), nil
}

// hold keeps b, a part of an unfinished line.
func (d *Decoder) hold(b []byte) (Kind, int, error) {
	d.held = append(d.held, b...)
	d.offset += int64(len(b))
	return Partial, len(b), nil
}

// fail reports that b[i] is wrong and describes the byte that should be there.
func (d *Decoder) fail(b []byte, i int, want string) (Kind, int, error) {
	line := append(append([]byte(nil), d.held...), b[:i+1]...)
	d.err = &SyntaxError{Offset: d.offset + int64(i), Line: line, Want: want}
	d.state = failed
	return Partial, 0, d.err
}

// hex is the value of a hexadecimal digit, 16 for all other bytes.
var hex = func() (t [256]uint8) {
	for c := range t {
		switch {
		case '0' <= c && c <= '9':
			t[c] = uint8(c - '0')
		case 'a' <= c && c <= 'f':
			t[c] = uint8(c - 'a' + 10)
		case 'A' <= c && c <= 'F':
			t[c] = uint8(c - 'A' + 10)
		default:
			t[c] = 16
		}
	}
	return t
}()
