//go:build linux && !386 && !s390x

package ticker

import (
	"os"
	"syscall"
	"time"
	"unsafe"
)

// eventfd can sleep so that it is woken in time: it waits for an eventfd(2).
type eventfd struct{ f *os.File }

func newEventfd() eventfd {
	fd, _, errno := syscall.Syscall(syscall.SYS_EVENTFD2, 0, syscall.O_CLOEXEC, 0)
	if errno != 0 {
		return eventfd{}
	}
	return eventfd{os.NewFile(fd, "eventfd")}
}

// sleep sleeps for so long, or until the eventfd rings; then it is not to be called
// again. Ok is false where the system does not let it.
func (b eventfd) sleep(long time.Duration) (rung, ok bool) {
	if b.f == nil {
		return false, false
	}
	const pollIn = 1
	p := struct {
		fd              int32
		events, revents int16
	}{fd: int32(b.f.Fd()), events: pollIn}
	ts := syscall.NsecToTimespec(long.Nanoseconds())
	n, _, errno := syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&p)), 1, uintptr(unsafe.Pointer(&ts)), 0, 0, 0)
	switch {
	case errno != 0:
		return false, errno == syscall.EINTR // a little early does not matter
	case n == 0:
		return false, true
	}
	b.f.Close()
	return true, true
}

func (b eventfd) ring() {
	if b.f != nil {
		b.f.Write([]byte{1, 0, 0, 0, 0, 0, 0, 0}) // cannot fail: nobody has closed it yet
	}
}
