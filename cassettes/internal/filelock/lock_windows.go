package filelock

import (
	"errors"
	"math"
	"os"

	"golang.org/x/sys/windows"
)

// Lock locks f until it is closed, and returns ErrBusy if another process or
// handle has it locked. The locked byte lies far beyond the end of any file:
// Windows keeps others from reading a locked byte.
func Lock(f *os.File) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var locked error
	if err := c.Control(func(handle uintptr) {
		at := windows.Overlapped{Offset: math.MaxUint32, OffsetHigh: math.MaxInt32}
		const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
		locked = windows.LockFileEx(windows.Handle(handle), flags, 0, 1, 0, &at)
	}); err != nil {
		return err
	}
	if errors.Is(locked, windows.ERROR_LOCK_VIOLATION) {
		return ErrBusy
	}
	return nil
}
