package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/internal/edit"
	"github.com/wiretape/wiretape/internal/usage"
)

// keeping holds the flags of cassette keep and cassette drop.
type keeping struct {
	selecting
	output    string
	overwrite bool
	drop      bool
}

func (t *tool) keepCommand() *cobra.Command {
	return (&keeping{}).command(&cobra.Command{
		Use:   "keep SELECTION... [--output FILE] CASSETTE|DIR...",
		Short: "remove all interactions except the selected ones",
		Long:  "Removes all interactions except the selected ones from cassettes.",
		Example: `
  # copy the pulls of a long recording to a cassette of their own
  cassette keep --path 'POST /v*/images/create' --output pulls.yaml run.yaml
`,
	})
}

func (t *tool) dropCommand() *cobra.Command {
	return (&keeping{drop: true}).command(&cobra.Command{
		Use:   "drop SELECTION... [--output FILE] CASSETTE|DIR...",
		Short: "remove the selected interactions",
		Long:  "Removes the selected interactions from cassettes.",
		Example: `
  # remove the pings from a recording
  cassette drop --path /_ping run.yaml
`,
	})
}

// command completes the description of keep or drop.
func (k *keeping) command(c *cobra.Command) *cobra.Command {
	c.Long += `

The remaining interactions are numbered from 0. Their bodies beside the cassette
are kept, the others removed. In a cassette that go-vcr wrote, the lines of the
remaining interactions stay as they are. A cassette changes when its new text is
complete, or not at all. The command prints how many interactions remain and how
many are gone. If no interaction of a cassette is selected, the command fails and
does not change this cassette; drop fails only if none is selected in any of them.`
	c.Annotations = map[string]string{usage.More: aboutSelection}
	c.RunE = func(c *cobra.Command, args []string) error { return k.run(args, c.OutOrStdout()) }
	k.addFlags(c)
	c.Flags().StringVarP(&k.output, "output", "o", "", "write to `FILE` and leave the cassette as it is")
	c.Flags().BoolVar(&k.overwrite, "overwrite", false, "replace FILE if it exists")
	return c
}

// run keeps or drops interactions of the cassettes of the given names.
func (k *keeping) run(names []string, stdout io.Writer) error {
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
	var none error // of the first cassette in which drop finds nothing
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

// name returns the name of the command.
func (k *keeping) name() string {
	if k.drop {
		return "drop"
	}
	return "keep"
}

// copy writes the remaining interactions of a cassette to another.
func (k *keeping) copy(names []string, sel *edit.Selection, stdout io.Writer) error {
	if err := oneOutput(k.name(), k.output, names); err != nil {
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
