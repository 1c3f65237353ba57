//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package cassettes

import (
	"errors"
	"os"
	"syscall"
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
		locked = syscall.Flock(int(fd), syscall.LOCK_EX|syscall.LOCK_NB)
	}); err != nil {
		return err
	}
	if errors.Is(locked, syscall.EWOULDBLOCK) {
		return errBusy
	}
	return nil
}
