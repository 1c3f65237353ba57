package cassettes

import (
	"sync"
	"time"

	"github.com/wiretape/wiretape/cassettes/internal/columns"
	"github.com/wiretape/wiretape/wire"
)

// TurnSink collects a stream's turns and marks.
type TurnSink struct {
	w    *Writer
	id   int
	base int64
	max  int

	list  []Turn // all; with a file, the last one alone
	data  []byte // of all turns, in order, until it goes to files
	n     int
	bytes [2]*spill // data by side, once it is too much
	size  [2]int64
	file  *spill // turns, once they are too many
	turns Turns
	err   error
}

var turnSinks = sync.Pool{New: func() any { return new(TurnSink) }}

// NewTurns returns a sink for the turns of item id; data beyond max bytes and
// turns beyond MaxColumns go to files. base is the seq that the file's
// numbers count from: the item's first.
func (w *Writer) NewTurns(id int, base int64, max int) *TurnSink {
	s := turnSinks.Get().(*TurnSink)
	*s = TurnSink{w: w, id: id, base: base, max: min(max, MaxInline), list: s.list[:0], data: s.data[:0]}
	return s
}

// Data adds a turn; it does not keep p.
func (s *TurnSink) Data(side wire.Side, seq int64, wait time.Duration, p []byte) error {
	s.add(Turn{Side: side, Seq: seq, Wait: wait})
	return s.Extend(p)
}

// Extend adds p to the last turn, which is data.
func (s *TurnSink) Extend(p []byte) error {
	if s.err != nil {
		return s.err
	}
	last := &s.list[len(s.list)-1]
	if !s.spilled() && len(s.data)+len(p) > s.max {
		s.spillData()
	}
	if s.spilled() {
		s.write(last.Side, p)
	} else {
		s.data = append(s.data, p...)
	}
	last.Size += int64(len(p))
	s.size[last.Side] += int64(len(p))
	return s.err
}

// Mark adds a mark.
func (s *TurnSink) Mark(side wire.Side, m Mark, seq int64, wait time.Duration) error {
	s.add(Turn{Side: side, Mark: m, Seq: seq, Wait: wait})
	return s.err
}

func (s *TurnSink) add(t Turn) {
	if s.file != nil || len(s.list) == MaxColumns {
		s.flush()
	}
	s.list = append(s.list, t)
	s.n++
}

// spilled reports whether the data goes to files.
func (s *TurnSink) spilled() bool { return s.bytes != [2]*spill{} }

// spillData moves the data to the files of the two sides.
func (s *TurnSink) spillData() {
	data := s.data
	for side := range s.bytes {
		if s.err == nil {
			s.bytes[side], s.err = s.w.spill(s.id, wire.Side(side).String())
		}
	}
	for i := range s.list {
		n := s.list[i].Size
		s.write(s.list[i].Side, data[:n])
		data = data[n:]
	}
	s.data = s.data[:0]
}

func (s *TurnSink) write(side wire.Side, p []byte) {
	if s.err == nil {
		_, err := s.bytes[side].Write(p)
		s.err = s.w.fail(err)
	}
}

// flush writes the turns to their file and forgets them; their data goes to
// files, too.
func (s *TurnSink) flush() {
	if !s.spilled() {
		s.spillData()
	}
	if s.file == nil && s.err == nil {
		s.file, s.err = s.w.spill(s.id, "turns")
	}
	for i := range s.list {
		if s.err != nil {
			break
		}
		s.file.buf = columns.AppendTurn(s.file.buf, &s.list[i], s.base)
		s.err = s.w.fail(s.file.flushAt(spillBuffer))
	}
	s.list = s.list[:0]
}

// Finish returns the turns.
func (s *TurnSink) Finish() (*Turns, error) {
	t := &s.turns
	*t = Turns{Memory: s}
	if s.file != nil {
		s.flush()
		t.File = columns.NewTurnFile(s.file.ref, s.n, s.base)
		s.close(s.file)
	} else {
		t.List = s.list
	}
	if !s.spilled() {
		data := s.data
		for i := range t.List {
			if n := t.List[i].Size; t.List[i].Mark == "" {
				t.List[i].Data, data = data[:n:n], data[n:]
			}
		}
		return t, s.err
	}
	for side, f := range s.bytes {
		if f != nil {
			t.Data[side] = Body{File: columns.NewBodyFile(f.ref, s.size[side])}
			s.close(f)
		}
	}
	return t, s.err
}

func (s *TurnSink) close(f *spill) {
	if err := s.w.fail(f.Close()); s.err == nil {
		s.err = err
	}
}

// Release gives the sink's memory back; Interaction.Release calls it.
func (s *TurnSink) Release() {
	const keep = 256 << 10
	data := s.data[:0]
	if cap(data) > keep {
		data = nil
	}
	*s = TurnSink{list: s.list[:0], data: data}
	turnSinks.Put(s)
}
