package cassettes

import "github.com/wiretape/wiretape/wire"

// The model of a cassette's contents stands in package wire, which documents
// every field.
type (
	// Interaction is an exchange, a stream, or both.
	Interaction = wire.Interaction
	// Message is one side of an exchange: head, body and how it ended.
	Message = wire.Message
	// Interim is a 1xx response.
	Interim = wire.Interim
	// Frames are the frames of a body, in memory or in a file.
	Frames = wire.Frames
	// Frame is a piece of a body with its own boundary: a chunk, say.
	Frame = wire.Frame
	// FrameDetail is a frame with its size line and its splits.
	FrameDetail = wire.FrameDetail
	// Body is a body's bytes, in memory or in a file.
	Body = wire.Body
	// Segment is a run of a message's bytes that began in one read.
	Segment = wire.Segment
	// Split says that a frame came in pieces.
	Split = wire.Split
	// Closed is a close by the sender of a message.
	Closed = wire.Closed
	// Redaction is a masked range of bytes.
	Redaction = wire.Redaction
	// Turns are the turns and marks of a stream, in memory or in files.
	Turns = wire.Turns
	// Turn is a piece of a stream that one side sent, or a mark in it.
	Turn = wire.Turn
	// FormatError says where a cassette is not as docs/format.md has it.
	FormatError = wire.FormatError
)

// End says how a message ended.
type End = wire.End

// Ends of a message.
const (
	Complete   = wire.Complete   // the framing's own end came
	Incomplete = wire.Incomplete // the sender stopped before it
	NoEnd      = wire.NoEnd      // the recording stopped first
)

// Mark is an event of a connection that is not data.
type Mark = wire.Mark

// Marks.
const (
	EOF         = wire.EOF         // a half-close, or a close that looks like one
	Cut         = wire.Cut         // the end of a TLS connection without a close_notify
	FullClose   = wire.FullClose   // both directions at once
	Reset       = wire.Reset       // RST
	Unreachable = wire.Unreachable // of the server only: it could not be dialled
)

// MaxColumns is the number of frames, splits or turns beyond which a cassette
// keeps them in a file of their own.
const MaxColumns = 1000
