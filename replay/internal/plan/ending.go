package plan

import (
	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// end plans how the server leaves the connection: open, closed or reset.
func (p *planner) end() error {
	m := p.item.Response
	switch {
	case p.item.Request == nil && !p.acted:
		return p.silence()
	case m == nil, p.item.Turns != nil: // turns have marks of their own
		return nil
	case len(m.Closed) > 0:
		return p.closed(m)
	case len(m.Head) == 0:
		return nil
	case m.End == cassettes.NoEnd, m.End == cassettes.Incomplete && len(p.item.Request.Closed) > 0:
		return p.silence() // the recorded client left before the end of the response
	case m.End == cassettes.Incomplete, m.Framing == http1.Close, p.delimits(m):
		return p.mark(cassettes.EOF)
	}
	return nil
}

// delimits reports whether the end of the connection is the end of a body that
// was chunked when recorded.
func (p *planner) delimits(m *cassettes.Message) bool {
	return p.options.OldClient && m.Framing == http1.Chunked
}

// silence plans nothing until the client leaves: nothing more was recorded.
func (p *planner) silence() error {
	p.step.After.Closed = true
	return p.mark(cassettes.EOF)
}

// closed plans the recorded closes after a response.
func (p *planner) closed(m *cassettes.Message) error {
	if p.delimits(m) {
		return p.mark(cassettes.EOF)
	}
	idle := Idle(0)
	switch {
	case recorded.ClosesWithResponse(p.item):
	case recorded.OffersReuse(p.item):
		idle = Kept
	default:
		idle = Silent
	}
	for _, c := range m.Closed {
		follows, err := p.follows(m, c)
		if err != nil || follows {
			return err
		}
		p.pace.at += c.Wait
		if err := p.begin(c.Seq, false); err != nil {
			return err
		}
		p.step.Idle = idle
		if err := p.mark(c.Mark); err != nil {
			return err
		}
	}
	return nil
}

// follows reports whether a close after a whole response only answered the
// client's own close. The live client gets such a close anyway; a plan that
// waited for the client's would hang with one that leaves closing to the server.
func (p *planner) follows(m *cassettes.Message, c cassettes.Closed) (bool, error) {
	if m.End != cassettes.Complete || m.Framing == http1.Close || c.Mark == cassettes.Reset {
		return false, nil
	}
	at, err := p.client.Before(c.Seq)
	return at.Closed, err
}
