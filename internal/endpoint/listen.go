package endpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// Listen listens on a. A Unix socket gets mode 0600, or on Windows the access
// rights of its folder. Listen takes over a socket file on which nothing
// listens any more, and closing the listener removes the file. Only the user
// who runs the program can connect to a named pipe. A TCP address that is not
// loopback is an error unless remote is set. A path that is too long for the
// system is an error that gives the limit.
func Listen(a Addr, remote bool) (net.Listener, error) {
	var l net.Listener
	var err error
	switch a.Network {
	case "unix":
		l, err = listenUnix(a.Address)
	case "tcp":
		l, err = listenTCP(a.Address, remote)
	case "npipe":
		l, err = listenPipe(a.Address)
	default:
		err = net.UnknownNetworkError(a.Network)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", a, reason(err))
	}
	return l, nil
}

// ListenPrivate listens on a Unix socket with a short path in a folder of its
// own (mode 0700). Closing the listener removes the folder.
func ListenPrivate() (net.Listener, error) {
	l, err := listenPrivate(os.TempDir())
	if err != nil && os.TempDir() != "/tmp" && runtime.GOOS != "windows" {
		// TMPDIR may be too deep for a socket's path; on macOS it nearly is.
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
	// A name is resolved once: a second answer could be another address than
	// the one that is checked here.
	addr, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, err
	}
	if !remote && !addr.IP.IsLoopback() {
		return nil, errors.New("other machines could connect to this address; listen on 127.0.0.1, or pass --allow-remote if that is wanted")
	}
	return net.ListenTCP("tcp", addr)
}

// unixListener removes its socket file when it is closed, unless another
// listener has replaced the file.
type unixListener struct {
	*net.UnixListener
	path string
	file fs.FileInfo
	dir  string // to remove too; "" for none
	once sync.Once
}

// Close removes the socket file and closes the listener.
func (l *unixListener) Close() error {
	l.once.Do(func() { // before closing: until then nobody else can bind the path
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
	if errors.Is(err, errInUse) {
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
	if !errors.Is(err, errRefused) {
		return fmt.Errorf("%w: another process listens there", errInUse)
	}
	// Someone else may have taken it over since: theirs is another file.
	if now, err := os.Lstat(path); err != nil || !os.SameFile(before, now) {
		return nil
	}
	return os.Remove(path)
}
