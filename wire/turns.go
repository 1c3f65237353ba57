package wire

import (
	"io"
	"iter"
	"time"
)

// Turns are the turns and marks of a stream in order: in List, or, if there are
// too many for a cassette's text, in File. If the turns' bytes are too many,
// they are in Data, one file for each side, and turns have a Size alone.
type Turns struct {
	// Start is the time of the first turn of an interaction without a request,
	// since the recording began.
	Start    time.Duration
	List     []Turn      // turns and marks, of which Memory has the owner; nil if they are in File
	Redacted []Redaction // masked ranges, in order
	File     TurnFile    // nil if all turns are in List
	Data     [2]Body     // by side
	Memory   Memory      // owner of List; nil if the garbage collector owns it
}

// TurnFile is a file beside a cassette that holds the turns of a stream without
// their bytes.
type TurnFile interface {
	// Name is relative to the cassette's folder.
	Name() string
	// Len is the number of turns and marks.
	Len() int
	// Base is the seq that the file's numbers count from.
	Base() int64
	// Turns reads the file. An error ends the sequence.
	Turns() iter.Seq2[Turn, error]
}

// Len returns the number of turns and marks.
func (t *Turns) Len() int {
	if t.File != nil {
		return t.File.Len()
	}
	return len(t.List)
}

// All returns the turns and marks in order. Data that is in files is read in
// pieces of at most 64 KiB: a larger turn comes as several with equal Seq. Data
// is valid until the next turn. An error ends the sequence.
func (t *Turns) All() iter.Seq2[Turn, error] {
	return func(yield func(Turn, error) bool) {
		r := turnReader{t: t}
		defer r.close()
		for turn, err := range t.Sizes() {
			if err != nil {
				yield(turn, err)
				return
			}
			if !r.pieces(turn, yield) {
				return
			}
		}
	}
}

// Sizes returns the turns and marks in order, without the data that is in
// files. An error ends the sequence.
func (t *Turns) Sizes() iter.Seq2[Turn, error] {
	if t.File != nil {
		return t.File.Turns()
	}
	return func(yield func(Turn, error) bool) {
		for _, turn := range t.List {
			if !yield(turn, nil) {
				return
			}
		}
	}
}

// turnReader reads the data of turns from files.
type turnReader struct {
	t     *Turns
	files [2]io.ReadSeekCloser
	buf   []byte
}

// maxPiece is the most data that a turn from a file comes with.
const maxPiece = 64 << 10

// pieces yields turn with its data, in pieces if it is large.
func (r *turnReader) pieces(turn Turn, yield func(Turn, error) bool) bool {
	if turn.Mark != "" || turn.Data != nil || turn.Size == 0 {
		return yield(turn, nil)
	}
	for left := turn.Size; left > 0; {
		n := min(left, maxPiece)
		data, err := r.read(turn.Side, int(n))
		if err != nil {
			yield(turn, err)
			return false
		}
		turn.Data, turn.Size = data, n
		if !yield(turn, nil) {
			return false
		}
		turn.Wait = 0 // the pieces came together
		left -= n
	}
	return true
}

// read returns the next n bytes that side sent.
func (r *turnReader) read(side Side, n int) ([]byte, error) {
	b := &r.t.Data[side]
	if r.files[side] == nil {
		f, err := b.Open()
		if err != nil {
			return nil, err
		}
		r.files[side] = f
	}
	if r.buf == nil {
		r.buf = make([]byte, maxPiece)
	}
	if _, err := io.ReadFull(r.files[side], r.buf[:n]); err != nil {
		name, _ := b.InFile()
		return nil, Errorf(name, 0, "the file ends within a turn: %w", err)
	}
	return r.buf[:n], nil
}

func (r *turnReader) close() {
	for _, f := range r.files {
		if f != nil {
			f.Close()
		}
	}
}
