package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/usage"
)

func formatCommand() subcommand {
	return subcommand{run: format, Program: &usage.Program{
		Name:     "cassette fmt",
		Summary:  "bring edited cassettes into order",
		Synopsis: []string{"cassette fmt CASSETTE|DIR..."},
		About: `
Rewrites cassettes in the canonical layout, and prints the names of those that
this changed. The heads under wire and the bodies in go-vcr's blocks are the
truth: all that follows from them, lengths and sizes say, is derived again. In
doubt a cassette is left as it is, and the error says where.`,
		Flags: pflag.NewFlagSet("cassette fmt", pflag.ContinueOnError),
		Args:  usage.File,
		Examples: []usage.Example{
			{Says: "after a body was edited by hand", Line: "cassette fmt pull.yaml"},
		},
	}}
}

// format formats the cassettes of the given names.
func format(_ context.Context, names []string, stdout io.Writer, _ *messages.Printer) error {
	return onDisk(names, func(path string) error {
		changed, err := cassettes.Format(path)
		if err != nil || !changed {
			return err
		}
		_, err = fmt.Fprintln(stdout, path)
		return err
	})
}
