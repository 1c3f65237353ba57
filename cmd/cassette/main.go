// Command cassette shows, checks and tidies cassettes.
package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/spf13/pflag"

	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/usage"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Exit statuses.
const (
	statusFailed = 1 // also: verify or scan found something
	statusUsage  = 2
)

// subcommand is one of cassette's commands: its description, and what it
// does with its arguments.
type subcommand struct {
	*usage.Program
	run func(ctx context.Context, args []string, stdout io.Writer, m *messages.Printer) error
}

// subcommands returns cassette's commands.
func subcommands() []subcommand {
	return []subcommand{
		showCommand(), verifyCommand(), formatCommand(), scanCommand(),
		keepCommand(), dropCommand(), splitCommand(), mergeCommand(), diffCommand(),
		importCommand(), exportCommand(),
	}
}

// errFound says that a check found something, which is printed already.
var errFound = errors.New("found something")

// run is main with all that it touches given to it. It returns the exit
// status.
func run(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) int {
	var options messages.Options
	all := subcommands()
	err := dispatch(ctx, all, args, stdout, stderr, &options)
	m := messages.New("cassette", stderr, options)
	var wrong *usage.Error
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errFound):
		return statusFailed
	case errors.As(err, &wrong):
		m.Error(messages.WithHint(err, "cassette --help shows the commands, cassette COMMAND --help their flags"))
		return statusUsage
	}
	m.Error(err)
	return statusFailed
}

// dispatch runs the subcommand that args name.
func dispatch(ctx context.Context, all []subcommand, args []string, stdout, stderr io.Writer, o *messages.Options) error {
	top := program(all)
	top.Flags.SetInterspersed(false)
	if done, err := top.Parse(args, stdout); done || err != nil {
		return err
	}
	if top.Flags.NArg() == 0 {
		return usage.Errorf("no command is given")
	}
	name := top.Flags.Arg(0)
	for _, c := range all {
		if c.Name != "cassette "+name {
			continue
		}
		o.AddFlags(c.Flags)
		done, err := c.Parse(top.Flags.Args()[1:], stdout)
		if done || err != nil {
			return err
		}
		if err := o.Check(); err != nil {
			return err
		}
		if c.Flags.NArg() == 0 {
			return usage.Errorf("%s: no cassette is given", c.Name)
		}
		return c.run(ctx, c.Flags.Args(), stdout, messages.New("cassette", stderr, *o))
	}
	return usage.Errorf("unknown command %q", name)
}

// program describes cassette as a whole.
func program(all []subcommand) *usage.Program {
	p := &usage.Program{
		Name:     "cassette",
		Summary:  "show, check and tidy recorded cassettes",
		Synopsis: []string{"cassette COMMAND [flags] CASSETTE..."},
		About:    "Works on cassettes that record wrote. A CASSETTE is a file or a folder of *.yaml.",
		Flags:    pflag.NewFlagSet("cassette", pflag.ContinueOnError),
		Exit: []usage.Status{
			{Code: "0", Meaning: "fine"},
			{Code: "1", Meaning: "it failed, or verify, scan or diff found something"},
			{Code: "2", Meaning: "the command line is wrong"},
		},
	}
	for _, c := range all {
		p.Commands = append(p.Commands, c.Program)
		p.Examples = append(p.Examples, c.Examples...)
	}
	return p
}
