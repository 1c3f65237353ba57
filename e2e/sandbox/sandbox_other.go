//go:build !linux

package sandbox

import "errors"

var errNotLinux = errors.New("the sandbox needs Linux")

// Enter fails: namespaces are Linux's.
func Enter(outside func(dir string) error, split func() ([]Part, error)) error { return errNotLinux }

// Tmpfs fails.
func Tmpfs(dir, size string) error { return errNotLinux }

// ReadOnly fails.
func ReadOnly(dir string) error { return errNotLinux }
