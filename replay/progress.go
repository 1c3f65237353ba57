package replay

import (
	"iter"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// point is how far a client has come in an exchange.
type point struct {
	body   int64 // bytes of the request's body that have come
	whole  bool  // the request has ended
	turns  int64 // bytes of the stream that have come
	closed bool  // the client has closed or reset the connection
}

// reached reports whether a client that has come to p has done what one had
// done at want. A request that has ended is as good as the recorded one,
// however long its body, and a client that has closed will do no more.
func (p point) reached(want point) bool {
	if p.closed {
		return true
	}
	return !want.closed && p.turns >= want.turns &&
		(p.whole || !want.whole && p.body >= want.body)
}

// progress follows what a client did in a recorded interaction, in the order
// of reads, and says how far it had come before each read of the server's.
type progress struct {
	request *cassettes.Message // nil: none
	at      point
	segs    pulled[cassettes.Segment]
	turns   pulled[cassettes.Turn]
}

// newProgress returns the progress of it. Stop it when it is done with.
func newProgress(it *cassettes.Interaction) *progress {
	p := &progress{request: it.Request}
	if it.Request != nil {
		p.segs.pull(it.Request.Segments())
	}
	if it.Turns != nil {
		p.turns.pull(it.Turns.All())
	}
	return p
}

func (p *progress) stop() {
	p.segs.stop()
	p.turns.stop()
}

// before returns how far the client had come before the read seq. Calls come
// in order of seq.
func (p *progress) before(seq int64) (point, error) {
	if err := p.requestBefore(seq); err != nil {
		return p.at, err
	}
	for {
		t, ok, err := p.turns.peek()
		if err != nil || !ok || t.Side == http1.Server || t.Seq >= seq {
			return p.at, err
		}
		p.passTurn(t)
	}
}

func (p *progress) requestBefore(seq int64) error {
	if p.request == nil {
		return nil
	}
	for !p.at.whole {
		s, ok, err := p.segs.peek()
		if err != nil {
			return err
		}
		if !ok {
			p.at.whole = p.request.End == cassettes.Complete
			break
		}
		if s.Seq >= seq {
			break
		}
		if s.Frame >= 0 {
			p.at.body += s.Len
		}
		p.segs.drop()
	}
	for _, c := range p.request.Closed {
		p.at.closed = p.at.closed || c.Seq < seq
	}
	return nil
}

// serverTurn returns the server's next turn, valid until the next call of any
// method, and takes it, with how far the client had come before it. It is
// false when there are no more.
func (p *progress) serverTurn() (t cassettes.Turn, before point, ok bool, err error) {
	for {
		t, ok, err := p.turns.peek()
		if err != nil || !ok {
			return t, p.at, false, err
		}
		if t.Side == http1.Server {
			p.turns.drop()
			err := p.requestBefore(t.Seq)
			return t, p.at, true, err
		}
		p.passTurn(t)
	}
}

// passTurn passes a turn of the client's.
func (p *progress) passTurn(t cassettes.Turn) {
	p.at.turns += int64(len(t.Data))
	p.at.closed = p.at.closed || t.Mark != ""
	p.turns.drop()
}

// pulled is a sequence that is looked at before it is taken from. The zero
// value is empty.
type pulled[T any] struct {
	next func() (T, error, bool)
	end  func()
	head T
	have bool // head is the next one
}

func (p *pulled[T]) pull(seq iter.Seq2[T, error]) { p.next, p.end = iter.Pull2(seq) }

// peek returns the next element, valid until the next call after drop.
func (p *pulled[T]) peek() (v T, ok bool, err error) {
	if p.next == nil {
		return v, false, nil
	}
	if !p.have {
		p.head, err, p.have = p.next()
	}
	return p.head, p.have, err
}

// drop passes the next element.
func (p *pulled[T]) drop() { p.have = false }

func (p *pulled[T]) stop() {
	if p.end != nil {
		p.end()
	}
}
