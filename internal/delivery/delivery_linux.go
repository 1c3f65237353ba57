package delivery

import (
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Of returns how far c's peer has read.
func Of(c net.Conn) State {
	switch c := c.(type) {
	case *net.UnixConn:
		return ofUnix(c)
	case *net.TCPConn:
		return ofTCP(c)
	}
	return Unknown
}

// ofUnix asks for the bytes in the peer's queue. The kernel frees a buffer in two
// steps, and tells of one byte between them.
func ofUnix(c *net.UnixConn) State {
	n := 0
	control(c, func(fd int) { n, _ = unix.IoctlGetInt(fd, unix.SIOCOUTQ) })
	if n > 1 {
		return Unread
	}
	return Read
}

// ofTCP compares what was written to c with what arrived at the peer's socket and
// is not in its queue. Acknowledgements alone do not tell what arrived: they may
// come 40 ms late.
func ofTCP(c *net.TCPConn) State {
	var info *unix.TCPInfo
	queued, open := 0, false
	control(c, func(fd int) {
		info, _ = unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		n, err := unix.IoctlGetInt(fd, unix.SIOCOUTQ)
		queued, open = n, err == nil
	})
	if !open || info != nil && info.State == unix.BPF_TCP_CLOSE {
		return Read
	}
	p, ok := diag.peer(c)
	switch {
	case !ok && queued > 0:
		return Unread
	case !ok:
		return Unknown
	}
	arrived := queued == 0
	if info != nil && p.received > 0 {
		arrived = p.received >= info.Bytes_sent-info.Bytes_retrans+uint64(info.Notsent_bytes)
	}
	if arrived && p.unread == 0 {
		return Read
	}
	return Unread
}

// control runs f on c's descriptor, unless that is closed.
func control(c syscall.Conn, f func(fd int)) {
	raw, err := c.SyscallConn()
	if err == nil {
		_ = raw.Control(func(fd uintptr) { f(int(fd)) }) // an error: it is closed
	}
}

// pause waits for a client to run: first for the time that a client on another
// processor needs to read, then, by sleeping, for one that does something else.
// The runtime's own timers are too coarse: a program that has nothing else to do
// sleeps a millisecond at least.
func pause(n int) {
	if n < 20 {
		_, _, _ = unix.Syscall(unix.SYS_SCHED_YIELD, 0, 0, 0) // never fails
		return
	}
	d := min(time.Duration(n)*time.Microsecond, 200*time.Microsecond)
	t := unix.NsecToTimespec(int64(d))
	_ = unix.Nanosleep(&t, nil) // an interrupted sleep is a shorter one
}
