// Package messages prints the messages of the commands on standard error: one
// line each, as text ("record: error: …") or as JSON, and on a terminal a live
// line below them.
//
// A message is an error, a warning, a hint that follows one of these, or
// information. Data goes to standard output, and never here.
package messages

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/internal/usage"
)

// LevelHint is the level of hints: advice on the message before.
const LevelHint = slog.LevelError - 2

// LevelNotice is the level of information that is printed beside COMMAND, too.
const LevelNotice = slog.LevelInfo + 2

// Options choose the messages that are printed, and their form. The zero value
// prints information and all above it as text.
type Options struct {
	Format  string // "text", "" or "json"
	Quiet   bool   // print errors and hints only
	Verbose bool   // print debugging messages too
	// Background omits information below LevelNotice: the terminal belongs to
	// COMMAND.
	Background bool
}

// AddFlags adds --log-format, --quiet and --verbose to c.
func (o *Options) AddFlags(c *cobra.Command) {
	fs := c.Flags()
	fs.StringVar(&o.Format, "log-format", "text", "print messages as `FORMAT`: text or json")
	fs.BoolVarP(&o.Quiet, "quiet", "q", false, "print errors and hints only")
	fs.BoolVarP(&o.Verbose, "verbose", "v", false, "print debugging messages too")
	usage.Values(c, "log-format", "text", "json")
}

// Check returns an error for an unknown format.
func (o *Options) Check() error {
	switch o.Format {
	case "", "text", "json":
		return nil
	}
	return usage.Errorf("--log-format: unknown format %q: want text or json", o.Format)
}

// level returns the lowest level that is printed.
func (o *Options) level() slog.Level {
	switch {
	case o.Verbose:
		return slog.LevelDebug
	case o.Quiet:
		return LevelHint
	case o.Background:
		return LevelNotice
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

// Failed reports whether an error was printed.
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

// nameLevel gives hints and notices their names.
func nameLevel(_ []string, a slog.Attr) slog.Attr {
	if a.Key != slog.LevelKey {
		return a
	}
	switch a.Value.Any() {
	case slog.Level(LevelHint):
		a.Value = slog.StringValue("HINT")
	case slog.Level(LevelNotice):
		a.Value = slog.StringValue("INFO")
	}
	return a
}

// Log returns the logger behind the printer.
func (p *Printer) Log() *slog.Logger { return p.log }

// Error prints err, and its hint where it has one: see WithHint.
func (p *Printer) Error(err error) {
	p.log.Error(err.Error())
	var h interface{ Hint() string }
	if errors.As(err, &h) && h.Hint() != "" {
		p.Hint(h.Hint())
	}
}

// Notice prints information that is to be seen beside COMMAND, too.
func (p *Printer) Notice(text string) {
	p.log.Log(context.Background(), LevelNotice, text)
}

// Hint prints advice on the message before.
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

// Hint returns the hint.
func (h *hinted) Hint() string { return h.hint }

// WithHint returns err with a hint, which Error prints on a line of its own. Any
// error with a method Hint has one.
func WithHint(err error, hint string) error { return &hinted{err, hint} }

// screen writes messages above a live line. It is safe for concurrent use.
type screen struct {
	mu   sync.Mutex
	w    io.Writer
	live string // text of the live line
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
	// A terminal that has gone away fails the next message, too, and there is
	// nowhere else to report it.
	_, _ = io.WriteString(s.w, clear+line)
}
