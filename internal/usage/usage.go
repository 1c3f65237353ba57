// Package usage gives a cobra command the flags, the help text and the errors
// that all commands of wiretape share.
//
//	cmd := &cobra.Command{Use: "play FILE...", Short: "play tapes", RunE: play}
//	err := usage.Execute(ctx, cmd, os.Args[1:], os.Stdout)
package usage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Error says that a command line is wrong. Its exit status is 2.
type Error struct {
	err  error
	hint string
}

// Error returns the flaw of the command line.
func (e *Error) Error() string { return e.err.Error() }

// Unwrap returns the error behind e.
func (e *Error) Unwrap() error { return e.err }

// Hint returns advice for the user, or "".
func (e *Error) Hint() string { return e.hint }

// Errorf returns an Error without a hint.
func Errorf(format string, args ...any) error {
	return &Error{err: fmt.Errorf(format, args...)}
}

// WithHint returns err as an Error with a hint.
func WithHint(err error, hint string) error { return &Error{err, hint} }

// Names of the flags that every command has; the last two are hidden.
const (
	flagHelp       = "help"
	flagVersion    = "version"
	flagCompletion = "completion"
	flagMan        = "man"
)

// errAnswered ends a run in which a flag such as --version was answered.
var errAnswered = errors.New("answered")

// Execute runs root with args, and prints the answers of --help, --version,
// --man and --completion to stdout. It returns the error of the command, or an
// Error.
func Execute(ctx context.Context, root *cobra.Command, args []string, stdout io.Writer) error {
	var failed error
	cobra.EnableCommandSorting = false // help lists commands in our order
	root.SilenceErrors, root.SilenceUsage = true, true
	root.Args = cobra.ArbitraryArgs // the command itself refuses arguments
	root.SetOut(stdout)
	root.SetErr(io.Discard)                   // cobra comments on completions there
	root.SetArgs(append([]string{}, args...)) // nil would mean os.Args
	root.SetHelpFunc(func(c *cobra.Command, _ []string) {
		_, failed = io.WriteString(stdout, Help(c))
	})
	root.SetFlagErrorFunc(flagError)
	root.PersistentPreRunE = answer
	// record and replay keep the word "completion" for a file of that name.
	root.CompletionOptions.DisableDefaultCmd = !root.HasSubCommands()
	root.SetHelpCommand(helpCommand())
	nameCompletion(root)
	addStandard(root)
	for _, c := range root.Commands() {
		addStandard(c)
	}
	err := root.ExecuteContext(context.WithValue(ctx, argsKey{}, args))
	if errors.Is(err, errAnswered) {
		return nil
	}
	return errors.Join(err, failed)
}

// nameCompletion gives cobra's command "completion" a text like the others'.
func nameCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == flagCompletion {
			c.Short = "print the completions for a shell"
			c.RunE = func(c *cobra.Command, args []string) error {
				if len(args) == 0 {
					return c.Help()
				}
				return UnknownCommand(c, args)
			}
			c.Args = cobra.ArbitraryArgs
			for _, shell := range c.Commands() {
				shell.Short = "print the completions for " + shell.Name()
			}
			c.Long = "Prints a script that completes commands, flags, values and names of cassettes.\nThe help of each shell's command says how to load it."
		}
	}
}

// addStandard adds the flags that every command has.
func addStandard(c *cobra.Command) {
	fs := c.Flags()
	fs.SortFlags = false
	fs.BoolP(flagHelp, "h", false, "print this text")
	fs.Bool(flagVersion, false, "print the version")
	fs.String(flagCompletion, "", "print the completions for `SHELL`")
	fs.Bool(flagMan, false, "print the manual page")
	Values(c, flagCompletion, shells...)
	for _, name := range []string{flagCompletion, flagMan} {
		fs.Lookup(name).Hidden = true
	}
}

// answer prints the answer to a standard flag of c, and then returns
// errAnswered, so that cobra does not run c.
func answer(c *cobra.Command, _ []string) error {
	stdout := c.OutOrStdout()
	answered := func(err error) error {
		if err != nil {
			return err
		}
		return errAnswered
	}
	if on, _ := c.Flags().GetBool(flagVersion); on {
		_, err := fmt.Fprintf(stdout, "%s (wiretape) %s\n", c.CommandPath(), version())
		return answered(err)
	}
	if on, _ := c.Flags().GetBool(flagMan); on {
		_, err := io.WriteString(stdout, Man(c))
		return answered(err)
	}
	if shell, _ := c.Flags().GetString(flagCompletion); c.Flags().Changed(flagCompletion) {
		return answered(completion(c.Root(), shell, stdout))
	}
	return nil
}

// version returns the version of the module that the program was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// helpCommand returns the subcommand help, which refuses an unknown name as the
// command line itself does.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "print the help of a command",
		RunE: func(c *cobra.Command, args []string) error {
			found, rest, err := c.Root().Find(args)
			if err == nil && len(rest) > 0 {
				return UnknownCommand(c.Root(), rest)
			}
			if err == nil {
				err = found.Help()
			}
			return err
		},
	}
}

// UnknownCommand is the RunE of a command that has subcommands alone: it refuses
// a missing or misspelt one.
func UnknownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return Errorf("no command is given")
	}
	err := fmt.Errorf("unknown command %q", args[0])
	return &Error{err, didYouMean(c, args[0], c.CommandPath()+" ")}
}

// didYouMean returns the hint that names the commands of c nearest to name: one
// letter away or, if there is none, two.
func didYouMean(c *cobra.Command, name, lead string) string {
	for c.SuggestionsMinimumDistance = 1; c.SuggestionsMinimumDistance <= 2; c.SuggestionsMinimumDistance++ {
		if near := c.SuggestionsFor(name); len(near) > 0 {
			return "did you mean " + lead + strings.Join(near, ", or "+lead) + "?"
		}
	}
	return ""
}

// flagError returns the Error for a flag of c that pflag refused.
func flagError(c *cobra.Command, err error) error {
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok && e.GetSpecifiedShortnames() == "" {
		return &Error{err, didYouMean(flagsAsCommands(c), e.GetSpecifiedName(), "--")}
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return Errorf("--%s: %w", e.GetFlag().Name, e.Unwrap())
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		value, _ := pflag.UnquoteUsage(e.GetFlag())
		return Errorf("--%s needs a value: %s", e.GetFlag().Name, value)
	}
	return &Error{err: err}
}

// flagsAsCommands returns a command that has the flags of c as subcommands,
// because cobra finds near names of commands alone.
func flagsAsCommands(c *cobra.Command) *cobra.Command {
	all := &cobra.Command{}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			all.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
		}
	})
	return all
}
