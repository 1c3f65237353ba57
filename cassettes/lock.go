package cassettes

import (
	"errors"
	"os"
	"path/filepath"
)

// Who writes a cassette holds a lock on its file, as long as the file is open:
// it goes with the process. Readers hold none.

var (
	errBusy     = errors.New("another record is writing it")
	errReplaced = errors.New("the file was replaced or removed while it was written; " +
		"what was recorded since is not in the cassette")
)

// openLocked opens and locks the file name in root, which stands there still
// when it is locked.
func openLocked(root *os.Root, name string, flag int) (*os.File, error) {
	f, err := root.OpenFile(name, flag, 0)
	if err != nil {
		return nil, err
	}
	err = lock(f)
	if err == nil && !standsAt(root, name, f) {
		err = errBusy // it has just been replaced
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// lockPath locks the cassette at path for an edit; closing the file ends that.
func lockPath(path string) (*os.File, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return openLocked(root, filepath.Base(path), os.O_RDONLY)
}

// standsAt reports whether f is the file name in root.
func standsAt(root *os.Root, name string, f *os.File) bool {
	there, err1 := root.Stat(name)
	mine, err2 := f.Stat()
	return err1 == nil && err2 == nil && os.SameFile(there, mine)
}
