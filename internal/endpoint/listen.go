package endpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// Listen listens on a. A Unix socket gets mode 0600; a socket file that
// nothing listens on any more is taken over; the file goes when the listener
// is closed. A TCP address that is not loopback needs remote. A path that is
// too long for the system is an error that says so and gives the limit.
func Listen(a Addr, remote bool) (net.Listener, error) {
	var l net.Listener
	var err error
	switch a.Network {
	case "unix":
		l, err = listenUnix(a.Address)
	case "tcp":
		l, err = listenTCP(a.Address, remote)
	default:
		err = net.UnknownNetworkError(a.Network)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", a, reason(err))
	}
	return l, nil
}

// ListenPrivate listens on a Unix socket with a short path in a folder of its
// own (mode 0700), which goes when the listener is closed.
func ListenPrivate() (net.Listener, error) {
	l, err := listenPrivate(os.TempDir())
	if err != nil && os.TempDir() != "/tmp" {
		// TMPDIR may be too deep for a socket's path; it is on macOS, nearly.
		l, err = listenPrivate("/tmp")
	}
	if err != nil {
		return nil, fmt.Errorf("listen on a private socket: %w", err)
	}
	return l, nil
}

// ListenLocal listens at addr, in the spellings of Parse, or on a private socket
// where addr is "". A TCP address must be loopback.
func ListenLocal(addr string) (net.Listener, error) {
	if addr == "" {
		return ListenPrivate()
	}
	a, err := Parse(addr)
	if err != nil {
		return nil, err
	}
	return Listen(a, false)
}

func listenPrivate(parent string) (net.Listener, error) {
	dir, err := os.MkdirTemp(parent, "wt-") // mode 0700
	if err != nil {
		return nil, err
	}
	l, err := Listen(Addr{"unix", filepath.Join(dir, "s.sock")}, false)
	if err != nil {
		os.Remove(dir)
		return nil, err
	}
	l.(*unixListener).dir = dir
	return l, nil
}

func listenTCP(address string, remote bool) (net.Listener, error) {
	// Resolved once, so that what is checked is what is bound.
	addr, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, err
	}
	if !remote && !addr.IP.IsLoopback() {
		return nil, errors.New("other machines could connect to this address; listen on 127.0.0.1, or pass --allow-remote if that is wanted")
	}
	return net.ListenTCP("tcp", addr)
}

// unixListener removes its socket file when it is closed, as long as the file
// is still its own.
type unixListener struct {
	*net.UnixListener
	path string
	file fs.FileInfo
	dir  string // to remove too; "" for none
	once sync.Once
}

// Close removes the socket file and closes the listener.
func (l *unixListener) Close() error {
	l.once.Do(func() { // first, while no one else can have bound the path
		if now, err := os.Lstat(l.path); err == nil && os.SameFile(now, l.file) {
			os.Remove(l.path)
		}
		if l.dir != "" {
			os.Remove(l.dir)
		}
	})
	return l.UnixListener.Close()
}

func listenUnix(path string) (net.Listener, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	l, err := bindUnix(path)
	if errors.Is(err, syscall.EADDRINUSE) {
		if err := removeStale(path); err != nil {
			return nil, err
		}
		l, err = bindUnix(path)
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}

// removeStale removes the socket file at path if nothing listens on it.
func removeStale(path string) error {
	before, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // its owner has just removed it
	}
	if err != nil {
		return err
	}
	if before.Mode().Type() != fs.ModeSocket {
		return errors.New("the path exists and is not a socket; it was left alone")
	}
	c, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		c.Close()
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("%w: another process listens there", syscall.EADDRINUSE)
	}
	// Someone else may have taken it over since: theirs is another file.
	if now, err := os.Lstat(path); err != nil || !os.SameFile(before, now) {
		return nil
	}
	return os.Remove(path)
}

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
	switch err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}); {
	case errors.Is(err, syscall.ENOENT):
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
	if err := syscall.Listen(fd, 1<<15); err != nil {
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
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	return fd, err
}
