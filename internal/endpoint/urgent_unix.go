//go:build unix

package endpoint

import (
	"net"

	"golang.org/x/sys/unix"
)

// InlineUrgent has a TCP connection's urgent bytes be read where they stand
// among the others, instead of being passed over.
func InlineUrgent(c net.Conn) {
	if _, ok := c.(*net.TCPConn); !ok {
		return
	}
	control(c, func(fd uintptr) {
		// Where it fails, the connection is gone.
		_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_OOBINLINE, 1)
	})
}
