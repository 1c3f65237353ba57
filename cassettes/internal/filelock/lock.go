package filelock

import (
	"errors"
	"os"
	"path/filepath"
)

// ErrBusy is returned if another process, or another part of this one, has the
// lock.
var ErrBusy = errors.New("another record is writing it")

// Open opens the file name in root and locks it until it is closed. It returns
// ErrBusy if the file was replaced before the lock was had.
func Open(root *os.Root, name string, flag int) (*os.File, error) {
	f, err := root.OpenFile(name, flag, 0)
	if err != nil {
		return nil, err
	}
	err = Lock(f)
	if err == nil && !StandsAt(root, name, f) {
		err = ErrBusy // it has just been replaced
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// OpenPath opens the file at path and locks it until it is closed; see Open.
func OpenPath(path string) (*os.File, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return Open(root, filepath.Base(path), os.O_RDONLY)
}

// StandsAt reports whether f is still the file of that name in root.
func StandsAt(root *os.Root, name string, f *os.File) bool {
	there, err1 := root.Stat(name)
	mine, err2 := f.Stat()
	return err1 == nil && err2 == nil && os.SameFile(there, mine)
}
