package replay

import (
	"net"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// The peer of a Unix socket sees a reset only where input is unread when it is
// closed. All that a client sends may come in one read, before it is known what
// answers it: where any interaction may end in a reset, a byte of every Unix
// connection is left unread from the beginning.

// leaveUnread has the connection read so, if it is to be.
func (c *conn) leaveUnread() {
	if _, ok := c.nc.(*net.UnixConn); ok && c.srv.index.MayReset() {
		c.held = endpoint.NewReader(c.nc)
		c.in = c.held
	}
}

// keepUnread keeps a byte unread for as long as it may take until the reset, if
// it ends in one. Last says that the client has said all that it has to say.
func (c *conn) keepUnread(it *cassettes.Interaction, last bool) {
	if c.held != nil && it != nil && recorded.MayReset(it) {
		c.held.Keep(last)
	}
}
