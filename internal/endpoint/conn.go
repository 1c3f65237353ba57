package endpoint

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"
)

// Dial connects to a. If the queue of a Unix socket is full, Dial waits until
// there is room or ctx is done. TLS trusts the system's roots, see DialTLS.
func Dial(ctx context.Context, a Addr) (net.Conn, error) {
	if a.TLS() {
		return DialTLS(ctx, a, nil)
	}
	c, err := dial(ctx, a)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", a, reason(err))
	}
	return c, nil
}

func dial(ctx context.Context, a Addr) (net.Conn, error) {
	switch a.Network {
	case "npipe":
		return dialPipe(ctx, a.Address)
	case "unix":
		if err := checkPath(a.Address); err != nil {
			return nil, err
		}
	}
	var d net.Dialer
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		c, err := d.DialContext(ctx, a.Network, a.Address)
		// Linux does not let a non-blocking connect wait for room in the
		// queue; a blocking one, as most clients have, would.
		if !errors.Is(err, queueFull) {
			return c, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
	}
}

// reason strips the operation and address that net adds to an error: Listen and
// Dial name them in their own words.
func reason(err error) error {
	if oe, ok := errors.AsType[*net.OpError](err); ok {
		return oe.Err
	}
	return err
}

// CloseWrite half-closes c: its peer reads the end of the stream, and c can
// still be read. It returns an error if c has no such operation.
func CloseWrite(c net.Conn) error {
	if h, ok := c.(interface{ CloseWrite() error }); ok {
		return h.CloseWrite()
	}
	return fmt.Errorf("half-close %T: %w", c, errors.ErrUnsupported)
}

// Reset closes c so that its peer sees a reset. On TCP it sends a RST. On a Unix
// socket the peer sees a reset only if input is unread, see Reader.
func Reset(c net.Conn) error {
	if l, ok := c.(interface{ SetLinger(sec int) error }); ok {
		l.SetLinger(0) // an error means that it is closed already
	}
	return c.Close()
}

// IsReset reports whether err, from a read or write, says that the peer reset
// the connection. A write that found the connection closed (EPIPE) does not:
// only a read tells how it was closed.
func IsReset(err error) bool { return errors.Is(err, errReset) }

// control runs f on c's descriptor and reports whether it could.
func control(c net.Conn, f func(fd uintptr)) bool {
	if s, ok := c.(*secureConn); ok {
		c = s.raw.Conn
	}
	sc, ok := c.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	return err == nil && raw.Control(f) == nil
}
