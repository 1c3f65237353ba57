// Package messages is how the commands speak to people: one line a message on
// standard error, as text ("record: error: …") or as JSON, and on a terminal a
// live line below them.
//
// What goes to standard error is an error, a warning, a hint that follows one
// of these, or information; data goes to standard output and never here.
package messages

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/spf13/pflag"

	"github.com/wiretape/wiretape/internal/usage"
)

// LevelHint is the level of hints: what to do about the message before.
const LevelHint = slog.LevelError - 2

// Options say what is printed, and how. The zero value prints information and
// all above it as text.
type Options struct {
	Format  string // "text", "" or "json"
	Quiet   bool   // errors and hints alone
	Verbose bool   // debugging too
	// Background leaves out information: the terminal is a command's.
	Background bool
}

// AddFlags adds --log-format, --quiet and --verbose.
func (o *Options) AddFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.Format, "log-format", "text", "print messages as `FORMAT`: text or json")
	fs.BoolVarP(&o.Quiet, "quiet", "q", false, "print errors alone")
	fs.BoolVarP(&o.Verbose, "verbose", "v", false, "print what goes on")
	usage.Values(fs, "log-format", "text", "json")
}

// Check says what is wrong with the options.
func (o *Options) Check() error {
	switch o.Format {
	case "", "text", "json":
		return nil
	}
	return usage.Errorf("--log-format: unknown format %q: it is text or json", o.Format)
}

// level returns the least level that is printed.
func (o *Options) level() slog.Level {
	switch {
	case o.Verbose:
		return slog.LevelDebug
	case o.Quiet:
		return LevelHint
	case o.Background:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// Printer prints messages. It is safe for concurrent use.
type Printer struct {
	log    *slog.Logger
	json   bool
	out    *screen
	failed *atomic.Bool
}

// New returns a printer of program's messages to w.
func New(program string, w io.Writer, o Options) *Printer {
	p := &Printer{json: o.Format == "json", out: &screen{w: w}, failed: new(atomic.Bool)}
	var h slog.Handler
	if p.json {
		h = slog.NewJSONHandler(p.out, &slog.HandlerOptions{Level: o.level(), ReplaceAttr: nameLevel})
		h = h.WithAttrs([]slog.Attr{slog.String("program", program)})
	} else {
		h = &textHandler{out: p.out, level: o.level(), lead: program + ": "}
	}
	p.log = slog.New(&noticing{h, p.failed})
	return p
}

// Failed reports whether an error was printed, by whomever.
func (p *Printer) Failed() bool { return p.failed.Load() }

// noticing is a handler that notices errors.
type noticing struct {
	slog.Handler
	failed *atomic.Bool
}

// Handle handles r.
func (n *noticing) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelError {
		n.failed.Store(true)
	}
	return n.Handler.Handle(ctx, r)
}

// WithAttrs returns a handler that adds attrs, and notices errors too.
func (n *noticing) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &noticing{n.Handler.WithAttrs(attrs), n.failed}
}

// WithGroup returns a handler that opens a group, and notices errors too.
func (n *noticing) WithGroup(name string) slog.Handler {
	return &noticing{n.Handler.WithGroup(name), n.failed}
}

// nameLevel gives hints their name.
func nameLevel(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.LevelKey && a.Value.Any() == slog.Level(LevelHint) {
		a.Value = slog.StringValue("HINT")
	}
	return a
}

// Log returns the logger behind the printer, for what goes on.
func (p *Printer) Log() *slog.Logger { return p.log }

// Error prints err, and the hints that WithHint gave it.
func (p *Printer) Error(err error) {
	p.log.Error(err.Error())
	var h *hinted
	if errors.As(err, &h) {
		p.Hint(h.hint)
	}
}

// Hint prints what to do about the message before.
func (p *Printer) Hint(hint string) {
	p.log.Log(context.Background(), LevelHint, hint)
}

// hinted is an error with a hint.
type hinted struct {
	error
	hint string
}

// Unwrap returns the error without its hint.
func (h *hinted) Unwrap() error { return h.error }

// WithHint returns err with a hint, which Error prints on a line of its own.
func WithHint(err error, hint string) error { return &hinted{err, hint} }

// screen writes messages above a live line. It is safe for concurrent use.
type screen struct {
	mu   sync.Mutex
	w    io.Writer
	live string // what stands on the live line
}

// clear erases the live line.
const clear = "\r\x1b[K"

// Write writes a message, which ends with a line feed.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live == "" {
		return s.w.Write(p)
	}
	if _, err := io.WriteString(s.w, clear+string(p)+s.live); err != nil {
		return 0, err
	}
	return len(p), nil
}

// show puts line on the live line; "" erases it.
func (s *screen) show(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if line == s.live {
		return
	}
	s.live = line
	// A terminal that has gone away is noticed by whoever prints a message.
	_, _ = io.WriteString(s.w, clear+line)
}
