package endpoint

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// HungUp reports whether c's peer, whose end of stream was read, has closed
// the connection wholly rather than half. Only a Unix socket on Linux can
// tell; elsewhere it is false. Once c is half-closed too there is no
// difference any more, and it is true.
func HungUp(c net.Conn) bool {
	if _, ok := c.(*net.UnixConn); !ok {
		return false
	}
	return poll(c, 0)&unix.POLLHUP != 0
}

// AwaitHangUp waits until c's peer, whose end of stream was read, closes the
// connection wholly, and reports true. It reports false when c is closed, and at
// once where the system does not tell a half-close from a close.
func AwaitHangUp(c net.Conn) bool {
	uc, ok := c.(*net.UnixConn)
	if !ok {
		return false
	}
	raw, err := uc.SyscallConn()
	if err != nil {
		return false
	}
	// A hang-up wakes readers, as the end of the stream did before.
	return raw.Read(func(uintptr) bool { return HungUp(c) }) == nil
}

// PeerEnded reports whether c's peer will send nothing more, whether or not all
// that it sent was read. Where the system does not tell it is false.
func PeerEnded(c net.Conn) bool { return poll(c, unix.POLLRDHUP)&(unix.POLLRDHUP|unix.POLLHUP) != 0 }

// poll returns those of events that have happened to c, and POLLHUP and POLLERR if
// they have. It does not wait.
func poll(c net.Conn, events int16) int16 {
	var p [1]unix.PollFd
	control(c, func(fd uintptr) {
		p[0] = unix.PollFd{Fd: int32(fd), Events: events}
		_, _ = unix.Poll(p[:], 0) // an error leaves Revents 0: nothing is known
	})
	return p[0].Revents
}

// Drain waits until a Reset cannot lose bytes written to c, or limit has passed:
// until the system of a TCP peer has acknowledged them. A Unix peer has them at
// once, and reads them before it sees a reset.
func Drain(c net.Conn, limit time.Duration) {
	if _, ok := c.(*net.UnixConn); ok {
		return
	}
	deadline := time.Now().Add(limit)
	for pause := 50 * time.Microsecond; queued(c) > 0; pause = min(2*pause, 5*time.Millisecond) {
		left := time.Until(deadline)
		if left <= 0 {
			return
		}
		time.Sleep(min(pause, left))
	}
}

// queued returns the number of bytes written to c that are still under way, 0
// where c is closed or does not say.
func queued(c net.Conn) uint32 {
	var n uint32
	control(c, func(fd uintptr) {
		n, _ = unix.IoctlGetUint32(int(fd), unix.TIOCOUTQ)
	})
	return n
}

// PeerPID returns the process at the other end of a Unix connection, where
// the system can tell.
func PeerPID(c net.Conn) (pid int, ok bool) {
	if _, ok := c.(*net.UnixConn); !ok {
		return 0, false
	}
	control(c, func(fd uintptr) {
		cred, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
		if err == nil {
			pid = int(cred.Pid)
		}
	})
	return pid, pid > 0 // 0: a process of another PID namespace
}
