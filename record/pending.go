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

	full    bool // there were too many bytes: no answer is waited for any more
	closing bool // no answer will come
}

// waits reports whether the client's next bytes are kept until an answer
// comes. Those of the upgrade request itself are not.
func (p *pendingUpgrade) waits() bool {
	return p.notHTTP || p.upgrade != nil && p.upgrade.req.done && !p.full
}

// keep keeps ts, and reports whether there are too many bytes now to wait for an
// answer.
func (p *pendingUpgrade) keep(ts []turn) (full bool) {
	for _, t := range ts {
		t.data = bytes.Clone(t.data) // the caller's buffer is used again
		p.kept = append(p.kept, t)
		p.size += len(t.data)
	}
	if p.size <= maxPending || p.closing {
		return false
	}
	p.full = true
	return true
}

// take returns the kept bytes in order, and waits for no answer any more.
func (p *pendingUpgrade) take() []turn {
	kept := p.kept
	*p = pendingUpgrade{full: p.full, closing: p.closing}
	return kept
}

// hold keeps ts until an answer comes. When there are too many bytes it gives up
// and decides for all of them: part of them cannot be HTTP and the rest not.
func (c *conn) hold(ts ...turn) error {
	switch {
	case !c.pending.keep(ts):
		return nil
	case c.pending.notHTTP:
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
