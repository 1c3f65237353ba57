package wire

import "iter"

// Frames are the frames of a body in order: in List, or, if there are too many
// for a cassette's text, in File.
type Frames struct {
	List   []Frame   // the frames, of which Memory has the owner; nil if they are in File
	File   FrameFile // nil if all are in List
	Memory Memory    // owner of List; nil if the garbage collector owns it
}

// FrameFile is a file beside a cassette that holds a message's frames, with
// their size lines and splits.
type FrameFile interface {
	// Name is relative to the cassette's folder.
	Name() string
	// Len is the number of frames.
	Len() int
	// Base is the seq that the file's numbers count from.
	Base() int64
	// Lines reads the file. A line is valid until the next. An error ends the
	// sequence.
	Lines() iter.Seq2[*FrameLine, error]
}

// FrameLine is a frame, the size line of the frame before it, or a split of the
// frame before it; without a frame before it, of the head.
type FrameLine struct {
	Kind      FrameLineKind // the one of the fields below that is set
	Frame     Frame
	ChunkLine []byte // without CRLF
	Split     Split  // without its Frame
}

// FrameLineKind says which field of a FrameLine is set.
type FrameLineKind uint8

// Kinds of lines.
const (
	IsFrame FrameLineKind = iota
	IsChunkLine
	IsSplit
)

// Len returns the number of frames.
func (f *Frames) Len() int {
	if f.File != nil {
		return f.File.Len()
	}
	return len(f.List)
}

// All returns the frames in order. It reads them from the file if they are in
// one: an error, a *FormatError as a rule, ends the sequence.
func (f *Frames) All() iter.Seq2[Frame, error] {
	return func(yield func(Frame, error) bool) {
		if f.File == nil {
			for _, frame := range f.List {
				if !yield(frame, nil) {
					return
				}
			}
			return
		}
		for l, err := range f.File.Lines() {
			if (err != nil || l.Kind == IsFrame) && !yield(l.Frame, err) {
				return
			}
		}
	}
}
