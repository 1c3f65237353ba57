package main

import (
	"fmt"
	"strings"

	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/usage"
)

// onDisk calls f with the path of every cassette that names stand for.
func onDisk(names []string, f func(path string) error) error {
	for _, name := range names {
		if strings.HasPrefix(name, catalog.Prefix) {
			return fmt.Errorf("%s: cassettes of the library cannot be changed: cassette merge --output FILE makes a copy", name)
		}
		paths, err := catalog.Paths(name)
		if err != nil {
			return err
		}
		for _, p := range paths {
			if err := f(p); err != nil {
				return catalog.SuggestImport(p, err)
			}
		}
	}
	return nil
}

// oneOutput checks the arguments of a command that reads one file and writes
// another.
func oneOutput(command, output string, args []string) error {
	switch {
	case output == "":
		return usage.Errorf("cassette %s: --output is missing: give the file to write", command)
	case len(args) > 1:
		return usage.Errorf("cassette %s: unexpected argument %q: want one file", command, args[1])
	}
	return nil
}
