// Package har reads and writes the HTTP Archive format (HAR), version 1.2, as
// far as it can hold a cassette.
//
// The format is specified at http://www.softwareishard.com/blog/har-12-spec/. It
// has no place for chunks, for reads, or for the bytes after an upgrade. They
// stand in a block of our own under the key _wiretape: the format wants an
// underscore before names that it does not know. With that block a cassette
// comes back from an archive unchanged.
//
// Sizes are in bytes and times in milliseconds. Byte slices are base64 in JSON.
package har

import (
	"time"
)

// File is a whole archive.
type File struct {
	Log Log `json:"log"` // the only member
}

// Log holds the entries.
type Log struct {
	Version string   `json:"version"`             // of the format, "1.2"
	Creator Creator  `json:"creator"`             // program that wrote the archive
	Comment string   `json:"comment,omitempty"`   // for people
	Wire    *Subject `json:"_wiretape,omitempty"` // header of the cassette
	Entries []Entry  `json:"entries"`             // in any order
}

// Subject is the header of the exported cassette.
type Subject struct {
	Recorded  time.Time `json:"recorded,omitzero"`   // start of the recording
	Upstream  string    `json:"upstream,omitempty"`  // address of the server
	Product   string    `json:"product,omitempty"`   // docker, say
	Version   string    `json:"version,omitempty"`   // of the product's API
	Source    string    `json:"source"`              // recorded, transcribed or imported
	Redaction []string  `json:"redaction,omitempty"` // names of the rules that masked it
}

// Creator names the program that made the archive.
type Creator struct {
	Name    string `json:"name"`    // wiretape, in our exports
	Version string `json:"version"` // of the program
}

// Entry is an exchange. A time of -1 is unknown or does not apply.
type Entry struct {
	Started    time.Time `json:"startedDateTime"`      // first byte of the request
	Time       float64   `json:"time"`                 // from Started to the end of the response
	Request    Request   `json:"request"`              // always present
	Response   Response  `json:"response"`             // Status 0 where none came
	Cache      Cache     `json:"cache"`                // required, and empty
	Timings    Timings   `json:"timings"`              // parts of Time
	Connection string    `json:"connection,omitempty"` // name of the connection
	Comment    string    `json:"comment,omitempty"`    // for people
	Wire       *Wire     `json:"_wiretape,omitempty"`  // our own block
	// Messages are those of a WebSocket, as Chrome and mitmproxy write them. Export
	// writes none.
	Messages []SocketMessage `json:"_webSocketMessages,omitempty"`
}

// Request is a request.
type Request struct {
	Method      string  `json:"method"`             // as it was sent
	URL         string  `json:"url"`                // absolute, without fragment
	HTTPVersion string  `json:"httpVersion"`        // HTTP/1.1, say
	Cookies     Unread  `json:"cookies"`            // of the Cookie fields
	Headers     []Pair  `json:"headers"`            // fields in order
	QueryString Unread  `json:"queryString"`        // pairs in order, decoded
	PostData    *Posted `json:"postData,omitempty"` // nil without a body
	HeadersSize int64   `json:"headersSize"`        // of the head, empty line included
	BodySize    int64   `json:"bodySize"`           // without chunk lines
}

// Posted is a request's body.
type Posted struct {
	MimeType string `json:"mimeType"`         // the Content-Type field
	Text     string `json:"text"`             // as it is, or in base64
	Params   []Pair `json:"params,omitempty"` // of a form, in place of Text
	// Encoding is "base64" for a body that is not text. HAR has no key for it.
	Encoding string `json:"_encoding,omitempty"`
}

// Response is a response.
type Response struct {
	Status      int     `json:"status"`      // 0 where none came
	StatusText  string  `json:"statusText"`  // reason phrase
	HTTPVersion string  `json:"httpVersion"` // HTTP/1.1, say
	Cookies     Unread  `json:"cookies"`     // of the Set-Cookie fields
	Headers     []Pair  `json:"headers"`     // fields in order
	Content     Content `json:"content"`     // decoded body
	RedirectURL string  `json:"redirectURL"` // the Location field
	HeadersSize int64   `json:"headersSize"` // of the head, empty line included
	BodySize    int64   `json:"bodySize"`    // without chunk lines
}

// Content is a response's body without its content coding.
type Content struct {
	Size     int64   `json:"size"`               // of the decoded body
	MimeType string  `json:"mimeType"`           // "x-unknown" without a Content-Type
	Text     *string `json:"text,omitempty"`     // nil where the archive lacks the body
	Encoding string  `json:"encoding,omitempty"` // "base64" for bytes that are not text
	Comment  string  `json:"comment,omitempty"`  // why Text is missing
}

