package recorded

import (
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/peek"
)

// Point is how far a client has come in an exchange.
type Point struct {
	Body   int64 // bytes of the request's body that it has sent
	Whole  bool  // its request has ended
	Turns  int64 // bytes that it has sent in the stream
	Closed bool  // it has closed or reset the connection
}

// Reached reports whether a client at p has done all that a recorded client had
// done at want. A live request that has ended counts as the recorded one
// whatever the length of its body, and a client that has closed will do no more.
func (p Point) Reached(want Point) bool {
	if p.Closed {
		return true
	}
	return !want.Closed && p.Turns >= want.Turns &&
		(p.Whole || !want.Whole && p.Body >= want.Body)
}

// Progress follows the client of a recorded interaction read by read, and says
// how far it had come before each read of the server's.
type Progress struct {
	request *cassettes.Message // nil: none
	at      Point
	segs    peek.Sequence[cassettes.Segment]
	turns   peek.Sequence[cassettes.Turn]
	elapsed time.Duration
}

// NewProgress returns the progress of it, at its beginning. Stop it after use.
func NewProgress(it *cassettes.Interaction) *Progress {
	p := &Progress{request: it.Request}
	if it.Request != nil {
		p.segs = peek.New(it.Request.Segments())
	}
	if it.Turns != nil {
		p.turns = peek.New(it.Turns.All())
	}
	return p
}

// Stop closes the files of the progress.
func (p *Progress) Stop() {
	p.segs.Stop()
	p.turns.Stop()
}

// Before returns how far the client had come before the read seq. Calls come
// in order of seq.
func (p *Progress) Before(seq int64) (Point, error) {
	if err := p.requestBefore(seq); err != nil {
		return p.at, err
	}
	for {
		t, ok, err := p.turns.Peek()
		if err != nil || !ok || t.Side == http1.Server || t.Seq >= seq {
			return p.at, err
		}
		p.passTurn(t)
	}
}

func (p *Progress) requestBefore(seq int64) error {
	if p.request == nil {
		return nil
	}
	for !p.at.Whole {
		s, ok, err := p.segs.Peek()
		if err != nil {
			return err
		}
		if !ok {
			p.at.Whole = p.request.End == cassettes.Complete
			break
		}
		if s.Seq >= seq {
			break
		}
		if s.Frame >= 0 {
			p.at.Body += s.Len
		}
		p.segs.Drop()
	}
	for _, c := range p.request.Closed {
		p.at.Closed = p.at.Closed || c.Seq < seq
	}
	return nil
}

// ServerTurn takes the server's next turn, which is valid until the next call of
// any method, and returns it with how far the client had come before it. Ok is
// false when there are no more.
func (p *Progress) ServerTurn() (t cassettes.Turn, before Point, ok bool, err error) {
	for {
		t, ok, err := p.turns.Peek()
		if err != nil || !ok {
			return t, p.at, false, err
		}
		if t.Side == http1.Server {
			p.turns.Drop()
			p.elapsed += t.Wait
			err := p.requestBefore(t.Seq)
			return t, p.at, true, err
		}
		p.passTurn(t)
	}
}

// passTurn passes a turn of the client's.
func (p *Progress) passTurn(t cassettes.Turn) {
	p.at.Turns += int64(len(t.Data))
	p.at.Closed = p.at.Closed || t.Mark != ""
	p.elapsed += t.Wait
	p.turns.Drop()
}

// Elapsed returns the time from the beginning of the stream to the last turn that
// was passed, 0 where no times are known.
func (p *Progress) Elapsed() time.Duration { return p.elapsed }

// AnswersEarly reports whether the final response began before its request had
// ended. A request that cannot be read does not count.
func AnswersEarly(it *cassettes.Interaction) bool {
	if it.Response == nil || len(it.Response.Head) == 0 || !IsOrdered(it) {
		return false
	}
	p := NewProgress(it)
	defer p.Stop()
	at, err := p.Before(it.Response.Seq)
	return err == nil && !at.Whole && !at.Closed
}

// Interims returns the heads of the interim responses that came before the
// request's body, joined, and their number.
func Interims(it *cassettes.Interaction) (heads []byte, n int) {
	if it.Response == nil {
		return nil, 0
	}
	p := NewProgress(it)
	defer p.Stop()
	for _, i := range it.Response.Interim {
		if at, err := p.Before(i.Seq); err != nil || at.Body > 0 || at.Whole {
			break
		}
		heads = append(heads, i.Head...)
		n++
	}
	return heads, n
}
