package command

import (
	"os"
	"os/signal"
	"syscall"
	"unsafe"
)

// signals are those that have reached us.
type signals chan os.Signal

// catch catches signals until stop is called.
func catch() signals {
	s := make(signals, 8)
	signal.Notify(s, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT)
	return s
}

// stop ends catching and passing on.
func (s signals) stop() {
	signal.Stop(s)
	close(s)
}

// passOn passes signals on to p.
func (s signals) passOn(p *os.Process) {
	for sig := range s {
		if sig == syscall.SIGTERM || !inForeground() {
			_ = p.Signal(sig) // it may have ended in the meantime
		}
	}
}

// inForeground reports whether our process group, which is the command's too,
// is the one that our terminal sends its signals to.
func inForeground() bool {
	tty, err := os.OpenFile("/dev/tty", os.O_RDONLY|syscall.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	defer tty.Close()
	var group int32
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, tty.Fd(), syscall.TIOCGPGRP, uintptr(unsafe.Pointer(&group)))
	return errno == 0 && int(group) == syscall.Getpgrp()
}
