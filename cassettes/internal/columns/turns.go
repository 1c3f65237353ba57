package columns

import (
	"bytes"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/wiretape/wiretape/internal/yamltext"
	"github.com/wiretape/wiretape/wire"
)

// TurnFile is a file of turns: it implements wire.TurnFile.
type TurnFile struct {
	File
	base int64
	n    int
}

// NewTurnFile returns the file f, which holds n turns and marks, and whose
// numbers count from the seq base.
func NewTurnFile(f File, n int, base int64) *TurnFile { return &TurnFile{f, base, n} }

// Len returns the number of turns and marks.
func (t *TurnFile) Len() int { return t.n }

// Base returns the seq that the file's numbers count from.
func (t *TurnFile) Base() int64 { return t.base }

// Turns reads the file. An error ends the sequence.
func (t *TurnFile) Turns() iter.Seq2[wire.Turn, error] {
	return func(yield func(wire.Turn, error) bool) {
		r, err := t.reader()
		if err != nil {
			yield(wire.Turn{}, err)
			return
		}
		defer r.close()
		for r.next() {
			turn, err := ParseTurn(r.text, t.base)
			if err != nil {
				r.err = t.errorf(r.line, "%w", err)
				break
			}
			if !yield(turn, nil) {
				return
			}
		}
		if r.err == nil && r.line != t.n {
			r.err = t.errorf(0, "want %d turns, found %d", t.n, r.line)
		}
		if r.err != nil {
			yield(wire.Turn{}, r.err)
		}
	}
}

// ParseTurn reads a line as AppendTurn writes it.
func ParseTurn(line []byte, base int64) (t wire.Turn, err error) {
	name, rest, _ := bytes.Cut(line, []byte{' '})
	side, mark, marked := strings.Cut(string(name), "-")
	if side == "server" {
		t.Side = wire.Server
	} else if side != "client" {
		return t, fmt.Errorf("turns: want client or server, not %q", name)
	}
	n := numbers{rest: rest}
	if t.Mark = wire.Mark(mark); !marked {
		t.Size = n.next()
	}
	t.Seq = n.next() + base
	t.Wait = n.wait()
	if n.end(); n.err != nil {
		return t, fmt.Errorf("turns: %q: %w", line, n.err)
	}
	return t, nil
}

// AppendTurn appends a turn as a line of a turns' file: side, or side and
// mark, size (of data), seq counted from base, and its wait where it has one.
func AppendTurn(dst []byte, t *wire.Turn, base int64) []byte {
	dst = append(dst, t.Side.String()...)
	if t.Mark != "" {
		dst = append(append(dst, '-'), t.Mark...)
	} else {
		dst = strconv.AppendInt(append(dst, ' '), t.Size, 10)
	}
	dst = strconv.AppendInt(append(dst, ' '), t.Seq-base, 10)
	if t.Wait != 0 {
		dst = yamltext.AppendDuration(append(dst, ' '), t.Wait)
	}
	return append(dst, '\n')
}
