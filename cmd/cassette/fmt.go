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

// formatting is what fmt is asked for.
type formatting struct{ from string }

func formatCommand() subcommand {
	var f formatting
	fs := pflag.NewFlagSet("cassette fmt", pflag.ContinueOnError)
	fs.StringVar(&f.from, "from", "wire", "take as the truth what `WHO` reads: wire, the heads under wire; or vcr, the\nblocks that go-vcr reads")
	usage.Values(fs, "from", "wire", "vcr")
	return subcommand{run: f.run, Program: &usage.Program{
		Name:     "cassette fmt",
		Summary:  "bring edited cassettes into order",
		Synopsis: []string{"cassette fmt [--from wire|vcr] CASSETTE|DIR..."},
		About: `
Rewrites cassettes in the canonical layout, and prints the names of those that
this changed. The heads under wire and the bodies in go-vcr's blocks are the
truth: all that follows from them, lengths and sizes say, is derived again. In
doubt a cassette is left as it is, and the error says where.

With --from vcr go-vcr's blocks are the truth, and heads are made to say the
same; a cassette that go-vcr wrote becomes one of ours.`,
		Flags: fs,
		Args:  usage.File,
		Examples: []usage.Example{
			{Says: "after a body was edited by hand", Line: "cassette fmt pull.yaml"},
			{Says: "after a status or header was, where go-vcr reads it", Line: "cassette fmt --from vcr pull.yaml"},
		},
	}}
}

// run formats the cassettes of the given names.
func (f *formatting) run(_ context.Context, names []string, stdout io.Writer, _ *messages.Printer) error {
	format := cassettes.Format
	switch f.from {
	case "wire":
	case "vcr":
		format = cassettes.FormatFromVCR
	default:
		return usage.Errorf("--from: %q is neither wire nor vcr", f.from)
	}
	return onDisk(names, func(path string) error {
		changed, err := format(path)
		if err != nil || !changed {
			return err
		}
		_, err = fmt.Fprintln(stdout, path)
		return err
	})
}
