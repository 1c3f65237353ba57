// Command cassette shows, checks, edits, imports and exports cassettes.
package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/cassettes/library"
	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/usage"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Exit statuses.
const (
	statusFailed = 1 // the command failed, or verify, scan or diff found something
	statusUsage  = 2
)

// subcommands returns the commands in the order of the help text. A new one is a
// file of its own, named after it as diff.go is, and a line here.
func (t *tool) subcommands() []*cobra.Command {
	return []*cobra.Command{
		t.showCommand(), t.verifyCommand(), t.fmtCommand(), t.scanCommand(),
		t.keepCommand(), t.dropCommand(), t.splitCommand(), t.mergeCommand(), t.diffCommand(),
		t.importCommand(), t.exportCommand(),
	}
}

// tool is the part of a command line that all subcommands share.
type tool struct {
	stderr   io.Writer
	messages messages.Options
}

// printer returns the printer of messages. It is complete once the flags are
// parsed.
func (t *tool) printer() *messages.Printer { return messages.New("cassette", t.stderr, t.messages) }

// places finds cassettes.
var places = catalog.Catalog{Library: library.FS}

// errFound ends a check that found and printed a difference or a flaw.
var errFound = errors.New("found something")

// run is main without globals. It returns the exit status.
func run(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) int {
	t := &tool{stderr: stderr}
	err := usage.Execute(ctx, t.command(), args, stdout)
	if err == nil {
		return 0
	}
	if errors.Is(err, errFound) {
		return statusFailed
	}
	wrong, ok := errors.AsType[*usage.Error](err)
	if !ok {
		t.printer().Error(err)
		return statusFailed
	}
	if wrong.Hint() == "" {
		err = messages.WithHint(err, "cassette --help lists the commands, cassette COMMAND --help their flags")
	}
	t.printer().Error(err)
	return statusUsage
}

// command returns cassette as a whole.
func (t *tool) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "cassette COMMAND [flags] CASSETTE...",
		Short: "show, check and edit recorded cassettes",
		Long: `
Works on the cassettes of record, and on those of go-vcr. A CASSETTE is a file, a
folder of *.yaml files, or library:NAME, a cassette that comes with wiretape.`,
		Example: `
  # how does a pull look on the wire?
  cassette show --frames library:docker/v1.41/pull

  # make a new cassette of some requests of a long recording
  cassette keep --path 'POST /v*/images/create' --output pulls.yaml run.yaml

  # what is new in this recording of a pull?
  cassette diff --volatile old.yaml new.yaml

  # turn a cassette of Ruby's VCR into one that replay serves
  cassette import --output pull.yaml spec/vcr/pull.yml

  # complete commands and flags in this shell
  source <(cassette completion bash)
`,
		Annotations: map[string]string{usage.More: `
Exit status:
  0  success
  1  the command failed, or verify, scan or diff found something
  2  the command line is wrong
`},
		RunE: usage.UnknownCommand,
	}
	for _, c := range t.subcommands() {
		t.messages.AddFlags(c)
		c.ValidArgsFunction = usage.CassetteArgs(places.Names)
		c.PreRunE = t.check
		root.AddCommand(c)
	}
	return root
}

// check refuses a command line that no subcommand accepts.
func (t *tool) check(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage.Errorf("%s: no cassette is given", c.CommandPath())
	}
	return t.messages.Check()
}
