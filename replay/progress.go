package replay

import (
	"iter"

	"github.com/wiretape/wiretape/cassettes"
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

// progress follows a recorded request in the order of reads, and says how far
// the client had come before each read of the server's.
type progress struct {
	request *cassettes.Message // nil: none
	at      point
	seg     cassettes.Segment
	ok      bool // seg has not been passed
	next    func() (cassettes.Segment, error, bool)
	stop    func()
}

// newProgress returns the progress of m, which may be nil. Stop it when it is
// done with.
func newProgress(m *cassettes.Message) *progress {
	p := &progress{request: m, stop: func() {}}
	if m != nil {
		p.next, p.stop = iter.Pull2(m.Segments())
	}
	return p
}

// before returns how far the client had come before the read seq. Calls come
// in order of seq.
func (p *progress) before(seq int64) (point, error) {
	if p.request == nil {
		return p.at, nil
	}
	for !p.at.whole {
		if !p.ok {
			var err error
			if p.seg, err, p.ok = p.next(); err != nil {
				return p.at, err
			}
			if !p.ok {
				p.end()
				break
			}
		}
		if p.seg.Seq >= seq {
			break
		}
		if p.seg.Frame >= 0 {
			p.at.body += p.seg.Len
		}
		p.ok = false
	}
	for _, c := range p.request.Closed {
		if c.Seq < seq {
			p.at.closed = true
		}
	}
	return p.at, nil
}

// end is called when all of the request has been passed.
func (p *progress) end() {
	p.at.whole = p.request.End == cassettes.Complete
	p.next = func() (s cassettes.Segment, err error, ok bool) { return s, nil, false }
}
