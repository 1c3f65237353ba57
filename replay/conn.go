package replay

import (
	"net"

	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/replay/internal/socket"
)

// conn is a client's connection. A request passes through its parts in this
// order:
//
//	reader   reads and parses the client's bytes, on the connection's goroutine
//	matcher  claims the interaction that answers a request, and makes its plan
//	queue    answers in order, on a second goroutine where an answer takes time
//	socket   writes
//
// ending says when the connection is closed, and holds the mutex of the parts
// that both goroutines use.
type conn struct {
	client peer
	live   *liveClient
	sock   *socket.Socket
	end    ending
	out    queue
	match  matcher
	in     reader
}

func newConn(s *Server, n int, nc net.Conn) *conn {
	log := s.log.With("conn", n)
	c := &conn{client: peerOf(nc), sock: socket.New(nc, s.index.MayReset(), s.seenMax, log)}
	c.live = s.clients.enter(c.client)
	c.end.sock, c.end.client = c.sock, c.live
	c.end.moved.L = &c.end.mu
	c.out = queue{ending: &c.end, srv: s, log: log}
	c.match = matcher{srv: s, log: log, client: c.client, live: c.live, asker: s.index.Join(c.client), sock: c.sock, out: &c.out, keyer: s.index.Keyer()}
	c.in = reader{srv: s, log: log, sock: c.sock, match: &c.match, out: &c.out}
	return c
}

// serve reads the connection to its end, and returns when all is answered.
func (c *conn) serve() {
	defer c.match.srv.index.Leave(c.match.asker)
	c.in.run()
}

// hasLeft reports whether the client has left, as far as can be told.
func (c *conn) hasLeft() bool {
	nc := c.sock.Conn
	left := endpoint.HungUp(nc) || !c.out.streams.Load() && endpoint.PeerEnded(nc)
	return left || c.end.ended.Load() // last: of a closed one the system tells nothing
}
