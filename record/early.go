package record

import (
	"bytes"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// turn is bytes of one side, or a mark, that are no HTTP, or may be none.
type turn struct {
	side http1.Side
	read
	data []byte
	mark cassettes.Mark
}

// appendTurns appends data, which came in ps.
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

// maxEarly is the number of bytes of a client that wait for an answer to say
// what they are.
const maxEarly = 256 << 10

// early keeps what a client sent before it was known whether it is HTTP or
// the beginning of a stream.
type early struct {
	upgrade *exchange // asks to leave HTTP, and is not answered
	lost    bool      // what came is no HTTP, but answers are outstanding
	kept    []turn
	size    int
}

// take returns what was kept, in order, and forgets what it waits for.
func (e *early) take() []turn {
	kept := e.kept
	*e = early{}
	return kept
}

// holds reports whether what the client sends now is kept for later.
func (c *conn) holds() bool {
	return c.lost || c.upgrade != nil && c.upgrade.req.done && !c.overflow
}

// hold keeps ts until it is known what they are. They go together: if they are
// too much, none may stay behind.
func (c *conn) hold(ts ...turn) error {
	for _, t := range ts {
		t.data = bytes.Clone(t.data)
		c.kept = append(c.kept, t)
		c.size += len(t.data)
	}
	if c.size <= maxEarly || c.closing {
		return nil
	}
	c.overflow = true
	if c.lost {
		return c.goRaw(false, nil)
	}
	return c.stay()
}

// stay goes on with HTTP: an upgrade was refused, or is not waited for.
func (c *conn) stay() error {
	for _, t := range c.early.take() {
		var err error
		if t.mark != "" {
			err = c.takeMark(t.side, t.mark, t.read)
		} else {
			err = c.feed(t.side, t.data, t.read)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leave goes on with turns: x has become a stream.
func (c *conn) leave(x *exchange) error {
	c.sides[http1.Server].open = nil
	if c.turns == nil {
		c.turns = x
	}
	return c.goRaw(true, nil)
}
