// Package foreground runs a session in the foreground of a command line: it
// listens, says where, and serves until COMMAND has ended or a signal comes.
package foreground

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"github.com/wiretape/wiretape/internal/command"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/session"
	"github.com/wiretape/wiretape/internal/usage"
	"github.com/wiretape/wiretape/replay"
)

// Exit statuses of record and replay. With a COMMAND, its own status wins
// where it is not 0, and command.StatusFailed stands for StatusFailed.
const (
	StatusFailed   = 1
	StatusUsage    = 2
	StatusMiss     = 3 // replay: a request had no match
	StatusUnplayed = 4 // replay --strict: an interaction was not played
)

// Grace is how long connections may take to end once COMMAND has ended: its
// own are closed by then, and what remains is the other side's last word.
const Grace = 2 * time.Second

// Config says where to listen, for whom, and what counts as failure.
type Config struct {
	Listen      string   // address; "" is a private Unix socket
	AllowRemote bool     // allow a TCP address that is not loopback
	Env         []string // command.Cmd's
	Command     []string // COMMAND and its arguments; none: until a signal
	Strict      bool     // a replay that leaves something unplayed has failed

	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Messages       *messages.Printer
}

// AddFlags adds --listen, --allow-remote and --env.
func (c *Config) AddFlags(fs *pflag.FlagSet) {
	fs.StringVar(&c.Listen, "listen", "", "listen on `ADDR` (default: a private Unix socket)")
	fs.BoolVar(&c.AllowRemote, "allow-remote", false, "let --listen be an address that other machines reach")
	fs.StringArrayVar(&c.Env, "env", nil, "set `NAME[=TEMPLATE]` for COMMAND; {addr}, {host}, {port} and {path} are\nreplaced (default DOCKER_HOST={addr})")
}

// TakeCommand takes COMMAND from the arguments that fs has parsed, and
// returns those before "--".
func (c *Config) TakeCommand(fs *pflag.FlagSet) (args []string, err error) {
	args = fs.Args()
	dash := fs.ArgsLenAtDash()
	if dash < 0 {
		return args, nil
	}
	if dash == len(args) {
		return nil, usage.Errorf("there is no COMMAND after --")
	}
	c.Command = args[dash:]
	return args[:dash], nil
}

// Check says what is wrong with c, before anything is done.
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

// Run listens, calls start for the session, and serves it to the end. It
// prints what there is to say and returns the exit status. What start creates
// is not there where listening failed.
func (c *Config) Run(ctx context.Context, start func() (*session.Session, error)) int {
	l, err := c.listen()
	if err != nil {
		return c.exit(0, err)
	}
	defer l.Close() // for a session that never came to serve
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
	if r, ok := s.Played(); ok {
		c.tell(r)
	}
	return c.exit(status, err)
}

// nameUnplayed says what was not played, as far as people will read.
func (c *Config) nameUnplayed(left []replay.Interaction) {
	const most = 20
	for i, it := range left {
		if i == most {
			c.Messages.Log().Warn(fmt.Sprintf("and %d more", len(left)-most))
			return
		}
		c.Messages.Log().Warn(fmt.Sprintf("not played: %v", it))
	}
}

// tell says what of a replay was not as it had been recorded.
func (c *Config) tell(r replay.Report) {
	log := c.Messages.Log()
	if n := len(r.Proxied); n > 0 {
		log.Warn("requests were answered by the live server", "number", n)
	}
	if n := len(r.GaveUp); n > 0 {
		log.Warn("waits for other connections were given up", "number", n)
	}
	for _, guess := range r.Guesses {
		log.Warn("played upon a guess", "interaction", guess.String())
	}
	if r.Exchanges > 0 {
		log.Info("clients exchanged what they had been issued", "times", r.Exchanges)
	}
	for _, note := range r.Notes {
		log.Info(note.String())
	}
}

// serve serves s on l until COMMAND has ended, or without one until a signal
// comes. It returns COMMAND's exit status; s is closed then.
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
		c.Messages.Log().Warn("COMMAND made no connection", "addr", addr)
	}
	if (err != nil || status != 0) && s.Discard() {
		c.Messages.Log().Warn("COMMAND failed: what it recorded is not kept; the next run records again", "status", status)
	}
	drain(signals)
	err = errors.Join(err, shutdown(ctx, s, signals))
	if e := <-served; !errors.Is(e, net.ErrClosed) {
		err = errors.Join(err, e)
	}
	return status, err
}

// wait says where s listens and waits until it is to stop. A replay begins anew
// with SIGHUP. An error is one of
// accepting, or of saying where.
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
					c.Messages.Log().Info("begin anew", "so far", summary)
					continue
				}
			}
			return nil
		case err := <-served:
			return err
		}
	}
}

// exit prints err and returns the exit status: COMMAND's own where it is not
// 0, and else what went wrong. An error that was logged on the way counts: no
// run that printed one ends well.
func (c *Config) exit(status int, err error) int {
	if err != nil {
		c.Messages.Error(err)
	}
	switch {
	case status != 0:
		return status
	case errors.Is(err, session.ErrMiss):
		return StatusMiss
	case errors.Is(err, session.ErrUnplayed):
		return StatusUnplayed
	case c.Messages.Failed():
		return c.Failed()
	}
	return 0
}

// Failed returns the exit status of what failed otherwise than by its command
// line.
func (c *Config) Failed() int {
	if len(c.Command) > 0 {
		return command.StatusFailed
	}
	return StatusFailed
}

// Refuse prints an error of parsing the command line of a program and returns
// the exit status.
func Refuse(m *messages.Printer, program string, err error) int {
	if wrong := (*usage.Error)(nil); !errors.As(err, &wrong) {
		m.Error(err)
		return StatusFailed
	}
	m.Error(messages.WithHint(err, program+" --help shows the flags, and examples"))
	return StatusUsage
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

// checkCommand says what is wrong with COMMAND, where there is one.
func (c *Config) checkCommand(addr string) (status int, err error) {
	if len(c.Command) == 0 {
		return 0, nil
	}
	return c.command(addr).Check()
}

// shutdown gives connections Grace to end, or until a signal comes, and closes
// s.
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

// drain forgets signals that came while COMMAND ran: they were meant for it.
func drain(signals <-chan os.Signal) {
	select {
	case <-signals:
	default:
	}
}

// stopSignals are the signals that end a run. A hang-up that our parent chose
// to ignore (nohup) stays ignored.
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
