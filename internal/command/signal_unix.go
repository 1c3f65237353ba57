//go:build unix

package command

import (
	"os"

	"golang.org/x/sys/unix"
)

// notExecutable are the system's errors for a file that is no program.
var notExecutable = []error{unix.ENOEXEC, unix.EISDIR}

// terminate asks p to end.
func terminate(p *os.Process) error { return p.Signal(unix.SIGTERM) }

// passOn passes signals on to p.
func (s signals) passOn(p *os.Process) {
	for sig := range s {
		if sig == unix.SIGTERM || !inForeground() {
			_ = p.Signal(sig) // p may have ended in the meantime
		}
	}
}

// inForeground reports whether the terminal sends its signals to our process
// group, to which the command belongs, too.
func inForeground() bool {
	tty, err := os.OpenFile("/dev/tty", os.O_RDONLY|unix.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	defer tty.Close()
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}
