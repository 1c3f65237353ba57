package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/messages"
)

// verify holds the flags of cassette verify.
type verify struct{ repair bool }

func (t *tool) verifyCommand() *cobra.Command {
	var v verify
	c := &cobra.Command{
		Use:   "verify [--repair] CASSETTE|DIR|library:NAME...",
		Short: "check a cassette against its recorded bytes",
		Long: `
Derives the values in a cassette again from its recorded bytes, and prints one line
for each difference: file, line, both values. It prints nothing if there is none.`,
		Example: `
  # do these cassettes agree with their bytes?
  cassette verify testdata/cassettes

  # make a recording that was killed readable for go-vcr
  cassette verify --repair pull.yaml
`,
		RunE: func(c *cobra.Command, args []string) error { return v.run(args, c.OutOrStdout(), t.printer()) },
	}
	c.Flags().BoolVar(&v.repair, "repair", false, "cut off an incomplete last interaction, which a killed record leaves, and remove files beside the cassette that it does not refer to")
	return c
}

// run verifies the cassettes of the given names.
func (v *verify) run(names []string, stdout io.Writer, m *messages.Printer) error {
	if v.repair {
		if err := onDisk(names, func(path string) error { return mend(path, m) }); err != nil {
			return err
		}
	}
	wrong := 0
	for c, err := range places.Each(names...) {
		n, err := report(c, err, stdout, m)
		if err != nil {
			return err
		}
		wrong += n
	}
	if wrong > 0 {
		return errFound
	}
	return nil
}

// report prints a line for each error of a cassette, and returns the number of
// lines. A cassette with an error of its format cannot be opened, and has that
// one line.
func report(c *cassettes.Cassette, openErr error, stdout io.Writer, m *messages.Printer) (wrong int, err error) {
	var found []*cassettes.FormatError
	if broken, ok := errors.AsType[*cassettes.FormatError](openErr); ok {
		found = append(found, broken)
	} else if openErr != nil {
		return 0, openErr
	}
	if c != nil {
		defer c.Close()
		found = append(found, cassettes.Verify(c)...)
		if c.Torn != nil {
			found = append(found, c.Torn)
		}
		catalog.WarnLost(c, m.Log())
		if err := warnOrphans(c, m); err != nil {
			return 0, err
		}
	}
	for _, e := range found {
		if _, err := fmt.Fprintln(stdout, e); err != nil {
			return 0, err
		}
	}
	return len(found), nil
}

// warnOrphans warns of files beside c that c does not refer to.
func warnOrphans(c *cassettes.Cassette, m *messages.Printer) error {
	files, err := c.Orphans()
	if err != nil {
		return err
	}
	for _, f := range files {
		m.Log().Warn("the cassette does not refer to a file beside it", "cassette", c.Name, "file", f)
	}
	return nil
}

// mend repairs the cassette at path and prints every change.
func mend(path string, m *messages.Printer) error {
	cut, err := cassettes.Repair(path)
	if err != nil {
		return err
	}
	if cut != nil {
		m.Log().Info("cut off the incomplete last interaction", "at", cut)
	}
	c, err := cassettes.OpenFile(path)
	if err != nil {
		return err
	}
	defer c.Close()
	removed, err := c.RemoveOrphans()
	for _, f := range removed {
		m.Log().Info("removed a file that the cassette does not refer to", "cassette", path, "file", f)
	}
	return err
}
