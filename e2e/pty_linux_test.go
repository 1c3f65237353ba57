package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"unsafe"
)

// terminal is the master's side of a pseudo-terminal.
type terminal struct{ *os.File }

// startOn starts cmd with a new pseudo-terminal as its controlling one.
func startOn(cmd *exec.Cmd) (terminal, error) {
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		return terminal{}, err
	}
	t := terminal{master}
	var n, unlock int32
	if err := t.ioctl(syscall.TIOCGPTN, unsafe.Pointer(&n)); err != nil {
		return t, err
	}
	if err := t.ioctl(syscall.TIOCSPTLCK, unsafe.Pointer(&unlock)); err != nil {
		return t, err
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return t, err
	}
	defer slave.Close()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := t.resize(24, 80); err != nil {
		return t, err
	}
	return t, cmd.Start()
}

// resize tells the terminal's processes that it has another size.
func (t terminal) resize(rows, cols uint16) error {
	size := [4]uint16{rows, cols}
	return t.ioctl(syscall.TIOCSWINSZ, unsafe.Pointer(&size))
}

func (t terminal) ioctl(request uintptr, arg unsafe.Pointer) error {
	rc, err := t.SyscallConn()
	if err != nil {
		return err
	}
	var errno syscall.Errno
	err = rc.Control(func(fd uintptr) {
		_, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(arg))
	})
	if err == nil && errno != 0 {
		err = errno
	}
	return err
}
