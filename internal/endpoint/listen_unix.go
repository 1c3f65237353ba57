//go:build unix

package endpoint

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// bindUnix listens on path with mode 0600. The mode is set between bind and
// listen: until listen the system refuses every connect, so that no one gets
// in while the file still has the mode that the umask gave it. (The umask
// itself belongs to the whole process, and other goroutines create files.)
func bindUnix(path string) (*unixListener, error) {
	fd, err := unixSocket()
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	f := os.NewFile(uintptr(fd), path)
	defer f.Close() // FileListener has a descriptor of its own
	switch err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); {
	case errors.Is(err, unix.ENOENT):
		return nil, fmt.Errorf("folder %q does not exist", filepath.Dir(path))
	case err != nil:
		return nil, os.NewSyscallError("bind", err)
	}
	l, err := listenBound(fd, f, path)
	if err != nil {
		os.Remove(path)
		return nil, err
	}
	return l, nil
}

func listenBound(fd int, f *os.File, path string) (*unixListener, error) {
	file, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, err
	}
	// More than any system's limit, which then applies: a connect that finds
	// the queue full fails at once where it does not block.
	if err := unix.Listen(fd, 1<<15); err != nil {
		return nil, os.NewSyscallError("listen", err)
	}
	l, err := net.FileListener(f)
	if err != nil {
		return nil, err
	}
	return &unixListener{UnixListener: l.(*net.UnixListener), path: path, file: file}, nil
}

// unixSocket returns a new Unix stream socket that children do not inherit.
func unixSocket() (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	return fd, err
}
