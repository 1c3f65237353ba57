//go:build !linux

package endpoint

import (
	"net"
	"time"
)

// HungUp reports whether c's peer, whose end of stream was read, has closed
// the connection wholly rather than half. Only a Unix socket on Linux can
// tell; here it is false.
func HungUp(c net.Conn) bool { return false }

// AwaitHangUp would wait until c's peer closes the connection wholly. This system
// does not tell that from a half-close: it reports false at once.
func AwaitHangUp(c net.Conn) bool { return false }

// PeerEnded reports whether c's peer will send nothing more, where the system
// tells: here it is false.
func PeerEnded(c net.Conn) bool { return false }

// Drain waits until a Reset is unlikely to lose bytes written to c, or limit has
// passed: a tenth of a second, for this system is not asked. A Unix peer has the
// bytes at once.
func Drain(c net.Conn, limit time.Duration) {
	if _, ok := c.(*net.UnixConn); ok {
		return
	}
	time.Sleep(min(limit, 100*time.Millisecond))
}

// PeerPID returns the process at the other end of a Unix connection, where
// the system can tell; this one is not asked.
func PeerPID(c net.Conn) (pid int, ok bool) { return 0, false }
