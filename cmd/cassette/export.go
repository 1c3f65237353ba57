package main

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/cassettes/library"
	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/curl"
	"github.com/wiretape/wiretape/internal/har"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/usage"
)

// exporting is what an export is asked for.
type exporting struct{ format, to string }

func exportCommand() subcommand {
	var o exporting
	fs := pflag.NewFlagSet("cassette export", pflag.ContinueOnError)
	fs.StringVar(&o.format, "as", "har", "write `FORMAT`: har or curl")
	fs.StringVar(&o.to, "to", "", "let curl ask the server at `ADDR`, not the recorded one")
	usage.Values(fs, "as", "har", "curl")
	return subcommand{run: o.run, Program: &usage.Program{
		Name:     "cassette export",
		Summary:  "write a cassette in another format",
		Synopsis: []string{"cassette export [--as har|curl] [--to ADDR] CASSETTE|library:NAME"},
		About: `
Writes an HTTP archive (HAR 1.2) to standard output, which browsers and many
tools read; chunks, reads and streams, for which HAR has no place, stand under
its keys _wiretape, by which cassette import makes the same cassette of it again.
Or a shell script of curl commands that send the recorded requests.`,
		Flags: fs,
		Args:  usage.File,
		Examples: []usage.Example{
			{Says: "look at a recording in a browser's network panel", Line: "cassette export pull.yaml >pull.har"},
			{Says: "ask another engine the same", Line: "cassette export --as curl --to /var/run/docker.sock pull.yaml | sh"},
		},
	}}
}

// run exports a cassette.
func (o *exporting) run(_ context.Context, args []string, stdout io.Writer, m *messages.Printer) error {
	switch {
	case len(args) > 1:
		return usage.Errorf("cassette export: unexpected argument %q: it takes one cassette", args[1])
	case o.format != "har" && o.format != "curl":
		return usage.Errorf("--as: %q is neither har nor curl", o.format)
	case o.to != "" && o.format != "curl":
		return usage.Errorf("--to goes with --as curl")
	}
	all, err := catalog.Catalog{Library: library.FS}.Open(args...)
	if err != nil {
		return err
	}
	defer catalog.Close(all)
	if len(all) > 1 {
		return usage.Errorf("cassette export: %s holds %d cassettes: it takes one", args[0], len(all))
	}
	w := bufio.NewWriter(stdout)
	if o.format == "har" {
		err = exportHAR(w, all[0], m)
	} else {
		err = o.curl(w, all[0], m)
	}
	if err != nil {
		return err
	}
	return w.Flush()
}

// exportHAR writes an archive, and says what it lacks.
func exportHAR(w io.Writer, c *cassettes.Cassette, m *messages.Printer) error {
	skipped, err := har.Write(w, c)
	if err != nil {
		return err
	}
	warnStreams(skipped.Streams, m)
	if len(skipped.Bodies) > 0 {
		m.Log().Warn("bodies are left out, because they are too large for an archive",
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
		server = s // else it is no address, or not known: Host tells
	}
	skipped, err := curl.Write(w, c, server)
	warnStreams(skipped, m)
	return err
}

func warnStreams(ids []int, m *messages.Printer) {
	if len(ids) > 0 {
		m.Log().Warn("what is no exchange is left out", "interactions", fmt.Sprint(ids))
	}
}
