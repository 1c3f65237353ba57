package cassettes

import (
	"io"
	"iter"
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
	On           []string // method, path, query, body, …
	IgnorePath   []string
	IgnoreQuery  []string
	IgnoreHeader []string
	IgnoreJSON   []string
	APIVersion   string
}

// Item is one interaction: an exchange, or what no exchange owns. It has a
// Request, or Turns, or both; numbers of reads (seq) are absolute in memory
// and relative to the item's first in a file.
type Item struct {
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
// MaxInline of them, in a file beside the cassette.
type Frames struct {
	List []Frame
	file fileRef
	n    int
}

// MaxColumns is the number of frames, splits or turns beyond which they are
// kept in a file of their own.
const MaxColumns = 1000

// Len returns the number of frames.
func (f *Frames) Len() int { panic("not written") }

// All returns the frames in order, reading them from the file where they are
// in one. An error ends the sequence.
func (f *Frames) All() iter.Seq2[Frame, error] { panic("not written") }

// Segment is a run of a message's wire bytes that began in one read: an
// interim or final head, a frame, or a piece of one of them between two
// splits. Its bytes are Before, then Len bytes of the body from Off, then
// After.
type Segment struct {
	Frame  int   // -1: a head
	Seq    int64 // read in which it began
	Wait   time.Duration
	Before []byte // head; size line with its CRLF
	Off    int64
	Len    int64
	After  []byte // CRLF after a chunk; the trailer section after the last
}

// Segments returns the message's wire bytes in order, as it came: what is
// Missing is left out. Slices are valid until the next segment. Segments with
// equal Seq came in one read. An error, from a frames' file, ends the
// sequence.
func (m *Message) Segments() iter.Seq2[Segment, error] { panic("not written") }

// Body is a body's bytes: in memory, or in a file beside the cassette.
type Body struct {
	Data []byte
	file fileRef
	size int64
}

// InFile reports whether the bytes are in a file, and its name relative to
// the cassette's folder.
func (b *Body) InFile() (name string, ok bool) { panic("not written") }

// Size returns the number of bytes.
func (b *Body) Size() int64 { panic("not written") }

// Open returns a reader of the bytes; a body in a file is an *os.File where
// the cassette is on disk. The caller closes it.
func (b *Body) Open() (io.ReadSeekCloser, error) { panic("not written") }

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
	data     [2]Body // by side, where turns have no Data
	n        int
}

// Len returns the number of turns and marks.
func (t *Turns) Len() int { panic("not written") }

// All returns the turns and marks in order, with Data of at most 64 KiB read
// from the files where they are in files (a larger turn comes in pieces with
// equal Seq). Data is valid until the next.
func (t *Turns) All() iter.Seq2[Turn, error] { panic("not written") }

// fileRef names a file beside a cassette.
type fileRef struct {
	name string // relative to the cassette's folder
}
