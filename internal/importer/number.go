package importer

import (
	"cmp"
	"slices"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// begin is the time at which a message began.
type begin struct {
	at   time.Duration
	id   int
	side http1.Side
}

// number numbers the reads: in order of time where that is known, else one
// exchange after the other.
func (d *drafts) number() {
	seq := int64(1)
	for _, b := range d.begins() {
		f := &d.list[b.id]
		f.seqs[b.side] = seq
		seq++
		if b.side == http1.Server {
			seq += f.response.reads()
		}
	}
}

// begins returns the beginnings of all messages, in order.
func (d *drafts) begins() (all []begin) {
	for i := range d.list {
		f := &d.list[i]
		var asked, answered time.Duration
		if d.timed {
			asked = f.at.Sub(d.r.Header.Recorded)
			answered = asked + f.firstByte
		}
		all = append(all, begin{asked, i, http1.Client})
		if f.response != nil {
			all = append(all, begin{answered, i, http1.Server})
		}
	}
	slices.SortStableFunc(all, func(a, b begin) int { return cmp.Compare(a.at, b.at) })
	return all
}

// reads returns the number of reads after a response's first: one for each
// further chunk, one for each turn of a stream, and one for the close of a stream
// or connection.
func (m *message) reads() int64 {
	n := int64(max(len(m.chunks)-1, 0))
	switch {
	case m.framing == http1.Stream:
		n += int64(max(len(m.turns), 1)) + 1
	case m.closes:
		n++
	}
	return n
}

// frames returns the frames of a body whose first read is seq. The last chunk
// came in the same read as the chunk before it.
func (m *message) frames(seq int64) []cassettes.FrameDetail {
	frames := []cassettes.FrameDetail{{}} // the head's
	add := func(size int64) {
		frames = append(frames, cassettes.FrameDetail{Frame: cassettes.Frame{Size: size, Seq: seq}})
	}
	if m.framing != http1.Chunked {
		if len(m.body) > 0 {
			add(int64(len(m.body)))
		}
		return frames
	}
	for i, size := range m.chunks {
		if i > 0 {
			seq++
		}
		add(size)
	}
	add(0)
	return frames
}
