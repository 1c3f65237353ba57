package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"github.com/wiretape/wiretape/internal/edit"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/usage"
)

// keeping is what keep or drop is asked for.
type keeping struct {
	selecting
	output    string
	overwrite bool
	drop      bool
}

func keepCommand() subcommand {
	return (&keeping{}).command("keep", "take out all interactions but the selected ones",
		"Takes all interactions out of cassettes but the selected ones.", []usage.Example{
			{Says: "the pulls of a long recording, in a cassette of their own", Line: "cassette keep --path 'POST /v*/images/create' --output pulls.yaml run.yaml"},
		})
}

func dropCommand() subcommand {
	return (&keeping{drop: true}).command("drop", "take out the selected interactions",
		"Takes the selected interactions out of cassettes.", []usage.Example{
			{Says: "a recording without its pings", Line: "cassette drop --path /_ping run.yaml"},
		})
}

// command describes keep or drop.
func (k *keeping) command(name, summary, about string, examples []usage.Example) subcommand {
	fs := pflag.NewFlagSet("cassette "+name, pflag.ContinueOnError)
	k.addFlags(fs)
	fs.StringVarP(&k.output, "output", "o", "", "write to `FILE` and leave the cassette as it is")
	fs.BoolVar(&k.overwrite, "overwrite", false, "replace FILE where it is there")
	usage.Complete(fs, "output", usage.File)
	return subcommand{run: k.run, Program: &usage.Program{
		Name:     "cassette " + name,
		Summary:  summary,
		Synopsis: []string{"cassette " + name + " SELECTION... [--output FILE] CASSETTE|DIR..."},
		About: about + `

What is left is numbered anew, from 0; bodies beside a cassette go with their
interactions. A cassette changes at once, when all is written, or not at all. It
prints how many interactions are left and how many went. That a selection means
no interaction is an error, and changes nothing; drop takes it of one cassette of
several.`,
		Flags:    fs,
		Topics:   []usage.Topic{selectTopic},
		Args:     usage.File,
		Examples: examples,
	}}
}

// run keeps or drops interactions of the cassettes of the given names.
func (k *keeping) run(_ context.Context, names []string, stdout io.Writer, _ *messages.Printer) error {
	sel, err := k.selection()
	if err != nil {
		return err
	}
	if k.output != "" {
		return k.copy(names, sel, stdout)
	}
	change, done := edit.Keep, 0
	if k.drop {
		change = edit.Drop
	}
	var none error // of the first cassette that drop finds nothing in
	err = onDisk(names, func(path string) error {
		kept, gone, err := change(path, sel.Has)
		if k.drop && errors.Is(err, edit.ErrNone) {
			none = cmp.Or(none, err)
			return nil
		}
		if err != nil {
			return err
		}
		done++
		_, err = fmt.Fprintf(stdout, "%s: %d kept, %d gone\n", path, kept, gone)
		return err
	})
	if err == nil && done == 0 {
		err = none
	}
	return err
}

// copy writes what is left of a cassette to another.
func (k *keeping) copy(names []string, sel *edit.Selection, stdout io.Writer) error {
	if err := oneOutput("keep", k.output, names); err != nil {
		return err
	}
	change := edit.CopyKept
	if k.drop {
		change = edit.CopyDropped
	}
	n, err := change(names[0], k.output, k.overwrite, sel.Has)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %d interactions\n", k.output, n)
	return err
}
