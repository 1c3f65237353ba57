//go:build linux && !386 && !s390x

package endpoint

import (
	"os"
	"syscall"
	"time"
)

// input waits for new input of a socket that has input already, which Go's poller
// takes for such at every event: as often as the peer makes room by reading. It
// is an epoll set of its own, behind the poller, that asks for input alone.
type input struct {
	set     *os.File
	raw     syscall.RawConn
	readyFn func(set uintptr) bool // in.ready, made once
	events  [1]syscall.EpollEvent
}

// inputCheck is how often who waits looks whether the socket has been closed,
// which such a set does not say.
const inputCheck = 100 * time.Millisecond

func newInput(fd uintptr) (*input, error) {
	set, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	const edge = 1 << 31 // EPOLLET, which package syscall has as a negative number
	ev := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLRDHUP | edge}
	if err := syscall.EpollCtl(set, syscall.EPOLL_CTL_ADD, int(fd), &ev); err != nil {
		syscall.Close(set)
		return nil, os.NewSyscallError("epoll_ctl", err)
	}
	if err := syscall.SetNonblock(set, true); err != nil { // or NewFile keeps it from the poller
		syscall.Close(set)
		return nil, os.NewSyscallError("fcntl", err)
	}
	in := &input{set: os.NewFile(uintptr(set), "epoll")}
	in.readyFn = in.ready
	if in.raw, err = in.set.SyscallConn(); err != nil {
		in.set.Close()
		return nil, err
	}
	return in, nil
}

// wait returns when there may be something new, or when it is time to look.
func (in *input) wait() {
	if in.set.SetReadDeadline(time.Now().Add(inputCheck)) == nil {
		_ = in.raw.Read(in.readyFn) // an error says that it is time, or closed
	}
}

func (in *input) ready(set uintptr) bool {
	n, err := syscall.EpollWait(int(set), in.events[:], 0)
	return n > 0 || err != nil && err != syscall.EINTR
}

// close has wait return.
func (in *input) close() { in.set.Close() }
