// Package http1 splits the bytes of one direction of an HTTP/1.x connection
// into heads, chunks, body bytes and trailers, as they arrive and in any
// pieces. A [Parser] never blocks, never fails and takes each byte once: bytes
// that it does not understand become an event of kind [Raw].
//
//	var p http1.Parser // the client's side
//	for len(b) > 0 {
//		ev, n := p.Next(b)
//		switch ev.Kind {
//		case http1.Head:
//			fmt.Printf("%s %s\n", ev.Head.Method, ev.Head.Target)
//		case http1.Body, http1.Raw:
//			os.Stdout.Write(ev.Data)
//		}
//		b = b[n:]
//	}
//
// A connection has two parsers, one for the bytes of the client and one for
// the bytes of the server. The framing of a response depends on its request
// (RFC 9112 section 6.3), so the owner of both parsers calls Expect on the
// server's for every request head, before any byte of the response. Otherwise
// the two are independent: a response may begin, and end, before its request
// has ended, and it goes on when the other direction turns raw.
//
// The parser understands everything that RFC 9112 lets a recipient understand.
// In a head it accepts lone LFs, folded lines, and empty lines before a
// request; such a head is not canonical. It refuses bytes that two recipients
// may take for different messages, and all later bytes of that direction are
// raw:
//
//   - lengths that are malformed or differ (equal ones may be repeated);
//   - Transfer-Encoding in HTTP/1.0, in a request where it does not end with
//     chunked, and in a response where it does not and there is a length;
//   - white space around a request's field names, CR or NUL within a line;
//   - anything odd in chunked coding and trailers, whose lines end with CRLF;
//   - a response without an outstanding request.
//
// A Content-Length beside chunked does not count among them. Section 6.3 lets
// recipients ignore it, and those that reject it close the connection.
//
// [ParseHead] and [ParseResponseHead] parse a head that is stored on its own.
package http1

import "github.com/wiretape/wiretape/wire"

// Side is a direction of a connection, named after its sender.
type Side = wire.Side

// Client and Server are the two sides of a connection.
const (
	Client = wire.Client
	Server = wire.Server
)

// Framing tells how the end of a message's body is found (RFC 9112 section
// 6.3).
type Framing = wire.Framing

// Framings of a body.
const (
	None    = wire.None
	Length  = wire.Length
	Chunked = wire.Chunked
	Close   = wire.Close
	// Stream is not a message: all bytes that follow are Raw. It comes with a
	// 101, whether or not the request asked for it, and with a 2xx to CONNECT.
	// It also comes with the hijack of old Docker engines: a 200 with the
	// Content-Type of a Docker stream and neither length nor coding, to a POST
	// or to a request that asked for an upgrade.
	Stream = wire.Stream
)

// Kind names the bytes of an Event.
type Kind uint8

// Kinds of events, in the order in which they occur in a message.
const (
	// Partial is an unfinished part of a head, size line, CRLF after chunk
	// data or trailer section. The parser keeps these bytes. They come again,
	// joined, in the event that completes them, or in a Raw event where they
	// turn out not to be HTTP.
	Partial Kind = iota
	// Head completes a head: Event.Head.
	Head
	// ChunkLine completes a chunk-size line: Event.Line, Event.Size. The last
	// chunk's has Size 0.
	ChunkLine
	// Body is a piece of body: chunk data, or a piece of a body framed by
	// length or close. Event.Data aliases the input.
	Body
	// ChunkEnd completes the CRLF after a chunk's data.
	ChunkEnd
	// Trailer completes the trailer section, its empty line included
	// (Event.Data, two bytes where there are no trailers).
	Trailer
	// Raw is data that is not HTTP/1.x, or not any more (after an upgrade).
	// All later bytes in this direction are Raw. Event.Data begins with the
	// bytes of earlier Partial events that belong to the same unfinished
	// thing.
	Raw
)

// Event is the result of one call of Next. It belongs to the parser. The event
// and everything that it refers to are valid until the next call.
type Event struct {
	Kind Kind // names the bytes
	// End tells that this event's bytes complete the message. A head completes
	// a message where the framing is None, or Length with Length 0, except in
	// an interim response (1xx other than 101). Only EOF ends a message whose
	// framing is Close. A message whose framing is Stream has no end.
	End bool
	// Data holds the bytes of Body, Trailer and Raw events. It aliases the
	// input or the parser's buffer.
	Data []byte
	// Line holds a ChunkLine's bytes without the CRLF, extensions included.
	Line []byte
	// Size is the number of data bytes that a ChunkLine announces.
	Size int64
	// Head is the head of a Head event, nil in other events.
	Head *MessageHead
}

// MessageHead is a parsed start line with its field lines. All slices alias
// the parser's input or buffer and are valid until the next call of Next.
type MessageHead struct {
	// Raw holds every byte of the head, the empty line that ends it included.
	Raw []byte
	// Canonical tells that Raw is its lines, each ended by CRLF, and an empty
	// line: no bare LF, no folded line, no empty line before the start line.
	Canonical bool

	Method, Target []byte  // of a request
	Code           int     // of a response
	Reason         []byte  // of a response
	Minor          int     // HTTP/1.Minor
	Fields         []Field // in order

	Framing Framing // how the end of the body is found
	// Length is the body's length in bytes, for framing Length.
	Length int64
	// Interim tells that this is a 1xx response other than 101: another head
	// follows for the same request.
	Interim bool
	// Upgrade tells that a request asks to leave HTTP (CONNECT, or Connection:
	// upgrade with an Upgrade field), or that a response leaves it.
	Upgrade bool
	// Close tells that the sender closes the connection after this message
	// (Connection: close, HTTP/1.0 without keep-alive, or framing Close).
	Close bool
	// Expect tells that a request waits for a 100 Continue (RFC 9110 section
	// 10.1.1).
	Expect bool
	// Variant counts the heads of this direction that differ, in bytes or
	// meaning, from the head before: neighbours with the same Variant are the
	// same head. It begins with 1. A reader can keep conclusions about a head
	// until Variant changes.
	Variant int
}

// Field is one field line: its name as sent, and its value without the white
// space around it. A folded value keeps its line ends.
type Field struct {
	Name  []byte // in the sender's spelling
	Value []byte // aliases the head
}

// Field returns the value of the first field with that name, compared without
// regard to ASCII case, or nil. It aliases the head.
func (h *MessageHead) Field(name string) []byte {
	for i := range h.Fields {
		if equalFold(h.Fields[i].Name, name) {
			return h.Fields[i].Value
		}
	}
	return nil
}

// MaxHead is the size in bytes of the smallest head or trailer section that
// the parser refuses: the direction is raw from the beginning of that section.
const MaxHead = 1 << 20
