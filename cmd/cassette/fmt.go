package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/usage"
)

// formatting holds the flags of cassette fmt.
type formatting struct{ from string }

func (t *tool) fmtCommand() *cobra.Command {
	var f formatting
	c := &cobra.Command{
		Use:   "fmt [--from wire|vcr] CASSETTE|DIR...",
		Short: "rewrite edited cassettes in the canonical layout",
		Long: `
Rewrites cassettes in the canonical layout, and prints the names of the files
that changed. The heads under wire and the bodies in go-vcr's blocks count: fmt
derives lengths, sizes and all other values from them. If it is not clear which
value counts, the file stays as it is, and the error names the line.

With --from vcr go-vcr's blocks count, and fmt derives the heads from them. It
turns a cassette that go-vcr wrote into one of wiretape's.`,
		Example: `
  # a body was edited by hand
  cassette fmt pull.yaml

  # a status or header was edited in go-vcr's block
  cassette fmt --from vcr pull.yaml
`,
		RunE: func(c *cobra.Command, args []string) error { return f.run(args, c.OutOrStdout(), t.printer()) },
	}
	c.Flags().StringVar(&f.from, "from", "wire", "derive the rest from `BLOCKS`: wire, the heads under wire; or vcr, the blocks that go-vcr reads")
	usage.Values(c, "from", "wire", "vcr")
	return c
}

// run formats the cassettes of the given names.
func (f *formatting) run(names []string, stdout io.Writer, m *messages.Printer) error {
	format := cassettes.Format
	switch f.from {
	case "wire":
	case "vcr":
		format = cassettes.FormatFromVCR
	default:
		return usage.Errorf("--from: %q: want wire or vcr", f.from)
	}
	return onDisk(names, func(path string) error {
		if f.from == "vcr" {
			warnConversion(path, m)
		}
		changed, err := format(path)
		if err != nil || !changed {
			return err
		}
		_, err = fmt.Fprintln(stdout, path)
		return err
	})
}

// warnConversion warns of the parts of a cassette of go-vcr's that one of ours
// cannot hold.
func warnConversion(path string, m *messages.Printer) {
	c, err := cassettes.OpenFile(path)
	if err != nil {
		return // fmt says why
	}
	defer c.Close()
	catalog.WarnLost(c, m.Log())
	for i := range c.Len() {
		if c.IsGoVCRs() && strings.HasPrefix(c.Entry(i).URL, "https://") {
			m.Log().Warn("go-vcr will read http in place of https, and no forms: keep a copy if go-vcr is to play the cassette", "cassette", path)
			return
		}
	}
}
