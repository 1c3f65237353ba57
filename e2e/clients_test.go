package e2e

import (
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"github.com/wiretape/wiretape/e2e/engine"
)

// crane returns the path of crane, which TestMain built from its module.
func crane(t *testing.T) string {
	t.Helper()
	path := filepath.Join(scratch, "crane")
	if err := engine.Need(path); err != nil {
		skip(t, errors.Join(err, craneError))
	}
	return path
}

// craneError is the reason why there is no crane.
var craneError error

// together runs all at once and returns their errors.
func together(do ...func() error) error {
	errs := make([]error, len(do))
	var all sync.WaitGroup
	for i, f := range do {
		all.Go(func() { errs[i] = f() })
	}
	all.Wait()
	return errors.Join(errs...)
}
