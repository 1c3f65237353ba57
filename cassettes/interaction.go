package cassettes

import (
	"io/fs"
	"time"

	"github.com/wiretape/wiretape/internal/http1"
)

// Header is what a cassette says of itself, before its interactions.
type Header struct {
	Recorded  time.Time // zero with `--times none`
	Upstream  string    // address the recorder dialled
	API       API
	Source    string   // "recorded", "transcribed" or "imported"
	Redaction []string // names of the rules in force while recording
	Match     *Match   // nil: defaults
}

// API labels a cassette with the interface it shows; free-form.
type API struct{ Product, Version string }

// Match is what a request must agree on with a recorded one, in the words of
// replay's flags.
type Match struct {
	By           []string `json:"by,omitempty"` // method, path, query, body, …
	IgnorePath   []string `json:"ignore_path,omitempty"`
	IgnoreQuery  []string `json:"ignore_query,omitempty"`
	IgnoreHeader []string `json:"ignore_header,omitempty"`
	IgnoreJSON   []string `json:"ignore_json,omitempty"`
	APIVersion   string   `json:"api_version,omitempty"`
}

// Interaction is an exchange, or what no exchange owns. It has a
// Request, or Turns, or both; numbers of reads (seq) are absolute in memory
// and relative to the item's first in a file.
type Interaction struct {
	ID      int
	Session int  // 0 for the first; each append adds one
	Conn    int  // connection, numbered from 1 by accept within a session
	Peer    int  // client process, numbered from 1; 0 where there is none to ask
	Timed   bool // whether times are stored

	// Request is nil where the item is not an exchange.
	Request *Message
	// Response is nil where none began.
	Response *Message
	// Turns is the stream: after an upgrade or hijack beside Request and
	// Response, alone where the connection was not HTTP. Nil where none.
	Turns *Turns
}

// Message is one side of an exchange.
type Message struct {
	Seq int64 // read that held its first byte
	// Start is when the first byte came: of a request since the recording
	// began, of a response since the request's first byte.
	Start time.Duration
	// Head is every byte of the head, its empty line included, masked.
	Head    []byte
	Interim []Interim // 1xx responses before Head
	Framing http1.Framing
	Frames  Frames
	// Body is the joined data of the frames.
	Body Body
	// ChunkLines holds size lines, without CRLF, that are not the plain lower
	// case hexadecimal number, by frame.
	ChunkLines map[int]string
	// Trailer is every byte of the trailer section that came, its empty line
	// included; nil means CRLF alone, where the last chunk came.
	Trailer []byte
	End     End
	// Missing is how many wire bytes of the last frame never came. Its size
	// in Frames is the declared one.
	Missing  int64
	Closed   []Closed
	Splits   []Split
	Redacted []Redaction
}

// End says how a message ended.
type End string

// Ends of a message. NoEnd: recording stopped first.
const (
	Complete   End = "complete"
	Incomplete End = "incomplete"
	NoEnd      End = "none"
)

// Interim is a 1xx response.
type Interim struct {
	Seq  int64
	Head []byte
}

// Closed is a close by the sender of a message, after it and before its next.
type Closed struct {
	Mark Mark
	Seq  int64
	Wait time.Duration // since the message's last frame or mark
}

// Mark is an event of a connection that is not data.
type Mark string

// Marks. EOF is a half-close, or a close that cannot be told from one.
const (
	EOF         Mark = "eof"
	FullClose   Mark = "close"
	Reset       Mark = "reset"
	Unreachable Mark = "unreachable" // server only: the dial failed
)

// Split says that a frame, or with Frame -1 the head, came in pieces with
// other traffic, or more than 1 ms, between them: its wire byte Offset (size
// line and CRLF included; trailers belong to the last chunk) began the read
// Seq.
type Split struct {
	Frame  int
	Offset int64
	Seq    int64
}

// Redaction is a masked range: Where is "head", "body", "trailer" or "turn";
// Index the line of a head or trailer, or the turn, 0 for a body; Off is in
// bytes from the start of that line, turn or body.
type Redaction struct {
	Where    string
	Index    int
	Off, Len int64
}

// Frame is a piece of a body with its own boundary.
type Frame struct {
	Size int64         // body bytes, as declared
	Seq  int64         // read in which it began
	Wait time.Duration // since the frame before, or the head
}

// Frames are the frames of a body in order: in memory, or, beyond
// MaxColumns of them, in a file beside the cassette.
type Frames struct {
	List []Frame
	file fileRef
	base int64 // seq that the file's numbers count from
	n    int   // frames in the file
	sink *FrameSink
}

// MaxColumns is the number of frames, splits or turns beyond which they are
// kept in a file of their own.
const MaxColumns = 1000

// Body is a body's bytes: in memory, or in a file beside the cassette.
type Body struct {
	Data []byte
	file fileRef
	size int64 // of the file
	sink *BodySink
}

// Turn is one piece of a stream, or a mark in it.
type Turn struct {
	Side http1.Side
	Mark Mark // "" for data
	Seq  int64
	Wait time.Duration // since the turn before
	Size int64
	Data []byte // nil where the stream's bytes are in files
}

// Turns are the turns of a stream in order: in memory, or in files.
type Turns struct {
	// Start is the time of the first turn of an item without a request, since
	// the recording began.
	Start    time.Duration
	List     []Turn
	Redacted []Redaction
	file     fileRef
	base     int64   // seq that the file's numbers count from
	n        int     // turns in the file
	data     [2]Body // by side, where turns have no Data
	sink     *TurnSink
}

// fileRef names a file beside a cassette.
type fileRef struct {
	fsys fs.FS  // the cassette's folder
	name string // relative to it; "" means that there is no file
}
