package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/cassettes/library"
	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/usage"
)

// verify checks cassettes against the bytes that they hold.
type verify struct{ repair bool }

func verifyCommand() subcommand {
	var v verify
	fs := pflag.NewFlagSet("cassette verify", pflag.ContinueOnError)
	fs.BoolVar(&v.repair, "repair", false, "cut off an unfinished last item, as a killed record leaves it, and remove\nfiles beside the cassette that nothing in it refers to")
	return subcommand{run: v.run, Program: &usage.Program{
		Name:     "cassette verify",
		Summary:  "derive everything again from the recorded bytes",
		Synopsis: []string{"cassette verify [--repair] CASSETTE|DIR|library:NAME..."},
		About: `
Derives from the recorded bytes all that follows from them, and prints what
disagrees, one line each: file, line, both values. It prints nothing where all
is well.`,
		Flags: fs,
		Args:  usage.File,
		Examples: []usage.Example{
			{Says: "are these cassettes what their bytes say?", Line: "cassette verify testdata/cassettes"},
			{Says: "make a killed recording readable for go-vcr", Line: "cassette verify --repair pull.yaml"},
		},
	}}
}

// run verifies the cassettes of the given names.
func (v *verify) run(_ context.Context, names []string, stdout io.Writer, m *messages.Printer) error {
	if v.repair {
		if err := onDisk(names, func(path string) error { return mend(path, m) }); err != nil {
			return err
		}
	}
	all, err := catalog.Catalog{Library: library.FS}.Open(names...)
	if err != nil {
		return err
	}
	defer catalog.Close(all)
	wrong := 0
	for _, c := range all {
		found := cassettes.Verify(c)
		if c.Torn != nil {
			found = append(found, c.Torn)
		}
		wrong += len(found)
		for _, e := range found {
			if _, err := fmt.Fprintln(stdout, e); err != nil {
				return err
			}
		}
		if err := warnOrphans(c, m); err != nil {
			return err
		}
	}
	if wrong > 0 {
		return errFound
	}
	return nil
}

// warnOrphans warns of files that nothing refers to.
func warnOrphans(c *cassettes.Cassette, m *messages.Printer) error {
	files, err := c.Orphans()
	if err != nil {
		return err
	}
	for _, f := range files {
		m.Log().Warn("nothing in the cassette refers to this file", "cassette", c.Name, "file", f)
	}
	return nil
}

// mend repairs the cassette at path and says what it did.
func mend(path string, m *messages.Printer) error {
	cut, err := cassettes.Repair(path)
	if err != nil {
		return err
	}
	if cut != nil {
		m.Log().Info("the last item was unfinished and is cut off", "at", cut)
	}
	c, err := cassettes.OpenFile(path)
	if err != nil {
		return err
	}
	defer c.Close()
	files, err := c.Orphans()
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.Remove(filepath.Join(filepath.Dir(path), filepath.FromSlash(f))); err != nil {
			return err
		}
		m.Log().Info("nothing referred to this file, and it is removed", "cassette", path, "file", f)
	}
	return nil
}

// onDisk calls f with the path of every cassette that names stand for.
func onDisk(names []string, f func(path string) error) error {
	for _, name := range names {
		if strings.HasPrefix(name, catalog.Prefix) {
			return fmt.Errorf("%s: what comes with wiretape is not changed", name)
		}
		paths, err := catalog.Paths(name)
		if err != nil {
			return err
		}
		for _, p := range paths {
			if err := f(p); err != nil {
				return err
			}
		}
	}
	return nil
}
