// Package chunked reads and writes the chunked transfer coding of HTTP/1.1
// (RFC 9112 section 7.1) and loses no byte of it: size lines stay as they were
// sent, with their extensions, and so do the bounds of each chunk.
//
// A [Decoder] takes bytes in pieces of any size and names each of them:
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
// [AppendSize] and [AppendChunk] write the coding in its plainest form. A
// [Splitter] cuts a body into chunks anew.
//
// The coding ends with the size line of the last chunk. The trailer section
// after it, two bytes where there are no trailers, belongs to the message:
// this package neither reads nor writes it.
package chunked

import "fmt"

// MaxLine is the length in bytes, CRLF included, of the longest size line that
// a [Decoder] accepts.
const MaxLine = 4096

// MaxSize is the largest chunk size, in bytes, that a [Decoder] accepts.
const MaxSize = 1<<60 - 1

// SyntaxError reports bytes that are not chunked coding.
type SyntaxError struct {
	// Offset is the number of bytes between the start of the coding and the
	// wrong byte.
	Offset int64
	// Line holds the size line, or the CRLF after a chunk's data, up to and
	// including the wrong byte. It is a copy.
	Line []byte
	// Want describes the bytes that the coding asks for at this place.
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
