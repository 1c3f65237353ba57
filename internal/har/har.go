// Package har is the HTTP Archive format, version 1.2, as far as cassettes can
// be told in it, with a block of our own for what they cannot.
//
// The format is at http://www.softwareishard.com/blog/har-12-spec/. It has no
// place for chunks, for reads, or for what follows an upgrade: they stand
// under the key _wiretape, as the format wants names that it does not know.
package har

import (
	"time"
)

// File is a whole archive.
type File struct {
	Log Log `json:"log"`
}

// Log holds the entries.
type Log struct {
	Version string   `json:"version"`
	Creator Creator  `json:"creator"`
	Comment string   `json:"comment,omitempty"`
	Wire    *Subject `json:"_wiretape,omitempty"`
	Entries []Entry  `json:"entries"`
}

// Subject is what a cassette says of itself.
type Subject struct {
	Recorded  time.Time `json:"recorded,omitzero"`
	Upstream  string    `json:"upstream,omitempty"`
	Product   string    `json:"product,omitempty"`
	Version   string    `json:"version,omitempty"`
	Source    string    `json:"source"`
	Redaction []string  `json:"redaction,omitempty"`
}

// Creator names the program that made the archive.
type Creator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Entry is an exchange. Times are in milliseconds; -1 stands for one that is
// not known or does not apply.
type Entry struct {
	Started    time.Time `json:"startedDateTime"`
	Time       float64   `json:"time"`
	Request    Request   `json:"request"`
	Response   Response  `json:"response"`
	Cache      struct{}  `json:"cache"`
	Timings    Timings   `json:"timings"`
	Connection string    `json:"connection,omitempty"`
	Comment    string    `json:"comment,omitempty"`
	Wire       *Wire     `json:"_wiretape,omitempty"`
}

// Request is a request.
type Request struct {
	Method      string  `json:"method"`
	URL         string  `json:"url"`
	HTTPVersion string  `json:"httpVersion"`
	Cookies     []Pair  `json:"cookies"`
	Headers     []Pair  `json:"headers"`
	QueryString []Pair  `json:"queryString"`
	PostData    *Posted `json:"postData,omitempty"`
	HeadersSize int64   `json:"headersSize"`
	BodySize    int64   `json:"bodySize"`
}

// Posted is a request's body. Encoding is not HAR's: it has no word for a body
// that is no text.
type Posted struct {
	MimeType string `json:"mimeType"`
	Text     string `json:"text"`
	Params   []Pair `json:"params,omitempty"`
	Encoding string `json:"_encoding,omitempty"`
}

// Response is a response; Status is 0 where none came.
type Response struct {
	Status      int     `json:"status"`
	StatusText  string  `json:"statusText"`
	HTTPVersion string  `json:"httpVersion"`
	Cookies     []Pair  `json:"cookies"`
	Headers     []Pair  `json:"headers"`
	Content     Content `json:"content"`
	RedirectURL string  `json:"redirectURL"`
	HeadersSize int64   `json:"headersSize"`
	BodySize    int64   `json:"bodySize"`
}

// Content is a response's body, content coding taken away.
type Content struct {
	Size     int64   `json:"size"`
	MimeType string  `json:"mimeType"`
	Text     *string `json:"text,omitempty"`
	Encoding string  `json:"encoding,omitempty"`
	Comment  string  `json:"comment,omitempty"`
}

// Pair is a header field, cookie, query or form parameter.
type Pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Timings are the parts of Entry.Time.
type Timings struct {
	Blocked *float64 `json:"blocked,omitempty"`
	DNS     *float64 `json:"dns,omitempty"`
	Connect *float64 `json:"connect,omitempty"`
	Send    float64  `json:"send"`
	Wait    float64  `json:"wait"`
	Receive float64  `json:"receive"`
}

// Wire is what a cassette knows of an exchange and HAR does not.
type Wire struct {
	ID       int      `json:"id"`
	Session  int      `json:"session,omitempty"`
	Conn     int      `json:"conn"`
	Peer     int      `json:"peer,omitempty"`
	Timed    bool     `json:"timed"`
	Request  *Message `json:"request,omitempty"`
	Response *Message `json:"response,omitempty"`
	Turns    []Turn   `json:"turns,omitempty"`
	Masked   []Mask   `json:"masked,omitempty"` // of the turns
}

// Message is one side of an exchange.
type Message struct {
	// Head is the head in base64, where it is more than its start line and
	// fields as the archive has them.
	Head    []byte  `json:"head,omitempty"`
	Seq     int64   `json:"seq"`
	Start   float64 `json:"start"` // milliseconds, as a cassette has it
	Framing string  `json:"framing"`
	Frames  []Frame `json:"frames,omitempty"`
	Interim []Frame `json:"interim,omitempty"`
	Trailer []byte  `json:"trailer,omitempty"` // in base64
	End     string  `json:"end"`
	Missing int64   `json:"missing,omitempty"`
	Closed  []Frame `json:"closed,omitempty"`
	// Body is the body in base64, where the archive holds it otherwise than
	// it was: decoded, or not at all.
	Body []byte `json:"body,omitempty"`
	// Splits are the head's.
	Splits []Split `json:"splits,omitempty"`
	Masked []Mask  `json:"masked,omitempty"` // of the trailer
}

// Split is a piece of a head or frame that came in a later read.
type Split struct {
	Offset int64 `json:"offset"`
	Seq    int64 `json:"seq"`
}

// Mask is a masked range of a trailer's line, or of a turn.
type Mask struct {
	Index int   `json:"index"`
	Off   int64 `json:"off"`
	Len   int64 `json:"len"`
}

// Frame is a chunk or another frame, or, where it has a mark, a close, or,
// where it has a head, an interim response.
type Frame struct {
	Mark string  `json:"mark,omitempty"`
	Head []byte  `json:"head,omitempty"` // in base64
	Size int64   `json:"size"`
	Seq  int64   `json:"seq"`
	Wait float64 `json:"wait"` // milliseconds since what came before
	// Line is a chunk's size line, where it is not the plain number.
	Line   string  `json:"line,omitempty"`
	Splits []Split `json:"splits,omitempty"`
}

// Turn is a piece of a stream, or a mark in it.
type Turn struct {
	Side string  `json:"side"`
	Mark string  `json:"mark,omitempty"`
	Seq  int64   `json:"seq"`
	Wait float64 `json:"wait"`
	Data []byte  `json:"data,omitempty"` // in base64
}

// Milliseconds returns a duration as HAR has it.
func Milliseconds(d time.Duration) float64 {
	return float64(d) / float64(time.Millisecond)
}

// Duration returns what Milliseconds was given. What is negative is 0.
func Duration(ms float64) time.Duration {
	const most = float64(1<<62) / float64(time.Millisecond)
	if !(ms > 0 && ms < most) {
		return 0
	}
	return time.Duration(ms*float64(time.Millisecond) + 0.5)
}
