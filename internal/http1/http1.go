// Package http1 splits the bytes of one direction of an HTTP/1.x connection
// into heads, chunks, body bytes, trailers and what is none of these, as they
// arrive and in any split. It never blocks, never fails and never asks for a
// byte twice: what it does not understand is an event of kind Raw.
//
// A connection has two parsers, one for the client's bytes and one for the
// server's. The server's must know what was asked: whoever owns both calls
// Expect on it for every request head, before it sees the answer. Otherwise
// the two are independent: an answer may begin, and end, before its request
// has, and goes on when the other direction is raw.
//
// What is understood is what RFC 9112 lets a recipient understand: lone LFs,
// folded lines and empty lines before a request are, in a head, though it is
// not canonical then. Not understood, and raw from there on, is what two
// recipients may take for different messages, among it
//
//   - lengths that are malformed or differ (equal ones may be repeated);
//   - Transfer-Encoding in HTTP/1.0, in a request where it does not end with
//     chunked, and in a response where it does not but there is a length;
//   - white space around a request's field names, CR or NUL within a line;
//   - anything odd in chunked coding, whose lines end with CRLF, trailers too;
//   - an answer where no request is outstanding.
//
// A Content-Length beside chunked, on the other hand, is overridden, as section
// 6.3 says and all do who do not reject it.
package http1

// Side is a direction of a connection, named after who sends.
type Side uint8

// The two sides.
const (
	Client Side = iota
	Server
)

// String returns "client" or "server".
func (s Side) String() string {
	if s == Server {
		return "server"
	}
	return "client"
}

// Kind says what the bytes of an Event are.
type Kind uint8

// Kinds of events, in the order in which a message brings them.
const (
	// Partial is a part of a head, size line, CRLF after chunk data or
	// trailer section that is not complete yet. The parser keeps the bytes;
	// they come again, joined, in the event that completes them or, when it
	// turns out that they are not HTTP, in a Raw event.
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
	// Raw is data that is not HTTP/1.x, or no longer (after an upgrade). All
	// that follows in this direction is Raw. Event.Data begins with the bytes
	// of preceding Partial events that belonged to the same unfinished thing.
	Raw
)

// Framing says how a message's body is delimited (RFC 9112 section 6.3).
type Framing uint8

// Framings of a body.
const (
	None    Framing = iota // no body: the head is the message
	Length                 // Content-Length
	Chunked                // Transfer-Encoding: chunked
	Close                  // until the connection closes
	// Stream: no message any more, all that follows is Raw. It comes with a
	// 101, whether or not the request asked for it, with a 2xx to CONNECT, and
	// with the hijack of old Docker engines: a 200 with the Content-Type of a
	// Docker stream and neither length nor coding, to a POST or to a request
	// that asked for an upgrade.
	Stream
)

// String returns the framing as cassettes write it: none, length, chunked,
// close, stream.
func (f Framing) String() string {
	return [...]string{"none", "length", "chunked", "close", "stream"}[f]
}

// Event is what one call of Next found. It belongs to the parser and is valid,
// like all it refers to, until the next call.
type Event struct {
	Kind Kind
	// End says that this event's bytes complete the message. A head does so
	// where the framing is None, or Length with Length 0, but for an interim
	// response (1xx other than 101). Nothing ends a message whose framing is
	// Close but EOF; one whose framing is Stream has no end.
	End bool
	// Data is the bytes of Body, Trailer and Raw events. It aliases the input
	// or the parser's buffer.
	Data []byte
	// Line is a ChunkLine's bytes without the CRLF, extensions included.
	Line []byte
	// Size is a ChunkLine's declared number of data bytes.
	Size int64
	// Head is a Head event's head, valid until the next call.
	Head *MessageHead
}

// MessageHead is a parsed start line with its field lines. All slices alias
// the parser's input or buffer; they are valid until the next call of Next.
type MessageHead struct {
	// Raw is every byte of the head, the empty line that ends it included.
	Raw []byte
	// Canonical says that Raw is nothing but its lines, each ended by CRLF,
	// and an empty line: no bare LF, no folded line, no leading empty line.
	Canonical bool

	Method, Target []byte // of a request
	Code           int    // of a response
	Reason         []byte // of a response
	Minor          int    // HTTP/1.Minor
	Fields         []Field

	Framing Framing
	// Length is the body's length for framing Length.
	Length int64
	// Interim says that this is a 1xx response other than 101: another head
	// follows for the same request.
	Interim bool
	// Upgrade: of a request, that it asks to leave HTTP (CONNECT, or
	// Connection: upgrade with an Upgrade field); of a response, that it does.
	Upgrade bool
	// Close says that the sender will close after this message (Connection:
	// close, HTTP/1.0 without keep-alive, or framing Close).
	Close bool
	// Expect says that a request waits for a 100 Continue.
	Expect bool
	// Variant counts the heads of this direction that were not, in bytes and
	// meaning, the one before: two of the same Variant are the same. It begins
	// with 1.
	Variant int
}

// Field is one field line: its name as sent, and its value without the white
// space around it, folded lines as they stood.
type Field struct{ Name, Value []byte }

// Field returns the value of the first field of that name, compared without
// regard to ASCII case, or nil.
func (h *MessageHead) Field(name string) []byte {
	for i := range h.Fields {
		if equalFold(h.Fields[i].Name, name) {
			return h.Fields[i].Value
		}
	}
	return nil
}

// MaxHead is the size in bytes from which a head, or a trailer section, is not
// understood any more: the connection's direction is Raw from its beginning.
const MaxHead = 1 << 20
