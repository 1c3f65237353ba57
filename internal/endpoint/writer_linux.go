//go:build linux && !386 && !s390x

package endpoint

import (
	"net"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// quick makes small writes.
type quick struct {
	conn      net.Conn
	raw       syscall.RawConn
	attemptFn func(fd uintptr) bool // q.attempt, made once

	// Of the write under way.
	p   []byte
	n   int
	err syscall.Errno
}

func newQuick(c net.Conn) *quick {
	switch c.(type) {
	case *net.UnixConn, *net.TCPConn:
	default:
		return nil
	}
	raw, err := c.(syscall.Conn).SyscallConn()
	if err != nil {
		return nil
	}
	q := &quick{conn: c, raw: raw}
	q.attemptFn = q.attempt
	return q
}

func (q *quick) write(p []byte) (int, error) {
	q.p, q.n, q.err = p, 0, 0
	err := q.raw.Write(q.attemptFn)
	q.p = nil
	if err == nil && q.err != 0 {
		err = os.NewSyscallError("write", q.err)
	}
	if err != nil {
		err = &net.OpError{Op: "write", Net: q.conn.LocalAddr().Network(),
			Source: q.conn.LocalAddr(), Addr: q.conn.RemoteAddr(), Err: reason(err)}
	}
	return q.n, err
}

// attempt writes as much as the socket takes, and reports whether the write is done.
func (q *quick) attempt(fd uintptr) bool {
	for q.n < len(q.p) {
		rest := q.p[q.n:]
		// Raw, for unix.Sendto tells the scheduler of the call, which costs as
		// much as the call: it never waits.
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(&rest[0])), uintptr(len(rest)),
			unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
		switch errno {
		case 0:
			q.n += int(n)
		case unix.EINTR:
		case unix.EAGAIN:
			return false
		default:
			q.err = errno
			return true
		}
	}
	return true
}
