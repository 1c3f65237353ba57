package replay

import (
	"net"

	"github.com/wiretape/wiretape/internal/endpoint"
)

// Listen listens at addr: unix:///path, tcp://host:port, /path or host:port, or
// "" for a Unix socket in a new folder of its own. A Unix socket gets mode 0600,
// takes over a socket file that nobody listens on, and is removed when the
// listener is closed. A TCP address must be of this machine; to serve other
// machines, use net.Listen, which Serve takes as well.
func Listen(addr string) (net.Listener, error) { return endpoint.ListenLocal(addr) }
