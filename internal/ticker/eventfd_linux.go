package ticker

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// eventfd sleeps outside Go's timers and can be woken early: it waits for an
// eventfd(2). Its zero value cannot sleep.
type eventfd struct{ f *os.File }

func newEventfd() eventfd {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		return eventfd{}
	}
	return eventfd{os.NewFile(uintptr(fd), "eventfd")}
}

// sleep sleeps for so long, or until ring is called; it must not be called after
// that. Ok is false if the system has no eventfd.
func (b eventfd) sleep(long time.Duration) (rung, ok bool) {
	if b.f == nil {
		return false, false
	}
	p := [1]unix.PollFd{{Fd: int32(b.f.Fd()), Events: unix.POLLIN}}
	ts := unix.NsecToTimespec(long.Nanoseconds())
	n, err := unix.Ppoll(p[:], &ts, nil)
	switch {
	case err != nil:
		return false, err == unix.EINTR // a little early does not matter
	case n == 0:
		return false, true
	}
	b.f.Close()
	return true, true
}

// ring wakes sleep.
func (b eventfd) ring() {
	if b.f != nil {
		b.f.Write([]byte{1, 0, 0, 0, 0, 0, 0, 0}) // cannot fail: nobody has closed it yet
	}
}
