// Package cassettes is the cassette format: what is stored, how it is
// written, read and checked. FORMAT.md, beside this file, is its
// specification.
package cassettes

import (
	"io/fs"
	"time"

	"github.com/wiretape/wiretape/internal/http1"
)

// Options say how a cassette is written.
type Options struct {
	// Overwrite replaces an existing cassette, with its bodies. Append adds a
	// session to it; its upstream must be the same. Without either an
	// existing file is an error (fs.ErrExist).
	Overwrite, Append bool
}

// Writer appends items to a cassette. It is safe for concurrent use.
type Writer struct{}

// Create makes or opens the cassette at path. The file loads from this moment
// on, whatever happens to the process.
func Create(path string, h Header, o Options) (*Writer, error) { panic("not written") }

// Session returns the number of this recording within the cassette.
func (w *Writer) Session() int { panic("not written") }

// NextID returns a new item's id. Ids count up, over sessions too.
func (w *Writer) NextID() int { panic("not written") }

// Append adds an item; it is in the file within half a second. The item's
// slices are not used after the call. The first error (a full disk, say) is
// kept: this and every later call and Close return it.
func (w *Writer) Append(it *Item) error { panic("not written") }

// Close writes what is pending, sorts the file by id where it is not, and
// closes it.
func (w *Writer) Close() error { panic("not written") }

// NewBody returns a sink for a body of item id: in memory up to max bytes,
// beyond in the file "NAME.bodies/<id>-<what>" beside the cassette, what
// being request, response, client or server.
func (w *Writer) NewBody(id int, what string, max int) *BodySink { panic("not written") }

// NewFrames returns a sink for the frames of one side of item id, in memory up
// to MaxColumns and beyond in a file "<id>-<side>-frames". base is the seq
// that the file's numbers count from: the item's first.
func (w *Writer) NewFrames(id int, side http1.Side, base int64) *FrameSink { panic("not written") }

// NewTurns returns a sink for the turns of item id; data beyond max bytes and
// turns beyond MaxColumns go to files.
func (w *Writer) NewTurns(id int, base int64, max int) *TurnSink { panic("not written") }

// BodySink collects a body. A sink is used by one goroutine at a time.
type BodySink struct{}

// Write adds p, which it does not keep.
func (s *BodySink) Write(p []byte) (int, error) { panic("not written") }

// Finish returns the body.
func (s *BodySink) Finish() (Body, error) { panic("not written") }

// FrameSink collects frames and their splits.
type FrameSink struct{}

// Add adds a frame.
func (s *FrameSink) Add(f Frame) error { panic("not written") }

// Grow adds n bytes to the last frame.
func (s *FrameSink) Grow(n int64) { panic("not written") }

// ChunkLine gives the last frame's size line, without CRLF, where it is not the
// plain lower case hexadecimal number.
func (s *FrameSink) ChunkLine(line []byte) error { panic("not written") }

// Split adds a split of the last frame, or of the head before the first one.
func (s *FrameSink) Split(offset, seq int64) error { panic("not written") }

// Len returns the number of frames so far.
func (s *FrameSink) Len() int { panic("not written") }

// Finish sets m's Frames and, where they are in memory, its ChunkLines and
// Splits; beyond MaxColumns these stand in the frames' file.
func (s *FrameSink) Finish(m *Message) error { panic("not written") }

// TurnSink collects a stream's turns and marks.
type TurnSink struct{}

// Data adds a turn; it does not keep p.
func (s *TurnSink) Data(side http1.Side, seq int64, wait time.Duration, p []byte) error {
	panic("not written")
}

// Extend adds p to the last turn, which is data.
func (s *TurnSink) Extend(p []byte) error { panic("not written") }

// Mark adds a mark.
func (s *TurnSink) Mark(side http1.Side, m Mark, seq int64, wait time.Duration) error {
	panic("not written")
}

// Finish returns the turns.
func (s *TurnSink) Finish() (*Turns, error) { panic("not written") }

// Cassette is an open cassette. Items are read at their first use. It is safe
// for concurrent use.
type Cassette struct {
	// Name is the name it was opened with.
	Name   string
	Header Header
	// Torn says that an unfinished last item, as a killed recorder leaves it,
	// was dropped, and where.
	Torn *FormatError
}

// Open opens the cassette name in fsys, a regular file. Bodies are opened in
// the same file system, beneath the cassette's folder.
func Open(fsys fs.FS, name string) (*Cassette, error) { panic("not written") }

// OpenFile opens the cassette at path.
func OpenFile(path string) (*Cassette, error) { panic("not written") }

// Len returns the number of items.
func (c *Cassette) Len() int { panic("not written") }

// Entry is what is known of an item before it is read.
type Entry struct {
	ID, Session int
	Line        int    // of the file, from 1
	Method      string // "" where the item is no exchange
	URL         string // as go-vcr has it: the target URI
}

// Entry returns item i's entry, 0 <= i < Len, in order of session and id.
func (c *Cassette) Entry(i int) Entry { panic("not written") }

// Item reads item i. It is read anew at each call; the caller owns it.
func (c *Cassette) Item(i int) (*Item, error) { panic("not written") }

// Close closes the cassette's files.
func (c *Cassette) Close() error { panic("not written") }

// FormatError says where a cassette is not as FORMAT.md has it.
type FormatError struct {
	File string
	Line int
	Err  error
}

// Error returns "file:line: what".
func (e *FormatError) Error() string { panic("not written") }

// Unwrap returns Err.
func (e *FormatError) Unwrap() error { return e.Err }
