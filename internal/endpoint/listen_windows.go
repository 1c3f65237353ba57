package endpoint

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// bindUnix listens on path. Windows gives the socket file the access rights of
// its folder.
func bindUnix(path string) (*unixListener, error) {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		if _, missing := os.Stat(filepath.Dir(path)); errors.Is(missing, os.ErrNotExist) {
			return nil, fmt.Errorf("folder %q does not exist", filepath.Dir(path))
		}
		return nil, reason(err)
	}
	l.SetUnlinkOnClose(false) // unixListener removes the file, if it is still its own
	file, err := os.Lstat(path)
	if err != nil {
		l.Close()
		return nil, err
	}
	return &unixListener{UnixListener: l, path: path, file: file}, nil
}
