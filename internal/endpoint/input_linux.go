//go:build linux && !386 && !s390x

package endpoint

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// input waits for new input of a socket with a byte held, by an epoll set of its
// own. Go's poller asks for room to write as well: at each such event, as often as
// the peer reads, it finds the byte and wakes the reader. This set asks for input
// alone, edge-triggered, because the byte makes the socket ready all the time. Go's
// poller waits for the set. A nil input never waits.
type input struct {
	set     *os.File
	raw     syscall.RawConn
	readyFn func(set uintptr) bool // in.ready, made once
	events  [1]unix.EpollEvent
}

// inputCheck is the interval at which a waiting reader looks whether the socket was
// closed or its deadline has passed: the set reports neither.
const inputCheck = 100 * time.Millisecond

func newInput(fd uintptr) (*input, error) {
	set, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	ev := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLET}
	if err := unix.EpollCtl(set, unix.EPOLL_CTL_ADD, int(fd), &ev); err != nil {
		unix.Close(set)
		return nil, os.NewSyscallError("epoll_ctl", err)
	}
	if err := unix.SetNonblock(set, true); err != nil { // or NewFile keeps it from the poller
		unix.Close(set)
		return nil, os.NewSyscallError("fcntl", err)
	}
	in := &input{set: os.NewFile(uintptr(set), "epoll")}
	in.readyFn = in.ready
	in.raw, err = in.set.SyscallConn()
	if err == nil {
		err = in.set.SetReadDeadline(time.Time{}) // fails where the poller did not take it
	}
	if err != nil {
		in.set.Close()
		return nil, err
	}
	return in, nil
}

// wait returns when there may be something new, after limit, or when closed.
func (in *input) wait(limit time.Duration) {
	if in == nil {
		return
	}
	if in.set.SetReadDeadline(time.Now().Add(limit)) == nil {
		_ = in.raw.Read(in.readyFn) // an error says that it is late, or closed
	}
}

func (in *input) ready(set uintptr) bool {
	n, err := unix.EpollWait(int(set), in.events[:], 0)
	return n > 0 || err != nil && err != unix.EINTR
}

// close has wait return.
func (in *input) close() {
	if in != nil {
		in.set.Close()
	}
}
