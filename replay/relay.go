package replay

import (
	"net"
	"strings"

	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/relay"
	"github.com/wiretape/wiretape/replay/internal/socket"
	"github.com/wiretape/wiretape/replay/internal/spool"
)

// ask puts x to the live server, and reports why it could not.
func (m *matcher) ask(x *exchange) error {
	nc, err := m.srv.OnMiss(m.srv.asking, m.sock.Conn)
	if err != nil {
		return err
	}
	method, _, _ := strings.Cut(x.request, " ")
	r := relay.New(nc, method, x.upgrade, x.live.Whole)
	m.out.relay(x, r)
	if x.wire != nil {
		r.SendAll(x.wire)
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
	live := relay.NewStream(nc)
	r.parser.Switch()
	r.out.active.Add(1)
	r.out.relay(&exchange{}, live)
	r.relay = live
	live.Send(sent)
	return nil
}

// passOn passes a piece of the client's request on to the live server, or keeps it
// until the matcher has decided whether that server answers. Wire is the bytes that
// ev was found in.
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
		x.relay.Send(wire)
		x.relay.End(ev.End)
	case x.digest != nil:
		if x.wire == nil {
			x.wire = new(spool.Spool)
		}
		x.wire.Write(wire)
	}
}

// carry passes the server's answer to x on, to the end.
func (q *queue) carry(x *exchange) {
	r := x.relay
	defer r.Close()
	answered, closes, err := q.carryAnswer(r)
	switch {
	case answered && !closes:
		q.await(func() bool { return x.live.Whole || x.live.Closed })
		q.answered(x)
	case endpoint.IsReset(err):
		q.reset()
	case answered, !r.HasLeft():
		q.linger()
		q.active.Add(-1)
	case endpoint.HungUp(r.NC):
		q.abort()
	default:
		_ = q.sock.CloseWrite() // an error means that it is closed already
		q.await(func() bool { return x.live.Closed })
	}
}

// carryAnswer passes the server's bytes on until its answer, if it is one, is
// complete, or until the server closes, as err says. Closes says that the server
// will close after it.
func (q *queue) carryAnswer(r *relay.Relay) (answered, closes bool, err error) {
	buf := socket.Buffers.Get().(*[]byte)
	defer socket.Buffers.Put(buf)
	for {
		n, err := r.NC.Read(*buf)
		b := (*buf)[:n]
		end, last := r.Follow(b)
		closes = closes || last
		if n > 0 && !q.write(b) {
			return false, false, net.ErrClosed
		}
		if end || err != nil {
			return end, closes, err
		}
	}
}
