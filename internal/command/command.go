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
	// Env are further variables as NAME or NAME=TEMPLATE, where {addr}, {host},
	// {port} and {path} are replaced. NAME alone means NAME={addr}, and no
	// variable at all DOCKER_HOST={addr}. Setting DOCKER_HOST unsets
	// DOCKER_TLS_VERIFY, DOCKER_TLS, DOCKER_CERT_PATH and DOCKER_CONTEXT, which
	// would lead a Docker client elsewhere.
	Env []string

	// An *os.File is passed to the command as it is, so that a terminal stays
	// one; any other is copied through a pipe. Nil means the null device.
	Stdin          io.Reader
	Stdout, Stderr io.Writer // as Stdin
}

// Exit statuses of a command that could not be run, as shells and env(1) use
// them.
const (
	StatusFailed        = 125
	StatusNotExecutable = 126
	StatusNotFound      = 127
)

// patience limits the time that a command has to end after SIGTERM, and the
// time that its children may keep its output open after its end.
const patience = 5 * time.Second

// Check returns an error and its exit status where the command cannot be
// started. It starts nothing.
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
// signal n ended it. SIGTERM is passed on to the command. SIGINT, SIGHUP and
// SIGQUIT are passed on unless both processes are in the foreground process
// group of a terminal, which has sent them to the command, too. None of these
// ends our own process while Run is running. Cancelling ctx ends the command
// with SIGTERM, and 5 s later with SIGKILL; the same signals must not cancel ctx.
func (c *Cmd) Run(ctx context.Context) (status int, err error) {
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Stdin, c.Stdout, c.Stderr
	cmd.Cancel = func() error { return terminate(cmd.Process) }
	cmd.WaitDelay = patience
	if cmd.Env, err = c.environ(cmd.Environ()); err != nil {
		return StatusFailed, err
	}
	// A signal that comes between here and Start would otherwise end us alone.
	signals := catch()
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

// notStarted returns the status and the error of a command that did not start.
func (c *Cmd) notStarted(err error) (int, error) {
	status := StatusFailed
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		status, err = StatusNotFound, errors.New("command not found")
	case errors.Is(err, fs.ErrPermission), slices.ContainsFunc(notExecutable, func(e error) bool { return errors.Is(err, e) }):
		status, err = StatusNotExecutable, errors.New("the file is not executable")
	}
	return status, fmt.Errorf("run %q: %w", c.Args[0], err)
}

// exitStatus returns a process's exit status as shells report it.
func exitStatus(ws syscall.WaitStatus) int {
	if ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return ws.ExitStatus()
}
