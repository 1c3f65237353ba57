package plan

import (
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// pace follows when the server's bytes of an interaction came, and tells which of
// them its client could read apart from those before.
type pace struct {
	timed    bool
	streamed bool          // the response's frames have boundaries in time
	at       time.Duration // of the last bytes, since the recording began
	head     time.Duration // of the last head: turns count from there
	before   cassettes.Segment
	lastTurn int64 // read of the server's turn before; 0: there was none
}

// newPace returns the pace of it, at its beginning.
func newPace(it *cassettes.Interaction) pace {
	p := pace{timed: it.Timed, before: cassettes.Segment{Frame: -1}}
	if !it.Timed {
		return p.of(it.Response)
	}
	switch {
	case it.Request != nil && it.Response != nil:
		p.head = it.Request.Start + it.Response.Start
	case it.Turns != nil && it.Request == nil:
		p.head = it.Turns.Start
	}
	p.at = p.head
	return p.of(it.Response)
}

// of says whether the frames of m may be streamed. A body of a known length, which
// takes several reads when it is long, never is.
func (p pace) of(m *cassettes.Message) pace {
	p.streamed = m != nil && (m.Framing == http1.Chunked || m.Framing == http1.Close)
	return p
}

// segment passes a piece of the response, and reports whether its client could
// read it apart.
func (p *pace) segment(s *cassettes.Segment) (apart bool) {
	apart = p.streamed && recorded.CameApart(&p.before, s, p.timed)
	p.at += s.Wait
	p.before = *s
	return apart
}

// turn passes a turn of the server's, which came so long after the head, and
// reports whether its client could read it apart. Where no times are known it is:
// turns that came together are one.
func (p *pace) turn(t *cassettes.Turn, elapsed time.Duration) (apart bool) {
	at := p.at
	if p.timed {
		at = p.head + elapsed
	}
	apart = p.lastTurn == 0 || t.Seq != p.lastTurn && (!p.timed || at-p.at > recorded.JoinWait)
	p.lastTurn, p.at = t.Seq, at
	return apart
}
