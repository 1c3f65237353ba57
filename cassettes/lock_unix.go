//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package cassettes

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lock locks f until it is closed, and returns errBusy where another has it
// locked. On a file system without locks there are none.
func lock(f *os.File) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var locked error
	if err := c.Control(func(fd uintptr) {
		locked = unix.Flock(int(fd), unix.LOCK_EX|unix.LOCK_NB)
	}); err != nil {
		return err
	}
	if errors.Is(locked, unix.EWOULDBLOCK) {
		return errBusy
	}
	return nil
}
