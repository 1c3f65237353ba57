package foreground

import (
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/shell"
	"github.com/wiretape/wiretape/internal/usage"
)

// AddFlags adds --listen, --allow-remote and --env to cmd.
func (c *Config) AddFlags(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&c.Listen, "listen", "", "listen on `ADDR` (default: a private Unix socket)")
	fs.BoolVar(&c.AllowRemote, "allow-remote", false, "allow --listen to be an address that other machines reach")
	fs.StringArrayVar(&c.Env, "env", nil, "set a variable of COMMAND's environment as `NAME[=TEMPLATE]`, with {addr}, {host}, {port} and {path} replaced; NAME alone is NAME={addr}; repeatable (default DOCKER_HOST={addr})")
}

// TakeCommand takes COMMAND from the arguments of cmd, and returns the arguments
// before "--".
func (c *Config) TakeCommand(cmd *cobra.Command, args []string) (before []string, err error) {
	dash := cmd.ArgsLenAtDash()
	if dash < 0 {
		return args, nil
	}
	if dash == len(args) {
		return nil, usage.Errorf("there is no COMMAND after --")
	}
	c.Command = args[dash:]
	return args[:dash], nil
}

// Check returns an error for a wrong value of a flag.
func (c *Config) Check() error {
	for _, e := range c.Env {
		if name, _, _ := strings.Cut(e, "="); name == "" {
			return usage.Errorf("--env %q: there is no name before the =", e)
		}
	}
	if c.Listen == "" {
		return nil
	}
	if _, err := endpoint.Parse(c.Listen); err != nil {
		return usage.Errorf("--listen: %w", err)
	}
	return nil
}

// withDash returns the command line with a "--" before COMMAND, where args have
// neither, but a word that is a program on PATH and no file.
func withDash(cmd *cobra.Command, args []string) (meant string, ok bool) {
	if slices.Contains(args, "--") {
		return "", false
	}
	for at := range positions(cmd, args) {
		if IsProgram(args[at]) {
			words := slices.Concat([]string{cmd.Name()}, args[:at], []string{"--"}, args[at:])
			return shell.Join(words), true
		}
	}
	return "", false
}

// IsProgram reports whether word is a program on PATH and no file here: an
// argument that was meant as COMMAND.
func IsProgram(word string) bool {
	if _, err := os.Stat(word); err == nil {
		return false
	}
	_, err := exec.LookPath(word)
	return err == nil
}

// positions yields the indices of the arguments that are no flags, nor values of
// flags. The flags of cmd are of no use afterwards: they are parsed again.
func positions(cmd *cobra.Command, args []string) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		fs := cmd.Flags()
		fs.SetInterspersed(false)
		for next := 0; fs.Parse(args[next:]) == nil && fs.NArg() > 0; next++ {
			next = len(args) - fs.NArg()
			if !yield(next) {
				return
			}
		}
	}
}
