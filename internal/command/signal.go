package command

import (
	"os"
	"os/signal"
	"syscall"
	"unsafe"
)

// signals are those that have reached us.
type signals chan os.Signal

// catch catches signals until stop is called. One that we were started to
// ignore, by nohup say, stays ignored, and the command is started to ignore it
// too: catching it would undo both.
func catch() signals {
	s := make(signals, 8)
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(sig) {
			signal.Notify(s, sig)
		}
	}
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
