package main

import (
	"context"
	"io"

	"github.com/spf13/pflag"

	"github.com/wiretape/wiretape/cassettes/library"
	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/compare"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/usage"
)

// differing is what diff is asked for.
type differing struct{ volatile bool }

func diffCommand() subcommand {
	var d differing
	fs := pflag.NewFlagSet("cassette diff", pflag.ContinueOnError)
	fs.BoolVar(&d.volatile, "volatile", false, "hide times, dates, and ids and tokens that a server issued")
	return subcommand{run: d.run, Program: &usage.Program{
		Name:     "cassette diff",
		Summary:  "show what changed between two recordings of a flow",
		Synopsis: []string{"cassette diff [--volatile] CASSETTE CASSETTE"},
		About: `
Prints what differs between two cassettes: requests that are in one alone, and of
those in both status, fields, bodies, JSON by path, and framing. Requests are the
same when method, path and query are; ids in the path and the API version before
it may differ. It prints nothing, and ends with 0, where nothing differs.`,
		Flags: fs,
		Args:  usage.File,
		Examples: []usage.Example{
			{Says: "what is new in a pull?", Line: "cassette diff --volatile library:docker/v1.24/pull library:docker/v1.41/pull"},
		},
	}}
}

// run compares two cassettes.
func (d *differing) run(_ context.Context, names []string, stdout io.Writer, _ *messages.Printer) error {
	all, err := catalog.Catalog{Library: library.FS}.Open(names...)
	if err != nil {
		return err
	}
	defer catalog.Close(all)
	if len(all) != 2 {
		return usage.Errorf("cassette diff: want two cassettes, found %d", len(all))
	}
	found, err := compare.Cassettes(all[0], all[1], compare.Options{Volatile: d.volatile})
	if err != nil || found.None() {
		return err
	}
	if err := found.Print(stdout); err != nil {
		return err
	}
	return errFound
}
