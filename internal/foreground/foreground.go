// Package foreground runs a session for a command line: it listens, prints the
// address, and serves until COMMAND has ended or a signal comes.
//
// No library takes this over: signal.NotifyContext treats all signals alike, but
// SIGHUP restarts a replay, a second signal cuts the shutdown short, and signals
// that come while COMMAND runs are COMMAND's.
package foreground

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/wiretape/wiretape/internal/command"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/session"
)

// Grace is the time that connections have to end once COMMAND has ended. COMMAND
// has closed its own by then; the daemon may still send its last bytes.
const Grace = 2 * time.Second

// Config is the part of a command line that record and replay share.
type Config struct {
	Listen      string   // address; "" means a private Unix socket
	AllowRemote bool     // allow a TCP address that other machines reach
	Env         []string // variables for COMMAND: see command.Cmd
	Command     []string // COMMAND and its arguments; none: serve until a signal
	Strict      bool     // fail where an interaction was not played

	Stdin          io.Reader         // COMMAND's; see command.Cmd
	Stdout, Stderr io.Writer         // COMMAND's
	Messages       *messages.Printer // gets the address, errors and the summary
}

// Run listens, calls start for the session, and serves it to the end. It prints
// the messages of the run and returns the exit status. It listens first, so that
// start creates no cassette where listening fails.
func (c *Config) Run(ctx context.Context, start func() (*session.Session, error)) int {
	l, err := c.listen()
	if err != nil {
		return c.exit(0, err)
	}
	defer l.Close() // a session closes it, too, unless start fails
	addr := endpoint.AddrOf(l.Addr()).String()
	if status, err := c.checkCommand(addr); err != nil {
		return c.exit(status, err)
	}
	s, err := start()
	if err != nil {
		return c.exit(0, err)
	}
	status, err := c.serve(ctx, l, addr, s)
	if err == nil && status == 0 {
		err = s.Verdict(c.Strict)
	}
	if errors.Is(err, session.ErrUnplayed) {
		c.nameUnplayed(s.Unplayed())
	}
	c.Messages.Log().Info(s.Summary())
	if masked := s.Masked(); masked != "" {
		c.Messages.Notice(masked)
	}
	if r, ok := s.Played(); ok {
		c.tell(r)
	}
	return c.exit(status, err)
}

// serve serves s on l until COMMAND ends, or without COMMAND until a signal
// comes. It closes s and returns COMMAND's exit status.
func (c *Config) serve(ctx context.Context, l net.Listener, addr string, s *session.Session) (status int, err error) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, stopSignals()...)
	defer signal.Stop(signals)

	counted := &counter{Listener: l}
	served := make(chan error, 1)
	go func() { served <- s.Serve(counted) }()

	if len(c.Command) == 0 {
		if err = c.wait(ctx, addr, s, signals, served); err != nil {
			s.Discard()
		}
		return 0, errors.Join(err, s.Close())
	}
	status, err = c.command(addr).Run(ctx)
	if err == nil && counted.n.Load() == 0 {
		c.Messages.Log().Warn("COMMAND made no connection: does it use the address in DOCKER_HOST or --env?", "addr", addr)
	}
	if (err != nil || status != 0) && s.Discard() {
		c.Messages.Log().Warn("COMMAND failed: its recording is deleted, and the next run records again", "status", status)
	}
	drain(signals)
	err = errors.Join(err, shutdown(ctx, s, signals))
	if e := <-served; !errors.Is(e, net.ErrClosed) {
		err = errors.Join(err, e)
	}
	return status, err
}

// wait prints the address and waits for the signal that ends s. SIGHUP restarts
// a replay instead. An error comes from printing or from accepting connections.
func (c *Config) wait(ctx context.Context, addr string, s *session.Session, signals <-chan os.Signal, served <-chan error) error {
	if _, err := fmt.Fprintln(c.Stdout, "listening", addr); err != nil {
		return fmt.Errorf("print the address: %w", err)
	}
	defer c.Messages.Live(s.Summary)()
	for {
		select {
		case <-ctx.Done():
			return nil
		case sig := <-signals:
			if sig == syscall.SIGHUP {
				if summary := s.Summary(); s.Reset() {
					c.Messages.Log().Info("SIGHUP: every interaction is unplayed again", "before", summary)
					continue
				}
			}
			return nil
		case err := <-served:
			return err
		}
	}
}

// listen opens the listener.
func (c *Config) listen() (net.Listener, error) {
	if c.Listen == "" {
		return endpoint.ListenPrivate()
	}
	a, err := endpoint.Parse(c.Listen)
	if err != nil {
		return nil, err
	}
	return endpoint.Listen(a, c.AllowRemote)
}

// command returns COMMAND, to be run beside a listener at addr.
func (c *Config) command(addr string) *command.Cmd {
	return &command.Cmd{
		Args: c.Command, Addr: addr, Env: c.Env,
		Stdin: c.Stdin, Stdout: c.Stdout, Stderr: c.Stderr,
	}
}

// checkCommand returns an error where there is a COMMAND that cannot be started.
func (c *Config) checkCommand(addr string) (status int, err error) {
	if len(c.Command) == 0 {
		return 0, nil
	}
	return c.command(addr).Check()
}

// shutdown waits for connections to end, at most for Grace or until a signal
// comes, and closes s.
func shutdown(ctx context.Context, s *session.Session, signals <-chan os.Signal) error {
	ctx, cancel := context.WithTimeout(ctx, Grace)
	defer cancel()
	go func() {
		select {
		case <-signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	return s.Shutdown(ctx)
}

// drain drops a signal that came while COMMAND ran: it was meant for COMMAND.
func drain(signals <-chan os.Signal) {
	select {
	case <-signals:
	default:
	}
}

// stopSignals returns the signals that end a run. A hang-up that the parent
// chose to ignore (nohup) stays ignored.
func stopSignals() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}

// counter counts accepted connections.
type counter struct {
	net.Listener
	n atomic.Int64
}

// Accept accepts and counts a connection.
func (c *counter) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.n.Add(1)
	}
	return conn, err
}
