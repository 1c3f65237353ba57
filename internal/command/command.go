// Package command runs the COMMAND of `record … -- COMMAND` and `replay … --
// COMMAND`: environment, terminal, signals, exit status.
//
//	c := &command.Cmd{
//		Args:  []string{"docker", "ps"},
//		Addr:  "unix:///tmp/wt-1/s.sock",
//		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
//	}
//	status, err := c.Run(ctx)
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// Cmd is a command to run beside a listening server.
type Cmd struct {
	Args []string // at least the command's name
	// Addr is the listening address (unix:///… or tcp://…): WIRETAPE_ADDR.
	Addr string
	// Env are further variables as NAME or NAME=TEMPLATE; {addr}, {host},
	// {port} and {path} in a template are replaced. NAME alone is NAME={addr}.
	// Empty means DOCKER_HOST={addr}. Setting DOCKER_HOST unsets
	// DOCKER_TLS_VERIFY, DOCKER_TLS, DOCKER_CERT_PATH and DOCKER_CONTEXT.
	Env []string

	// An *os.File is handed to the command as it is, so that a terminal stays
	// one; anything else is copied through a pipe. Nil is the null device.
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

// patience is how long a command that was told to end may take, and how long
// what a command leaves behind may keep its output open.
const patience = 5 * time.Second

// Check says whether the command can be started, before anything is done for
// it: an error and the exit status that goes with it, or nil.
func (c *Cmd) Check() (status int, err error) {
	if _, err := c.environ(nil); err != nil {
		return StatusFailed, err
	}
	if _, err := exec.LookPath(c.Args[0]); err != nil {
		return c.notStarted(err)
	}
	return 0, nil
}

// Run runs the command to its end and returns its exit status, 128+n where
// signal n ended it. SIGINT, SIGHUP and SIGQUIT that reach us are passed on
// unless the command is in the terminal's foreground process group with us
// and so has had them itself; SIGTERM, which no terminal sends, always is.
// None of them ends our own process while Run is running. A cancelled ctx ends
// the command with SIGTERM, and with SIGKILL where that does not help; it
// should not be one that the same signals cancel.
func (c *Cmd) Run(ctx context.Context) (status int, err error) {
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Stdin, c.Stdout, c.Stderr
	cmd.Cancel = func() error { return terminate(cmd.Process) }
	cmd.WaitDelay = patience
	if cmd.Env, err = c.environ(cmd.Environ()); err != nil {
		return StatusFailed, err
	}
	signals := catch() // from here on they are the command's to act on
	defer signals.stop()
	if err := cmd.Start(); err != nil {
		return c.notStarted(err)
	}
	go signals.passOn(cmd.Process)
	err = cmd.Wait()
	if cmd.ProcessState == nil {
		return StatusFailed, fmt.Errorf("wait for %s: %w", c.Args[0], err)
	}
	return exitStatus(cmd.ProcessState.Sys().(syscall.WaitStatus)), nil
}

// notStarted returns the status and the error for a command that did not
// start.
func (c *Cmd) notStarted(err error) (int, error) {
	status := StatusFailed
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		status, err = StatusNotFound, errors.New("command not found")
	case errors.Is(err, fs.ErrPermission), slices.ContainsFunc(notExecutable, func(e error) bool { return errors.Is(err, e) }):
		status, err = StatusNotExecutable, errors.New("it cannot be executed")
	}
	return status, fmt.Errorf("run %q: %w", c.Args[0], err)
}

// exitStatus returns a process's exit status as shells have it.
func exitStatus(ws syscall.WaitStatus) int {
	if ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return ws.ExitStatus()
}
