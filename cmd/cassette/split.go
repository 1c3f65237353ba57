package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/internal/edit"
	"github.com/wiretape/wiretape/internal/usage"
)

// splitting holds the flags of cassette split.
type splitting struct {
	selecting
	output    string
	overwrite bool
}

func (t *tool) splitCommand() *cobra.Command {
	var s splitting
	c := &cobra.Command{
		Use:   "split SELECTION... --output FILE CASSETTE",
		Short: "move the selected interactions to a new cassette",
		Long: `
Moves the selected interactions, with their bodies, from a cassette to a new one,
and numbers the interactions of both from 0. Each of the two files changes when
its new text is complete. The command prints how many interactions moved and how
many stayed.`,
		Example: `
  # the interactions from 40 on belong to another test
  cassette split --id 40- --output second.yaml first.yaml
`,
		Annotations: map[string]string{usage.More: aboutSelection},
		RunE:        func(c *cobra.Command, args []string) error { return s.run(args, c.OutOrStdout()) },
	}
	s.addFlags(c)
	c.Flags().StringVarP(&s.output, "output", "o", "", "move the selected interactions to `FILE`")
	c.Flags().BoolVar(&s.overwrite, "overwrite", false, "replace FILE if it exists")
	return c
}

// run splits a cassette.
func (s *splitting) run(names []string, stdout io.Writer) error {
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
