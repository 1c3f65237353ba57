package record

import (
	"sync"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// exchange is a request with its response, or the turns of a connection outside any
// exchange, while they are recorded.
type exchange struct {
	c    *conn
	next *exchange // the one whose answer comes after this one's
	keep bool      // it is to be stored

	target []byte
	req    message
	res    message
	stream *stream // its turns

	dirty   bool // something of it is not stored yet
	item    cassettes.Interaction
	sealed  bool
	counted bool
}

// queue is exchanges in the order of their answers.
type queue struct{ first, last *exchange }

// push adds the exchange that is answered last.
func (q *queue) push(x *exchange) {
	if q.first == nil {
		q.first = x
	} else {
		q.last.next = x
	}
	q.last = x
}

// pop removes the first exchange.
func (q *queue) pop() {
	x := q.first
	q.first, x.next = x.next, nil
}

// itemID is the id of the item that a connection begins next.
type itemID struct {
	id       int
	reserved bool
}

// reserve takes the id from w, unless that has been done.
func (i *itemID) reserve(w *cassettes.Writer) {
	if !i.reserved {
		i.id, i.reserved = w.NextID(), true
	}
}

// take returns the id, for the item that begins.
func (i *itemID) take(w *cassettes.Writer) int {
	i.reserve(w)
	i.reserved = false
	return i.id
}

var exchanges = sync.Pool{New: func() any { return new(exchange) }}

// newExchange returns an exchange of c, without an id.
func (c *conn) newExchange() *exchange {
	x := exchanges.Get().(*exchange)
	x.c, x.keep = c, true
	x.item.Conn, x.item.Peer = c.n, c.peer
	x.item.Session = c.r.Cassette.Session()
	x.item.Timed = !c.r.NoTimes
	x.req.x, x.req.side = x, http1.Client
	x.res.x, x.res.side = x, http1.Server
	return x
}

// free gives x back for another exchange. Its buffers are kept.
func (x *exchange) free() {
	target, req, res := x.target[:0], x.req.buffers(), x.res.buffers()
	*x = exchange{target: target, req: req, res: res}
	exchanges.Put(x)
}

// maxKept is the size up to which a head's buffer is kept for the next one.
const maxKept = 8 << 10

// buffers returns an empty message with m's buffers.
func (m *message) buffers() message {
	var n message
	if cap(m.Head) <= maxKept {
		n.Head = m.Head[:0]
	}
	n.Redacted, n.Closed = m.Redacted[:0], m.Closed[:0]
	return n
}

// began returns the time from which a side's Start counts.
func (x *exchange) began(side http1.Side) time.Duration {
	if side == http1.Server {
		return x.req.Start
	}
	return 0
}

// complete reports whether nothing more will come of x but a close.
func (x *exchange) complete() bool { return x.req.done && x.res.done }

// turn adds a turn to the exchange's.
func (x *exchange) turn(t turn) error {
	if !x.keep {
		return nil
	}
	if t.mark != "" {
		return x.turns(t.read).mark(t.side, t.mark, t.read)
	}
	return x.turns(t.read).add(t.side, t.read, t.data)
}

// turns returns where the exchange's turns go, rd being the first one's read
// where there are none yet. Waits count from its last head, or where it has
// none, from the first turn.
func (x *exchange) turns(rd read) *stream {
	if x.stream != nil {
		return x.stream
	}
	switch {
	case x.res.begun:
		x.stream = x.newStream(x.req.Seq, x.res.at)
	case x.req.begun:
		x.stream = x.newStream(x.req.Seq, x.req.at)
	default:
		x.stream = x.newStream(rd.seq, rd.at)
	}
	return x.stream
}

// seal makes the item ready to be stored.
func (x *exchange) seal() (err error) {
	if x.sealed {
		return nil
	}
	x.sealed = true
	keep := func(e error) {
		if err == nil {
			err = e
		}
	}
	keep(x.req.seal())
	keep(x.res.seal())
	if x.req.begun {
		x.item.Request = &x.req.Message
	}
	if x.res.begun || len(x.res.Interim) > 0 {
		x.item.Response = &x.res.Message
	}
	if x.stream != nil {
		var e error
		x.item.Turns, e = x.stream.finish()
		keep(e)
	}
	return err
}
