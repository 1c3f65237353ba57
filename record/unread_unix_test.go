//go:build unix

package record

import (
	"net"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// wantUnread waits until c has input, which it leaves there.
func wantUnread(t testing.TB, c net.Conn) {
	t.Helper()
	raw, err := c.(syscall.Conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	rerr := raw.Read(func(fd uintptr) bool {
		n, _, err = unix.Recvfrom(int(fd), make([]byte, 1), unix.MSG_PEEK)
		return err != unix.EAGAIN
	})
	if n != 1 || err != nil || rerr != nil {
		t.Fatalf("no input: %d bytes, %v, %v", n, err, rerr)
	}
}
