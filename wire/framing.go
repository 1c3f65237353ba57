package wire

import "fmt"

// Side is a direction of a connection, named after the end that sends.
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

// UnmarshalText accepts the words that String returns.
func (s *Side) UnmarshalText(text []byte) error {
	switch string(text) {
	case "client":
		*s = Client
	case "server":
		*s = Server
	default:
		return fmt.Errorf("want client or server, not %q", text)
	}
	return nil
}

// Framing says how a message's body is delimited (RFC 9112 section 6.3).
type Framing uint8

// Framings of a body.
const (
	None    Framing = iota // no body: the head is the message
	Length                 // Content-Length
	Chunked                // Transfer-Encoding: chunked
	Close                  // until the connection closes
	Stream                 // after an upgrade or hijack: no message, but a stream
)

var framings = [...]string{"none", "length", "chunked", "close", "stream"}

// String returns the framing as cassettes write it: none, length, chunked,
// close or stream.
func (f Framing) String() string { return framings[f] }

// UnmarshalText accepts the words that String returns.
func (f *Framing) UnmarshalText(text []byte) error {
	for i, word := range framings {
		if string(text) == word {
			*f = Framing(i)
			return nil
		}
	}
	return fmt.Errorf("want none, length, chunked, close or stream as framing, not %q", text)
}
