// Command testrun runs the tests of several modules and counts them. It prints
// the output of failed tests, the skipped tests with their reasons, and a last
// line with the numbers.
//
//	go run ./internal/testrun [-require] DIR... [-- GO-TEST-FLAGS...]
//
// With -require a skipped test counts as failed.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
)

func main() {
	require := flag.Bool("require", false, "a skipped test has failed")
	flag.Parse()
	if err := run(os.Stdout, flag.Args(), *require); err != nil {
		fmt.Fprintln(os.Stderr, "testrun:", err)
		os.Exit(1)
	}
}

// run runs the tests of all modules, also after one has failed, and prints the
// count. args are their folders, and after "--" flags of go test.
func run(w io.Writer, args []string, require bool) error {
	dirs, flags := args, []string(nil)
	if i := slices.Index(args, "--"); i >= 0 {
		dirs, flags = args[:i], args[i+1:]
	}
	t := tally{w: w}
	var errs []error
	for _, dir := range dirs {
		if err := t.module(dir, flags); err != nil {
			errs = append(errs, err)
		}
	}
	t.summary()
	switch {
	case require && len(t.skips) > 0:
		errs = append(errs, fmt.Errorf("%d tests were skipped, and all are required", len(t.skips)))
	case t.passed+t.failed == 0:
		errs = append(errs, errors.New("no test ran"))
	}
	return errors.Join(errs...)
}

// module runs the tests of the module at dir.
func (t *tally) module(dir string, flags []string) error {
	cmd := exec.Command("go", append([]string{"test", "-json", "./..."}, flags...)...)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	readErr := t.read(out)
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("go test in %s: %w", dir, err)
	}
	return readErr
}
