package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/edit"
	"github.com/wiretape/wiretape/internal/usage"
)

// merging holds the flags of cassette merge.
type merging struct {
	output    string
	overwrite bool
}

func (t *tool) mergeCommand() *cobra.Command {
	var o merging
	c := &cobra.Command{
		Use:   "merge --output FILE CASSETTE|DIR|library:NAME...",
		Short: "make one cassette of several",
		Long: `
Writes the interactions of several cassettes, one cassette after the other, with
their bodies to a new one, and numbers them from 0. The interactions of each
cassette stay a session of their own. Cassettes whose redaction rules or wire.match
blocks differ cannot be merged. If they were recorded from several daemons, the
new cassette names none. Cassettes that go-vcr wrote can be merged with each
other, and their interactions stay as they are. The command prints the number of
interactions.`,
		Example: `
  # put the cassettes of a test into one file
  cassette merge --output all.yaml pull.yaml run.yaml
`,
		RunE: func(c *cobra.Command, args []string) error { return o.run(args, c.OutOrStdout()) },
	}
	c.Flags().StringVarP(&o.output, "output", "o", "", "write the cassette to `FILE`")
	c.Flags().BoolVar(&o.overwrite, "overwrite", false, "replace FILE if it exists")
	return c
}

// run merges cassettes.
func (o *merging) run(names []string, stdout io.Writer) error {
	if o.output == "" {
		return usage.Errorf("cassette merge: --output is missing: give the file to write")
	}
	all, err := places.Open(names...)
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
	tags := ""
	if !edit.SameSalts(all) {
		tags = ", without the tags of masked secrets: the cassettes have different salts"
	}
	_, err = fmt.Fprintf(stdout, "%s: %d interactions%s\n", o.output, n, tags)
	return err
}
