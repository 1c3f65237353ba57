// Package chunked reads and writes the chunked transfer coding of HTTP/1.1
// (RFC 9112 section 7.1) without losing a byte of it: the size lines as they
// stood, their extensions, and where every chunk began and ended.
//
// A [Decoder] is pushed: it takes the bytes in whatever pieces they come and
// says what they are.
//
//	var d chunked.Decoder
//	for len(b) > 0 {
//		kind, n, err := d.Next(b)
//		if err != nil {
//			return err // io.EOF: b is the trailer section
//		}
//		switch kind {
//		case chunked.Line:
//			fmt.Printf("a chunk of %d bytes, announced as %q\n", d.Size(), d.Line())
//		case chunked.Data:
//			os.Stdout.Write(b[:n])
//		}
//		b = b[n:]
//	}
//
// The way back is [AppendSize] and [AppendChunk], which write the plainest
// form, and a [Splitter], which cuts a body into chunks anew.
//
// The coding ends with the last chunk's size line. The trailer section after
// it, two bytes where there are no trailers, belongs to the message and is
// neither read nor written here.
package chunked

import "fmt"

// MaxLine is the length in bytes, CRLF included, beyond which a size line is
// not understood.
const MaxLine = 4096

// MaxSize is the largest chunk size that is understood.
const MaxSize = 1<<60 - 1

// SyntaxError says where bytes are not chunked coding.
type SyntaxError struct {
	// Offset is the number of bytes before the one that is wrong, counted from
	// where the decoder began.
	Offset int64
	// Line is what had come of the size line, or of the CRLF after a chunk's
	// data, the wrong byte included.
	Line []byte
	// Want is what should have stood there.
	Want string
}

// Error returns, for example,
//
//	chunked: byte 12: want a hexadecimal digit, got "xyz"
func (e *SyntaxError) Error() string {
	const most = 40
	got := e.Line
	if len(got) > most {
		got = got[len(got)-most:]
	}
	return fmt.Sprintf("chunked: byte %d: want %s, got %q", e.Offset, e.Want, got)
}
