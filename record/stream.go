package record

import (
	"sync"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/redact"
)

// scratch holds buffers in which bytes are masked.
var scratch = sync.Pool{New: func() any { return new([]byte) }}

// stream collects turns: the bytes of both directions of a connection that is not
// HTTP, or has left it.
type stream struct {
	sink  *cassettes.TurnSink
	timed bool
	at    time.Duration // of the last turn
	start time.Duration // of the first

	turns int  // so far, marks included
	data  bool // the last is data
	side  http1.Side
	seq   int64 // of the read that brought its last byte

	masks    [2]*redact.Lines
	size     [2]int64 // bytes of each side so far
	begin    [2]int64 // of them before the side's last turn
	redacted []cassettes.Redaction
	masked   [2]int64 // where each side's last span ended
	tally    *tally
	id       int // of the interaction
}

// newStream returns the stream of x. Seqs in its file count from base, and the wait
// of its first turn from since.
func (x *exchange) newStream(base int64, since time.Duration) *stream {
	r := x.c.r
	s := &stream{
		sink:  r.Cassette.NewTurns(x.item.ID, base, r.InlineMax),
		timed: x.item.Timed,
		at:    since,
		tally: &r.masked,
		id:    x.item.ID,
	}
	for side := range s.masks {
		s.masks[side] = r.rules.Lines()
	}
	return s
}

// wait returns the time from the last turn to the next one, at at.
func (s *stream) wait(at time.Duration) time.Duration {
	d := at - s.at
	s.at = at
	if s.turns == 0 {
		s.start = at
	}
	if !s.timed {
		return 0
	}
	return max(d, 0)
}

// add adds bytes that side sent.
func (s *stream) add(side http1.Side, rd read, p []byte) error {
	if len(p) == 0 {
		return nil
	}
	going := s.data && s.side == side && (rd.seq == s.seq || rd.joined && rd.seq == s.seq+1)
	if !going {
		s.begin[side] = s.size[side]
	}
	s.size[side] += int64(len(p))
	wait := time.Duration(0)
	if !going {
		wait = s.wait(rd.at)
		s.turns++
	}
	s.data, s.side, s.seq = true, side, rd.seq
	if m := s.masks[side]; m != nil {
		buf := scratch.Get().(*[]byte)
		defer scratch.Put(buf)
		*buf = append((*buf)[:0], p...)
		p = *buf
		m.Mask(p)
		s.note(side, m.Take())
	}
	if going {
		return s.sink.Extend(p)
	}
	return s.sink.Data(side, rd.seq, wait, p)
}

// note lists masked spans of the last turn.
func (s *stream) note(side http1.Side, spans []redact.Span) {
	for _, sp := range spans {
		if sp.Off != s.masked[side] || sp.Off == 0 { // else a secret goes on
			s.tally.add(sp.Rule, s.id)
		}
		s.masked[side] = sp.Off + sp.Len
		if len(s.redacted) < maxRedactions {
			s.redacted = append(s.redacted, cassettes.Redaction{
				Where: "turn", Index: s.turns - 1, Off: sp.Off - s.begin[side], Len: sp.Len,
			})
		}
	}
}

// mark adds a close.
func (s *stream) mark(side http1.Side, m cassettes.Mark, rd read) error {
	wait := s.wait(rd.at)
	s.data = false
	s.turns++
	return s.sink.Mark(side, m, rd.seq, wait)
}

// finish returns the turns.
func (s *stream) finish() (*cassettes.Turns, error) {
	turns, err := s.sink.Finish()
	if err != nil {
		return nil, err
	}
	if s.timed {
		turns.Start = s.start
	}
	turns.Redacted = s.redacted
	return turns, nil
}
