package replay

import (
	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// end plans what the server does with the connection.
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
		return p.silence() // the client was the one that had enough
	case m.End == cassettes.Incomplete, m.Framing == http1.Close, p.shortened(m):
		return p.mark(cassettes.EOF)
	}
	return nil
}

// shortened reports whether the client sees a body's end by the connection's.
func (p *planner) shortened(m *cassettes.Message) bool {
	return p.terms.oldClient && m.Framing == http1.Chunked
}

// silence plans nothing until the client leaves: nothing more was recorded.
func (p *planner) silence() error {
	p.step.after.Closed = true
	return p.mark(cassettes.EOF)
}

// closed plans the recorded closes after a response.
func (p *planner) closed(m *cassettes.Message) error {
	if p.shortened(m) {
		return p.mark(cassettes.EOF)
	}
	if !recorded.ClosesWithResponse(p.item) {
		return nil
	}
	for _, c := range m.Closed {
		follows, err := p.follows(m, c)
		if err != nil || follows {
			return err
		}
		if err := p.begin(c.Seq); err != nil {
			return err
		}
		if err := p.mark(c.Mark); err != nil {
			return err
		}
	}
	return nil
}

// follows reports whether a close after a whole response was only the answer
// to the client's own, which it gets anyway. To wait for it would keep a
// client waiting that leaves the close to the server.
func (p *planner) follows(m *cassettes.Message, c cassettes.Closed) (bool, error) {
	if m.End != cassettes.Complete || m.Framing == http1.Close || c.Mark == cassettes.Reset {
		return false, nil
	}
	at, err := p.client.Before(c.Seq)
	return at.Closed, err
}
