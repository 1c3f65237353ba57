// Package usage describes a command line once and renders it three times: as
// the text of --help, as a man page and as shell completions.
//
//	p := &usage.Program{Name: "play", Flags: pflag.NewFlagSet("play", pflag.ContinueOnError)}
//	p.Flags.String("listen", "", "listen on `ADDR`")
//	done, err := p.Parse(args, os.Stdout)
package usage

import (
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/pflag"
)

// Program describes a command, or one subcommand of a command.
type Program struct {
	Name     string   // what is typed: "record", "cassette show"
	Summary  string   // one line, without a full stop
	Synopsis []string // the ways to call it
	About    string   // what it does: paragraphs, separated by empty lines
	Flags    *pflag.FlagSet
	Commands []*Program // subcommands
	Topics   []Topic    // further sections of the text
	Examples []Example
	Exit     []Status
	// Args says what positional arguments are: File, or nothing to complete.
	Args Kind
}

// Topic is a section of its own in the help text and the man page.
type Topic struct{ Title, Text string }

// Example is a command line and what it is good for.
type Example struct{ Says, Line string }

// Status is an exit status, as it is printed, and what it means.
type Status struct{ Code, Meaning string }

// Error says that a command line is wrong. The exit status is 2.
type Error struct{ Err error }

// Error returns what is wrong.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an Error.
func Errorf(format string, args ...any) error {
	return &Error{fmt.Errorf(format, args...)}
}

// Names of the flags that every program has; the last two are not shown.
const (
	flagHelp       = "help"
	flagVersion    = "version"
	flagCompletion = "completion"
	flagMan        = "man"
)

// Parse parses args with p.Flags, to which it adds --help, --version,
// --completion SHELL and --man. Where one of these is asked for, it writes the
// answer to stdout and reports done. All errors are of type *Error, but for
// those of writing.
func (p *Program) Parse(args []string, stdout io.Writer) (done bool, err error) {
	p.addStandard()
	if err := p.Flags.Parse(args); err != nil {
		return false, &Error{err}
	}
	text, asked, err := p.answer()
	if err != nil || !asked {
		return false, err
	}
	_, err = io.WriteString(stdout, text)
	return true, err
}

// addStandard adds the flags that every program has.
func (p *Program) addStandard() {
	fs := p.Flags
	if fs.Lookup(flagHelp) != nil {
		return
	}
	fs.SortFlags = false
	fs.Usage = func() {} // errors are the caller's to print
	fs.BoolP(flagHelp, "h", false, "show this text")
	fs.Bool(flagVersion, false, "show the version")
	fs.String(flagCompletion, "", "print completions for `SHELL`")
	fs.Bool(flagMan, false, "print the manual page")
	Values(fs, flagCompletion, shells...)
	for _, name := range []string{flagCompletion, flagMan} {
		fs.Lookup(name).Hidden = true
	}
}

// answer returns what one of the standard flags asks for.
func (p *Program) answer() (text string, asked bool, err error) {
	fs := p.Flags
	if ok, _ := fs.GetBool(flagHelp); ok {
		return p.Help(), true, nil
	}
	if ok, _ := fs.GetBool(flagVersion); ok {
		return version(p.Name), true, nil
	}
	if ok, _ := fs.GetBool(flagMan); ok {
		return p.Man(), true, nil
	}
	if fs.Changed(flagCompletion) {
		shell, _ := fs.GetString(flagCompletion)
		text, err = p.Completion(shell)
		return text, true, err
	}
	return "", false, nil
}

// version returns the line of --version.
func version(name string) string {
	v := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		v = info.Main.Version
	}
	return name + " (wiretape) " + v + "\n"
}

// width is the width of help texts, in columns.
const width = 80

// Help returns the text of --help.
func (p *Program) Help() string {
	p.addStandard()
	var b strings.Builder
	for i, s := range p.Synopsis {
		lead := "Usage: "
		if i > 0 {
			lead = "       "
		}
		fmt.Fprintf(&b, "%s%s\n", lead, s)
	}
	fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(p.About))
	if len(p.Commands) > 0 {
		b.WriteString("\nCommands:\n")
		for _, c := range p.Commands {
			fmt.Fprintf(&b, "  %-8s %s\n", c.last(), c.Summary)
		}
	}
	fmt.Fprintf(&b, "\nFlags:\n%s", p.Flags.FlagUsagesWrapped(width))
	for _, t := range p.Topics {
		fmt.Fprintf(&b, "\n%s:\n%s\n", t.Title, indent(t.Text))
	}
	if len(p.Exit) > 0 {
		b.WriteString("\nExit status:\n")
		for _, s := range p.Exit {
			fmt.Fprintf(&b, "  %-4s %s\n", s.Code, s.Meaning)
		}
	}
	if len(p.Examples) > 0 {
		b.WriteString("\nExamples:\n")
		for i, e := range p.Examples {
			if i > 0 {
				b.WriteByte('\n')
			}
			fmt.Fprintf(&b, "  # %s\n  %s\n", e.Says, strings.ReplaceAll(e.Line, "\n", "\n  "))
		}
	}
	return b.String()
}

// last returns the last word of p's name: a subcommand as it is typed.
func (p *Program) last() string {
	return p.Name[strings.LastIndexByte(p.Name, ' ')+1:]
}

// indent indents every line of s that is not empty by two spaces.
func indent(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i, l := range lines {
		if l != "" {
			lines[i] = "  " + l
		}
	}
	return strings.Join(lines, "\n")
}
