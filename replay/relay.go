package replay

import (
	"io"
	"net"
	"strings"
	"sync/atomic"

	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/socket"
	"github.com/wiretape/wiretape/replay/internal/spool"
)

// relay passes bytes between a client and a live server: a request that no
// recording answers with its response, or a connection that left HTTP. It has a
// connection of its own to the server, so that an answer which never comes holds
// up only its own request.
type relay struct {
	nc     net.Conn     // to the live server
	parser http1.Parser // of the server's bytes
	way    atomic.Int32
	// The reading goroutine alone uses the fields below.
	leaves bool // the answer may make a stream of the connection
	ended  bool // the request has been passed on
	deaf   bool // the server takes no more
}

// Ways of a relay.
const (
	unknownWay int32 = iota
	onHTTP           // the client's next bytes are another request
	offHTTP          // all that either side says is passed on as it is
)

// ask puts x to the live server, and reports why it could not.
func (m *matcher) ask(x *exchange) error {
	nc, err := m.srv.OnMiss(m.srv.asking, m.sock.Conn)
	if err != nil {
		return err
	}
	method, _, _ := strings.Cut(x.request, " ")
	r := &relay{nc: nc, leaves: x.upgrade || method == "POST", ended: x.live.Whole, parser: http1.Parser{Side: http1.Server}}
	r.parser.Expect([]byte(method), x.upgrade)
	m.out.relay(x, r)
	if x.wire != nil {
		r.sendAll(x.wire)
	}
	return nil
}

// askRaw puts a connection that is not HTTP, of which those bytes have come, to
// the live server.
func (r *reader) askRaw(sent []byte) error {
	nc, err := r.srv.OnMiss(r.srv.asking, r.sock.Conn)
	if err != nil {
		return err
	}
	live := &relay{nc: nc, ended: true}
	live.parser.Switch()
	live.way.Store(offHTTP)
	r.parser.Switch()
	r.out.active.Add(1)
	r.out.relay(&exchange{}, live)
	r.relay = live
	live.send(sent)
	return nil
}

// takes passes b on to the server where nothing is to parse it: a stream's bytes.
// It reports whether it did.
func (l *relay) takes(b []byte) bool {
	if l == nil || !l.ended && l.way.Load() != offHTTP {
		return false
	}
	if l.leaves {
		// A client that goes on before it is answered takes the connection for
		// a stream already. Were it mistaken, the server would know better.
		l.way.CompareAndSwap(unknownWay, offHTTP)
	}
	if l.way.Load() != offHTTP {
		return false
	}
	l.send(b)
	return true
}

// passOn passes on a piece of the client's request, or keeps it as long as it
// is not known whether it is to be: wire is what ev was found in.
func (r *reader) passOn(ev *http1.Event, wire []byte) {
	x := r.cur
	if x == nil || r.srv.OnMiss == nil {
		return
	}
	if ev.Kind == http1.Head {
		wire = ev.Head.Raw // some of it came before
	}
	switch {
	case x.relay != nil:
		x.relay.send(wire)
		x.relay.ended = x.relay.ended || ev.End
	case x.digest != nil:
		if x.wire == nil {
			x.wire = new(spool.Spool)
		}
		x.wire.Write(wire)
	}
}

// send passes b on to the server.
func (l *relay) send(b []byte) {
	if l.deaf {
		return
	}
	_, err := l.nc.Write(b)
	l.deaf = err != nil // the client learns it from the server's answer or close
}

// sendAll passes the kept bytes on to the server.
func (l *relay) sendAll(kept *spool.Spool) {
	all, err := kept.Open()
	if err == nil {
		_, err = io.Copy(l.nc, all)
	}
	if err != nil {
		l.deaf = true
		l.close() // else the server would wait for the missing bytes
	}
}

// closeWrite passes on that the client said its last word.
func (l *relay) closeWrite() {
	if l != nil {
		_ = endpoint.CloseWrite(l.nc) // an error means that it is closed already
	}
}

// close ends the connection to the server. It may be called at any time, and
// more than once.
func (l *relay) close() {
	if l != nil {
		l.nc.Close()
	}
}

// carry passes the server's answer to x on, to the end.
func (q *queue) carry(x *exchange) {
	r := x.relay
	defer r.close()
	answered, closes, err := q.carryAnswer(r)
	switch {
	case answered && !closes:
		q.await(func() bool { return x.live.Whole || x.live.Closed })
		q.answered(x)
	case endpoint.IsReset(err):
		q.reset()
	case answered, r.way.Load() != offHTTP:
		q.linger()
		q.active.Add(-1)
	case endpoint.HungUp(r.nc):
		q.abort()
	default:
		_ = q.sock.CloseWrite() // an error means that it is closed already
		q.await(func() bool { return x.live.Closed })
	}
}

// carryAnswer passes the server's bytes on until its answer, if it is one, is
// complete, or until the server closes, as err says. Closes says that the server
// will close after it.
func (q *queue) carryAnswer(r *relay) (answered, closes bool, err error) {
	buf := socket.Buffers.Get().(*[]byte)
	defer socket.Buffers.Put(buf)
	for {
		n, err := r.nc.Read(*buf)
		b := (*buf)[:n]
		end, last := r.follow(b)
		closes = closes || last
		if n > 0 && !q.write(b) {
			return false, false, net.ErrClosed
		}
		if end || err != nil {
			return end, closes, err
		}
	}
}

// follow parses the server's bytes before the client can answer them. End says
// that the answer is complete, closes that the server will close then.
func (l *relay) follow(b []byte) (end, closes bool) {
	for len(b) > 0 && l.way.Load() != offHTTP {
		if end {
			l.way.Store(offHTTP) // more than an answer
			return false, false
		}
		ev, n := l.parser.Next(b)
		b = b[n:]
		end = ev.End
		switch {
		case ev.Kind == http1.Raw, ev.Kind == http1.Head && ev.Head.Framing == http1.Stream:
			l.way.Store(offHTTP)
		case ev.Kind == http1.Head && !ev.Head.Interim:
			l.way.CompareAndSwap(unknownWay, onHTTP)
			closes = ev.Head.Close
		}
	}
	return end && l.way.Load() != offHTTP, closes
}
