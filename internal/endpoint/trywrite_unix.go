//go:build unix

package endpoint

import (
	"errors"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// TryWrite writes as much of b as c takes at once, and never waits. Where a
// connection has no such operation, that is nothing.
func TryWrite(c net.Conn, b []byte) (n int, err error) {
	sc, ok := c.(syscall.Conn)
	if !ok || len(b) == 0 {
		return 0, nil
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return 0, err
	}
	var failed error
	err = rc.Write(func(fd uintptr) bool {
		n, failed = unix.Write(int(fd), b)
		return true
	})
	n = max(n, 0)
	if errors.Is(failed, unix.EAGAIN) || errors.Is(failed, unix.EINTR) {
		failed = nil
	}
	return n, errors.Join(err, failed)
}
