package replay

import (
	"log/slog"

	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/recorded"
	"github.com/wiretape/wiretape/replay/internal/relay"
	"github.com/wiretape/wiretape/replay/internal/socket"
)

// reader reads a connection to its end. It hands the heads and bodies of requests
// to the matcher, and tells the queue how far the client has come. All of it
// belongs to one goroutine.
type reader struct {
	srv   *Server
	log   *slog.Logger
	sock  *socket.Socket
	match *matcher
	out   *queue

	parser http1.Parser
	cur    *exchange    // whose request or stream is arriving
	spare  *exchange    // to be used again
	relay  *relay.Relay // the last one; nil: there was none
	asked  bool         // a request has come
	deaf   bool         // bytes that are no HTTP are dropped
	opener opener       // the first bytes that are not HTTP
}

// Sizes of the buffer that a connection is read into. The small one is as large
// as servers commonly read at once, so that a client's unread input stays
// unread; bodies make it grow.
const (
	smallBuffer = 4 << 10
	largeBuffer = 64 << 10
)

// run reads the connection to its end, and returns when all is answered.
func (r *reader) run() {
	defer r.sock.Conn.Close()
	r.greet()
	buf := make([]byte, smallBuffer)
	for {
		n, err := r.sock.Read(buf)
		if n > 0 {
			r.out.reads.Add(1)
			r.out.client.reads.Add(1)
			r.feed(buf[:n])
		}
		if err != nil {
			r.finish(err)
			return
		}
		if n == len(buf) && n < largeBuffer && r.cur != nil {
			buf = make([]byte, 4*n)
		}
	}
}

// feed parses bytes of the client's.
func (r *reader) feed(b []byte) {
	for len(b) > 0 && !r.out.ended.Load() && !r.relay.Takes(b) {
		ev, n := r.parser.Next(b)
		end := ev.End
		switch ev.Kind {
		case http1.Partial:
			r.partial(b[:n])
		case http1.Head:
			r.head(ev.Head)
		case http1.Body:
			r.body(ev.Data)
		case http1.Raw:
			r.raw(ev.Data)
		}
		r.passOn(ev, b[:n])
		if end {
			r.endRequest()
		}
		b = b[n:]
	}
}

// head begins the exchange of a request.
func (r *reader) head(h *http1.MessageHead) {
	x := r.spare
	if x == nil {
		x = new(exchange)
	}
	r.spare = nil
	x.requestInfo = readRequestInfo(h)
	x.live.Whole = h.Framing == http1.None || h.Framing == http1.Length && h.Length == 0
	r.cur, r.asked, r.deaf, r.opener.head = x, true, false, r.opener.head[:0]
	r.out.active.Add(1)
	r.match.head(x, h)
	r.apply(x)
}

// apply does to the connection as x asks, once its answer is known.
func (r *reader) apply(x *exchange) {
	r.deaf = r.deaf || x.deaf
	if x.relay != nil {
		r.relay = x.relay
	}
	if left, ok := x.untilTurns(); ok && left <= 0 {
		r.parser.Switch()
	}
}

// choose has the matcher choose an answer by as much of the body as has come.
func (r *reader) choose(x *exchange, cut bool) {
	r.match.choose(x, cut)
	r.apply(x)
}

// body takes a piece of a request's body.
func (r *reader) body(b []byte) {
	x := r.cur
	if x == nil {
		return
	}
	if x.digest != nil {
		_, _ = x.digest.Write(b) // never fails
	}
	if x.late != nil {
		_, _ = x.late.Write(b) // never fails
	}
	n := int64(len(b))
	if left, ok := x.untilTurns(); ok && n >= left {
		n = left
		r.parser.Switch()
	}
	r.out.advance(x, func(p *recorded.Point) { p.Body += n })
	if rest := b[n:]; len(rest) > 0 {
		r.compare(x, rest, false)
	}
	if x.missed && !x.queued && x.live.Body > drainMax {
		r.match.refuse(x)
	}
}

// endRequest is called at the end of a request.
func (r *reader) endRequest() {
	x := r.cur
	if x == nil {
		return
	}
	r.out.advance(x, func(p *recorded.Point) { p.Whole = true })
	if x.digest != nil {
		r.choose(x, false)
	}
	if x.late != nil {
		r.match.verify(x)
	}
	r.sock.KeepUnread(x.item, !x.stream)
	if x.stream {
		r.parser.Switch()
		return
	}
	r.cur = nil
	r.reply(x)
}

// reply has x's prepared answer written, unless the queue has x.
func (r *reader) reply(x *exchange) {
	if x.answer == nil || x.queued || !r.out.reply(x) {
		return
	}
	if r.spare == nil {
		*x = exchange{}
		r.spare = x
	}
}

// finish ends the connection after the client has closed it, or it failed with
// err.
func (r *reader) finish(err error) {
	begun := r.parser.Switch()
	if x := r.cur; x != nil {
		r.cutShort(x)
		defer x.match.Stop()
	} else {
		r.unheard(begun)
	}
	r.out.clientLeft()
	if endpoint.IsReset(err) || endpoint.HungUp(r.sock.Conn) {
		r.out.abort()
	}
	r.out.awaitEmpty()
	r.out.abort()
}

// cutShort ends a request or stream whose client has left.
func (r *reader) cutShort(x *exchange) {
	if x.late != nil {
		x.late.Close() // nobody knows what was to come
	}
	switch {
	case x.digest == nil:
	case r.out.ended.Load():
		x.digest.Close()
		x.wire.Close()
	default:
		r.choose(x, true)
	}
	if x.lacksRequest() {
		r.srv.unclaim(x)
		r.out.giveUp(x)
	}
	r.out.advance(x, func(p *recorded.Point) { p.Closed = true })
	r.reply(x)
}
