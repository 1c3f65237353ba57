//go:build !linux

package sandbox

import "errors"

// Enter fails: namespaces are Linux's.
func Enter(outside func(dir string) error) error { return errors.New("the sandbox needs Linux") }
