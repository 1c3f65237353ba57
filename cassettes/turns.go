package cassettes

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/wiretape/wiretape/internal/http1"
)

// Len returns the number of turns and marks.
func (t *Turns) Len() int {
	if t.file.name != "" {
		return t.n
	}
	return len(t.List)
}

// All returns the turns and marks in order, with Data of at most 64 KiB read
// from the files where they are in files (a larger turn comes in pieces with
// equal Seq). Data is valid until the next. An error ends the sequence.
func (t *Turns) All() iter.Seq2[Turn, error] {
	return func(yield func(Turn, error) bool) {
		r := turnReader{t: t}
		defer r.close()
		for turn, err := range t.turns() {
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

// turns returns the turns without the data that is in files.
func (t *Turns) turns() iter.Seq2[Turn, error] {
	return func(yield func(Turn, error) bool) {
		if t.file.name == "" {
			for _, turn := range t.List {
				if !yield(turn, nil) {
					return
				}
			}
			return
		}
		r, err := t.file.reader()
		if err != nil {
			yield(Turn{}, err)
			return
		}
		defer r.close()
		for r.next() {
			turn, err := parseTurnLine(r.text, t.base)
			if err != nil {
				r.err = t.file.errorf(r.line, "%w", err)
				break
			}
			if !yield(turn, nil) {
				return
			}
		}
		if r.err == nil && r.line != t.n {
			r.err = t.file.errorf(0, "want %d turns, found %d", t.n, r.line)
		}
		if r.err != nil {
			yield(Turn{}, r.err)
		}
	}
}

// parseTurnLine reads a line as appendTurnLine writes it.
func parseTurnLine(line []byte, base int64) (t Turn, err error) {
	name, rest, _ := bytes.Cut(line, []byte{' '})
	side, mark, marked := strings.Cut(string(name), "-")
	if side == "server" {
		t.Side = http1.Server
	} else if side != "client" {
		return t, fmt.Errorf("turns: want client or server, not %q", name)
	}
	n := numbers{rest: rest}
	if t.Mark = Mark(mark); !marked {
		t.Size = n.next()
	}
	t.Seq = n.next() + base
	t.Wait = n.wait()
	if n.end(); n.err != nil {
		return t, fmt.Errorf("turns: %q: %w", line, n.err)
	}
	return t, nil
}

// turnReader reads the data of turns from files.
type turnReader struct {
	t     *Turns
	files [2]io.ReadSeekCloser
	buf   []byte
}

// maxPiece is the most data that a turn from a file comes with.
const maxPiece = 64 << 10

// pieces yields turn with its data, in pieces where it is large.
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
		turn.Wait = 0
		left -= n
	}
	return true
}

func (r *turnReader) read(side http1.Side, n int) ([]byte, error) {
	if r.files[side] == nil {
		f, err := r.t.data[side].Open()
		if err != nil {
			return nil, err
		}
		r.files[side] = f
	}
	if r.buf == nil {
		r.buf = make([]byte, maxPiece)
	}
	if _, err := io.ReadFull(r.files[side], r.buf[:n]); err != nil {
		return nil, r.t.data[side].file.errorf(0, "the file ends within a turn: %w", err)
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
