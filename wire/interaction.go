package wire

import (
	"iter"
	"time"
)

// Interaction is an exchange, a stream, or both: it has a Request, or Turns, or
// both. Seqs, the numbers of reads, count from the beginning of its session.
type Interaction struct {
	ID      int  // unique within its session, counted by first bytes
	Session int  // 0 for the first; each append to a cassette adds one
	Conn    int  // connection, numbered from 1 by accept within a session
	Peer    int  // client process, numbered from 1; 0 if it is not known
	Timed   bool // whether times are stored

	Request  *Message // nil if the interaction is not an exchange
	Response *Message // nil if none began
	// Turns is the stream: after an upgrade or hijack beside Request and
	// Response, alone if the connection was not HTTP. Nil if there is none.
	Turns *Turns
}

// Messages ranges over the messages that are there, request first, and the word
// "request" or "response".
func (it *Interaction) Messages() func(yield func(*Message, string) bool) {
	return func(yield func(*Message, string) bool) {
		if it.Request != nil && !yield(it.Request, "request") {
			return
		}
		if it.Response != nil {
			yield(it.Response, "response")
		}
	}
}

// Release gives the memory of the sinks that filled the interaction back to
// other sinks. Its bodies, frames and turns must not be used after it. Calling
// it is not needed; it saves allocations.
func (it *Interaction) Release() {
	for m := range it.Messages() {
		if m.Body.Memory != nil {
			m.Body.Memory.Release()
			m.Body = Body{}
		}
		if m.Frames.Memory != nil {
			m.Frames.Memory.Release()
			m.Frames, m.Splits, m.ChunkLines = Frames{}, nil, nil
		}
	}
	if it.Turns != nil && it.Turns.Memory != nil {
		it.Turns.Memory.Release()
		it.Turns = nil
	}
}

// Memory is memory that is used again once it is released.
type Memory interface{ Release() }

// Message is one side of an exchange.
type Message struct {
	Seq int64 // read that held its first byte
	// Start is when the first byte came: of a request since the recording
	// began, of a response since the request's first byte.
	Start time.Duration
	// Head is every byte of the head, its empty line included, masked.
	Head    []byte
	Interim []Interim // 1xx responses before Head
	Framing Framing   // how the body is delimited
	Frames  Frames    // pieces of the body with bounds of their own
	Body    Body      // the joined data of the frames
	// ChunkLines holds, by frame, the size lines, without CRLF, that are not the
	// plain lower case hexadecimal number.
	ChunkLines map[int]string
	// Trailer is every byte of the trailer section that came, its empty line
	// included. Nil means CRLF alone if the last chunk came.
	Trailer []byte
	End     End // how the message ended
	// Missing is how many wire bytes of the last frame never came. The frame's
	// Size is the declared one.
	Missing  int64
	Closed   []Closed    // closes by its sender, in order
	Splits   []Split     // in order of frames and offsets; nil if Frames are in a file
	Redacted []Redaction // masked ranges, in order
}

// Tags returns the tags of the masked secrets in order: those of the request, of
// the response and of the turns. A secret that occurs more than once has the same
// tag each time.
func (it *Interaction) Tags() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, list := range it.redacted() {
			for _, r := range list {
				if r.Tag != "" && !yield(r.Tag) {
					return
				}
			}
		}
	}
}

// ClearTags removes the tags of all masked secrets.
func (it *Interaction) ClearTags() {
	for _, list := range it.redacted() {
		for i := range list {
			list[i].Tag = ""
		}
	}
}

// redacted returns the lists of masked ranges.
func (it *Interaction) redacted() (lists [3][]Redaction) {
	if it.Request != nil {
		lists[0] = it.Request.Redacted
	}
	if it.Response != nil {
		lists[1] = it.Response.Redacted
	}
	if it.Turns != nil {
		lists[2] = it.Turns.Redacted
	}
	return lists
}

// Interim is a 1xx response.
type Interim struct {
	Seq  int64  // read that held its first byte
	Head []byte // with its empty line
}

// Closed is a close by the sender of a message, after it and before its next.
type Closed struct {
	Mark Mark          // kind of close
	Seq  int64         // read that met it
	Wait time.Duration // since the message's last frame or mark
}

// Split says that a frame, or with Frame -1 the head, came in pieces with
// other traffic, or more than 1 ms, between them: its byte Offset began the
// read Seq. Offset counts wire bytes from the frame's first, the size line and
// CRLFs of a chunk included; trailers belong to the last chunk.
type Split struct {
	Frame  int   // from 0; -1 for the head
	Offset int64 // in wire bytes
	Seq    int64 // read that began there
}

// Redaction is a masked range: Where is "head", "body", "trailer" or "turn".
// Index is the line of a head or trailer, or the turn, and 0 for a body. Off is
// in bytes from the start of that line, turn or body. Tag tells the secret from
// others in the cassette; it is empty where there is none. It is the beginning of
// a digest of the secret, in hex digits.
type Redaction struct {
	Where    string // part of the message or stream
	Index    int    // from 0
	Off, Len int64  // in bytes
	Tag      string // of the secret
}

// Frame is a piece of a body with its own boundary: a chunk, or, without chunked
// coding, the reads of one side that nothing came between.
type Frame struct {
	Size int64         // body bytes, as declared
	Seq  int64         // read in which it began
	Wait time.Duration // since the frame before, or the head
}

// Turn is a piece of a stream that one side sent, or a Mark in it.
type Turn struct {
	Side Side          // sender
	Mark Mark          // "" for data
	Seq  int64         // read in which it began
	Wait time.Duration // since the turn before
	Size int64         // of the data, in bytes
	Data []byte        // nil if the stream's bytes are in files
}
