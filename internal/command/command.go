// Package command runs the COMMAND of `record … -- COMMAND` and `replay … --
// COMMAND`: environment, terminal, signals, exit status.
package command

import (
	"context"
	"io"
)

// Cmd is a command to run beside a listening server.
type Cmd struct {
	Args []string
	// Addr is the listening address (unix:///… or tcp://…): WIRETAPE_ADDR.
	Addr string
	// Env are further variables as NAME or NAME=TEMPLATE; {addr}, {host},
	// {port} and {path} in a template are replaced. NAME alone is NAME={addr}.
	// Empty means DOCKER_HOST={addr}. Setting DOCKER_HOST unsets
	// DOCKER_TLS_VERIFY, DOCKER_CERT_PATH and DOCKER_CONTEXT.
	Env []string

	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Exit statuses of a command that could not be run, as shells and env(1)
// have them.
const (
	StatusFailed        = 125
	StatusNotExecutable = 126
	StatusNotFound      = 127
)

// Run runs the command to its end and returns its exit status, 128+n where
// signal n ended it. SIGINT, SIGTERM and SIGHUP that reach us are passed on
// unless the command is in the terminal's foreground process group with us
// and so has had them itself. A cancelled ctx ends the command with SIGTERM.
func (c *Cmd) Run(ctx context.Context) (status int, err error) { panic("not written") }
