package main

import (
	"bufio"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/curl"
	"github.com/wiretape/wiretape/internal/har"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/usage"
)

// exporting holds the flags of cassette export.
type exporting struct{ format, to string }

func (t *tool) exportCommand() *cobra.Command {
	var o exporting
	c := &cobra.Command{
		Use:   "export [--as har|curl] [--to ADDR] CASSETTE|library:NAME",
		Short: "write a cassette in another format",
		Long: `
Writes an HTTP archive (HAR 1.2) to standard output, for browsers and many other
tools. HAR has no place for chunks, reads and streams: they stand under keys named
_wiretape, from which cassette import makes the same cassette again. With --as
curl it writes a shell script of curl commands that send the recorded requests.`,
		Example: `
  # look at a recording in a browser's network panel
  cassette export pull.yaml >pull.har

  # send the same requests to another engine
  cassette export --as curl --to /var/run/docker.sock pull.yaml | sh
`,
		RunE: func(c *cobra.Command, args []string) error { return o.run(args, c.OutOrStdout(), t.printer()) },
	}
	c.Flags().StringVar(&o.format, "as", "har", "write `FORMAT`: har or curl")
	c.Flags().StringVar(&o.to, "to", "", "make curl send the requests to `ADDR`, not to the recorded server")
	usage.Values(c, "as", "har", "curl")
	return c
}

// run exports a cassette.
func (o *exporting) run(args []string, stdout io.Writer, m *messages.Printer) error {
	switch {
	case len(args) > 1:
		return usage.Errorf("cassette export: unexpected argument %q: want one cassette", args[1])
	case o.format != "har" && o.format != "curl":
		return usage.Errorf("--as: %q: want har or curl", o.format)
	case o.to != "" && o.format != "curl":
		return usage.Errorf("--to needs --as curl")
	}
	all, err := places.Open(args...)
	if err != nil {
		return err
	}
	defer catalog.Close(all)
	if len(all) > 1 {
		return usage.Errorf("cassette export: %s holds %d cassettes: want one", args[0], len(all))
	}
	w := bufio.NewWriter(stdout)
	export := o.curl
	if o.format == "har" {
		export = exportHAR
	}
	if err := export(w, all[0], m); err != nil {
		return err
	}
	return w.Flush()
}

// exportHAR writes an archive, and warns of interactions that it lacks.
func exportHAR(w io.Writer, c *cassettes.Cassette, m *messages.Printer) error {
	skipped, err := har.Write(w, c)
	if err != nil {
		return err
	}
	warnStreams(skipped.Streams, m)
	if len(skipped.Bodies) > 0 {
		m.Log().Warn("left out bodies that are too large for an archive",
			"interactions", fmt.Sprint(skipped.Bodies), "max", har.MaxBody)
	}
	return nil
}

// curl writes curl commands.
func (o *exporting) curl(w io.Writer, c *cassettes.Cassette, m *messages.Printer) error {
	var server curl.Server
	if o.to != "" {
		var err error
		if server, err = curl.ParseServer(o.to); err != nil {
			return usage.Errorf("--to: %w", err)
		}
	} else if s, err := curl.ParseServer(c.Header.Upstream); err == nil {
		server = s // else Host names the server
	}
	skipped, err := curl.Write(w, c, server)
	warnStreams(skipped, m)
	return err
}

func warnStreams(ids []int, m *messages.Printer) {
	if len(ids) > 0 {
		m.Log().Warn("left out connections without an exchange", "interactions", fmt.Sprint(ids))
	}
}