// Pair is a header field, cookie, query or form parameter.
type Pair struct {
	Name  string `json:"name"`  // decoded, for a parameter
	Value string `json:"value"` // decoded, for a parameter
}

// SocketMessage is a message of a WebSocket.
type SocketMessage struct {
	Type   string  `json:"type"`   // send, by the client, or receive
	Time   float64 `json:"time"`   // seconds since 1970
	Opcode int     `json:"opcode"` // RFC 6455 section 5.2; 1 is text
	Data   string  `json:"data"`   // text, or base64 for other opcodes
}

// Timings are the parts of Entry.Time. A nil or negative part does not apply.
type Timings struct {
	Blocked *float64 `json:"blocked,omitempty"` // waiting for a connection
	DNS     *float64 `json:"dns,omitempty"`     // resolving the name
	Connect *float64 `json:"connect,omitempty"` // connecting
	Send    float64  `json:"send"`              // sending the request
	Wait    float64  `json:"wait"`              // until the first byte of the response
	Receive float64  `json:"receive"`           // until its last byte
}

// Wire holds the facts in a cassette about an exchange that HAR has no key for.
// docs/format.md explains them.
type Wire struct {
	ID       int      `json:"id"`                 // of the interaction
	Session  int      `json:"session,omitempty"`  // run of record
	Conn     int      `json:"conn"`               // number of the connection
	Peer     int      `json:"peer,omitempty"`     // process of the client
	Timed    bool     `json:"timed"`              // waits are known
	Request  *Message `json:"request,omitempty"`  // always present
	Response *Message `json:"response,omitempty"` // nil where none came
	Turns    []Turn   `json:"turns,omitempty"`    // stream after an upgrade
	Masked   []Mask   `json:"masked,omitempty"`   // masks in the turns
}

// Message is one side of an exchange.
type Message struct {
	// Head is the head in base64, where it differs from a start line and the
	// fields of the archive, one a line.
	Head    []byte  `json:"head,omitempty"`
	Seq     int64   `json:"seq"`               // read that brought the first byte
	Start   float64 `json:"start"`             // wait before it
	Framing string  `json:"framing"`           // see http1.Framing
	Frames  []Frame `json:"frames,omitempty"`  // of the body
	Interim []Frame `json:"interim,omitempty"` // 1xx responses before it
	Trailer []byte  `json:"trailer,omitempty"` // trailer section in base64
	End     string  `json:"end"`               // how the message ended
	Missing int64   `json:"missing,omitempty"` // bytes of the last frame that never came
	Closed  []Frame `json:"closed,omitempty"`  // closes after it
	// Body is the body in base64, where the archive holds another one: decoded,
	// or none.
	Body   []byte  `json:"body,omitempty"`
	Splits []Split `json:"splits,omitempty"` // of the head
	Masked []Mask  `json:"masked,omitempty"` // masks in the trailer
}

// Split is the place where a later read of a head or frame began.
type Split struct {
	Offset int64 `json:"offset"` // from the beginning of the head or frame
	Seq    int64 `json:"seq"`    // number of the read
}

// Mask is a masked range of a trailer's line, or of a turn.
type Mask struct {
	Index int   `json:"index"` // of the line or turn, from 0
	Off   int64 `json:"off"`   // in the line or turn
	Len   int64 `json:"len"`   // at least 1
}

// Frame is a chunk or another piece of a body. With a Mark it is a close, and
// with a Head it is an interim response.
type Frame struct {
	Mark   string  `json:"mark,omitempty"`   // of a close
	Head   []byte  `json:"head,omitempty"`   // in base64
	Size   int64   `json:"size"`             // of the data
	Seq    int64   `json:"seq"`              // read that brought the first byte
	Wait   float64 `json:"wait"`             // since the event before
	Line   string  `json:"line,omitempty"`   // size line of a chunk, unless plain
	Splits []Split `json:"splits,omitempty"` // later reads of the frame
}

// Turn is a piece of a stream, or a mark in it.
type Turn struct {
	Side string  `json:"side"`           // client or server
	Mark string  `json:"mark,omitempty"` // a close; then there is no Data
	Seq  int64   `json:"seq"`            // number of the read
	Wait float64 `json:"wait"`           // since the turn before
	Data []byte  `json:"data,omitempty"` // in base64
}

// Milliseconds converts a duration to HAR's unit.
func Milliseconds(d time.Duration) float64 {
	return float64(d) / float64(time.Millisecond)
}

// Duration converts HAR's unit to a duration. A negative one is 0.
func Duration(ms float64) time.Duration {
	const most = float64(1<<62) / float64(time.Millisecond)
	if !(ms > 0 && ms < most) {
		return 0
	}
	return time.Duration(ms*float64(time.Millisecond) + 0.5)
}
