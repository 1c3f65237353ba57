package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"github.com/wiretape/wiretape/cassettes/library"
	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/edit"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/usage"
)

// splitting is what split is asked for.
type splitting struct {
	selecting
	output    string
	overwrite bool
}

func splitCommand() subcommand {
	var s splitting
	fs := pflag.NewFlagSet("cassette split", pflag.ContinueOnError)
	s.addFlags(fs)
	fs.StringVarP(&s.output, "output", "o", "", "move the selected interactions to `FILE`")
	fs.BoolVar(&s.overwrite, "overwrite", false, "replace FILE where it is there")
	usage.Complete(fs, "output", usage.File)
	return subcommand{run: s.run, Program: &usage.Program{
		Name:     "cassette split",
		Summary:  "move the selected interactions to a new cassette",
		Synopsis: []string{"cassette split SELECTION... --output FILE CASSETTE"},
		About: `
Moves the selected interactions, with their bodies, from a cassette to a new one,
and numbers those of both anew, from 0. Each of the two changes at once, when all
is written. It prints how many moved and how many stayed.`,
		Flags:  fs,
		Topics: []usage.Topic{selectTopic},
		Args:   usage.File,
		Examples: []usage.Example{
			{Says: "the interactions from 40 on are another test's", Line: "cassette split --id 40- --output second.yaml first.yaml"},
		},
	}}
}

// run splits a cassette.
func (s *splitting) run(_ context.Context, names []string, stdout io.Writer, _ *messages.Printer) error {
	sel, err := s.selection()
	if err != nil {
		return err
	}
	if err := oneOutput("split", s.output, names); err != nil {
		return err
	}
	moved, stayed, err := edit.Split(names[0], s.output, s.overwrite, sel.Has)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %d interactions\n%s: %d interactions\n", s.output, moved, names[0], stayed)
	return err
}

// merging is what merge is asked for.
type merging struct {
	output    string
	overwrite bool
}

func mergeCommand() subcommand {
	var o merging
	fs := pflag.NewFlagSet("cassette merge", pflag.ContinueOnError)
	fs.StringVarP(&o.output, "output", "o", "", "write the cassette to `FILE`")
	fs.BoolVar(&o.overwrite, "overwrite", false, "replace FILE where it is there")
	usage.Complete(fs, "output", usage.File)
	return subcommand{run: o.run, Program: &usage.Program{
		Name:     "cassette merge",
		Summary:  "make one cassette of several",
		Synopsis: []string{"cassette merge --output FILE CASSETTE|DIR|library:NAME..."},
		About: `
Writes the interactions of cassettes, one after the other, with their bodies to a
new one, and numbers them anew. What each cassette holds stays a session of its
own. Cassettes that were redacted by other rules, or have another block
wire.match, cannot be merged. Where they were recorded from several daemons, the
one made of them names none. It prints how many interactions there are.`,
		Flags: fs,
		Args:  usage.File,
		Examples: []usage.Example{
			{Says: "what the tests need, in one file", Line: "cassette merge --output all.yaml pull.yaml run.yaml"},
		},
	}}
}

// run merges cassettes.
func (o *merging) run(_ context.Context, names []string, stdout io.Writer, _ *messages.Printer) error {
	if o.output == "" {
		return usage.Errorf("cassette merge: --output is missing: the file to write")
	}
	all, err := catalog.Catalog{Library: library.FS}.Open(names...)
	if err != nil {
		return err
	}
	defer catalog.Close(all)
	if err := edit.Merge(o.output, o.overwrite, all); err != nil {
		return err
	}
	n := 0
	for _, c := range all {
		n += c.Len()
	}
	_, err = fmt.Fprintf(stdout, "%s: %d interactions\n", o.output, n)
	return err
}
