package record

import (
	"context"
	"crypto/tls"
	"net"

	"github.com/wiretape/wiretape/internal/endpoint"
)

// DialTLS connects to the daemon at addr as Dial does, and speaks TLS as config
// says where addr is tls://host:port or https://host:port. HTTP/1.1 is the only
// protocol that it offers. A nil config trusts the system's roots.
func DialTLS(ctx context.Context, addr string, config *tls.Config) (net.Conn, error) {
	a, err := endpoint.Parse(addr)
	if err != nil {
		return nil, err
	}
	return endpoint.DialTLS(ctx, a, config)
}

// Dial connects to the daemon at addr: unix:///path, tcp://host:port,
// http://host:port, tls://host:port, https://host:port, /path or host:port. A
// certificate has to be signed by one of the system's roots, see DialTLS.
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
