package record

import (
	"bytes"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// turn is bytes or a mark of one side that are not HTTP, or may not be.
type turn struct {
	side http1.Side
	read
	data []byte
	mark cassettes.Mark
}

// appendTurns appends data, which came in ps, as a turn for each piece.
func appendTurns(ts []turn, side http1.Side, data []byte, ps []piece) []turn {
	for _, p := range ps {
		n := min(p.n, len(data))
		if n > 0 {
			ts = append(ts, turn{side, p.read, data[:n], ""})
		}
		data = data[n:]
	}
	return ts
}

// maxPending is the number of a client's bytes that wait for an answer to tell
// whether they are HTTP.
const maxPending = 256 << 10

// pendingUpgrade keeps the bytes that a client sent before an answer told whether
// they are HTTP or the beginning of a stream.
type pendingUpgrade struct {
	upgrade *exchange // asks to leave HTTP, and is not answered
	notHTTP bool      // the bytes are not HTTP, but answers are outstanding
	kept    []turn
	size    int // of kept, in bytes
}

// take returns the kept bytes in order, and forgets everything.
func (p *pendingUpgrade) take() []turn {
	kept := p.kept
	*p = pendingUpgrade{}
	return kept
}

// isPending reports whether the client's next bytes are kept until an answer
// comes. Those of the upgrade request itself are not.
func (c *conn) isPending() bool {
	p := &c.pending
	return p.notHTTP || p.upgrade != nil && p.upgrade.req.done && !c.pendingFull
}

// hold keeps ts until an answer comes. When there are too many bytes it gives up
// and decides for all of them: part of them cannot be HTTP and the rest not.
func (c *conn) hold(ts ...turn) error {
	for _, t := range ts {
		t.data = bytes.Clone(t.data) // the caller's buffer is used again
		c.pending.kept = append(c.pending.kept, t)
		c.pending.size += len(t.data)
	}
	if c.pending.size <= maxPending || c.closing {
		return nil
	}
	c.pendingFull = true
	if c.pending.notHTTP {
		return c.goRaw(false, nil)
	}
	return c.stayHTTP()
}

// stayHTTP parses the kept bytes as HTTP: the server refused the upgrade, or its
// answer is not waited for.
func (c *conn) stayHTTP() error {
	for _, t := range c.pending.take() {
		var err error
		if t.mark != "" {
			err = c.handleMark(t.side, t.mark, t.read)
		} else {
			err = c.feed(t.side, t.data, t.read)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leaveHTTP makes turns of the kept bytes and of all that follow: x has become a
// stream.
func (c *conn) leaveHTTP(x *exchange) error {
	c.sides[http1.Server].open = nil
	if c.turns == nil {
		c.turns = x
	}
	return c.goRaw(true, nil)
}
