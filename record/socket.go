package record

import (
	"context"
	"net"

	"github.com/wiretape/wiretape/internal/endpoint"
)

// Dial connects to the daemon at addr: unix:///path, tcp://host:port,
// http://host:port, /path or host:port.
func Dial(ctx context.Context, addr string) (net.Conn, error) {
	a, err := endpoint.Parse(addr)
	if err != nil {
		return nil, err
	}
	return endpoint.Dial(ctx, a)
}

// Listen listens at addr, which is written as Dial takes it, or "" for a Unix
// socket in a new folder of its own. A Unix socket gets mode 0600, takes over a
// socket file that nobody listens on, and is removed when the listener is
// closed. A TCP address must be of this machine; to serve other machines, use
// net.Listen, which Serve takes as well.
func Listen(addr string) (net.Listener, error) { return endpoint.ListenLocal(addr) }
