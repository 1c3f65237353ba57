// Package endpoint is the one place that knows sockets: addresses as people
// write them, listening, dialling, and what closing means on each kind.
package endpoint

import (
	"context"
	"net"
	"time"
)

// Addr is an address as given on a command line.
type Addr struct {
	Network string // "unix" or "tcp"
	Address string // path, or host:port
}

// Parse reads unix:///path, tcp://host:port, http://host:port, a bare /path
// or a bare host:port.
func Parse(s string) (Addr, error) { panic("not written") }

// String returns unix:///path or tcp://host:port.
func (a Addr) String() string { panic("not written") }

// Listen listens on a. A Unix socket gets mode 0600; a socket file that
// nothing listens on any more is taken over; the file goes when the listener
// is closed. A TCP address that is not loopback needs remote. A path that is
// too long for the system is an error that says so and gives the limit.
func Listen(a Addr, remote bool) (net.Listener, error) { panic("not written") }

// ListenPrivate listens on a Unix socket with a short path in a folder of its
// own (mode 0700), which goes when the listener is closed.
func ListenPrivate() (net.Listener, error) { panic("not written") }

// Dial connects to a.
func Dial(ctx context.Context, a Addr) (net.Conn, error) { panic("not written") }

// AddrOf returns a listener's or connection's address as Addr.
func AddrOf(a net.Addr) Addr { panic("not written") }

// CloseWrite half-closes c.
func CloseWrite(c net.Conn) error { panic("not written") }

// Reset closes c so that its peer sees a reset: on TCP a RST; on a Unix
// socket a close with unread input, where there is some.
func Reset(c net.Conn) error { panic("not written") }

// IsReset reports whether err, from a read or write, says that the peer reset
// the connection.
func IsReset(err error) bool { panic("not written") }

// HungUp reports whether c's peer, whose end of stream was read, has closed
// the connection wholly rather than half. Only a Unix socket can tell; on TCP
// it is false.
func HungUp(c net.Conn) bool { panic("not written") }

// Drain waits until what was written to c has been delivered to its peer (a
// Unix peer has read it, a TCP peer's system has acknowledged it), or limit
// has passed.
func Drain(c net.Conn, limit time.Duration) { panic("not written") }

// PeerPID returns the process at the other end of a Unix connection, where
// the system can tell.
func PeerPID(c net.Conn) (pid int, ok bool) { panic("not written") }
