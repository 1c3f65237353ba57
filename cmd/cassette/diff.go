package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/compare"
	"github.com/wiretape/wiretape/internal/usage"
)

// differing holds the flags of cassette diff.
type differing struct{ volatile bool }

func (t *tool) diffCommand() *cobra.Command {
	var d differing
	c := &cobra.Command{
		Use:   "diff [--volatile] CASSETTE CASSETTE",
		Short: "show the differences between two recordings of a flow",
		Long: `
Prints the differences between two cassettes: requests that only one of them has,
and for the others status, fields, bodies (JSON by path) and framing. Two requests
are the same if method, path and query agree; ids in the path and its API version
may differ. It prints nothing and exits with 0 if there is no difference.`,
		Example: `
  # what is new in a pull?
  cassette diff --volatile library:docker/v1.24/pull library:docker/v1.41/pull
`,
		RunE: func(c *cobra.Command, args []string) error { return d.run(args, c.OutOrStdout()) },
	}
	c.Flags().BoolVar(&d.volatile, "volatile", false, "hide times, dates, and ids and tokens that a server issued")
	return c
}

// run compares two cassettes.
func (d *differing) run(names []string, stdout io.Writer) error {
	all, err := places.Open(names...)
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
