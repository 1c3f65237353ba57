//go:build linux && !386 && !s390x

package pulse

import (
	"os"
	"syscall"
	"time"
	"unsafe"
)

// bell can sleep so that it is woken in time: it waits for an eventfd(2).
type bell struct{ f *os.File }

func newBell() bell {
	fd, _, errno := syscall.Syscall(syscall.SYS_EVENTFD2, 0, syscall.O_CLOEXEC, 0)
	if errno != 0 {
		return bell{}
	}
	return bell{os.NewFile(fd, "eventfd")}
}

func (b bell) works() bool { return b.f != nil }

// sleep reports whether it slept for so long without being woken. Who was woken
// is not to sleep again.
func (b bell) sleep(long time.Duration) bool {
	const pollIn = 1
	p := struct {
		fd              int32
		events, revents int16
	}{fd: int32(b.f.Fd()), events: pollIn}
	ts := syscall.NsecToTimespec(long.Nanoseconds())
	n, _, errno := syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&p)), 1, uintptr(unsafe.Pointer(&ts)), 0, 0, 0)
	switch {
	case errno != 0 && errno != syscall.EINTR: // never, where ppoll is allowed
		time.Sleep(long)
		return true
	case n == 0 || errno != 0: // a little early does not matter
		return true
	}
	b.f.Close()
	return false
}

func (b bell) ring() {
	if b.f != nil {
		b.f.Write([]byte{1, 0, 0, 0, 0, 0, 0, 0}) // cannot fail: nobody has closed it yet
	}
}
