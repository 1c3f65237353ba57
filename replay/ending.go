package replay

import (
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// closeSoon is the time after a message within which a recorded close comes
// with it. A later one was a server's that was tired of an idle connection.
const closeSoon = 100 * time.Millisecond

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
	p.step.after.closed = true
	return p.mark(cassettes.EOF)
}

// closed plans the recorded closes after a response.
func (p *planner) closed(m *cassettes.Message) error {
	if p.shortened(m) {
		return p.mark(cassettes.EOF)
	}
	if !closesWith(p.item) {
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
	at, err := p.client.before(c.Seq)
	return at.closed, err
}

// closesWith reports whether the first recorded close belongs to the response:
// it is its end, it was announced, or it came at once. Any other waits for the
// client to close, or to ask again.
func closesWith(it *cassettes.Interaction) bool {
	m := it.Response
	if m.End != cassettes.Complete || m.Framing == http1.Close {
		return true
	}
	if it.Timed && m.Closed[0].Wait <= closeSoon {
		return true
	}
	if len(m.Head) == 0 {
		return false
	}
	parser := http1.Parser{Side: http1.Server}
	parser.Expect([]byte("HEAD"), false)
	ev, _ := parser.Next(m.Head)
	return ev.Kind == http1.Head && ev.Head.Close
}
