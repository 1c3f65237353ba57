// Command record sits between clients and a daemon and writes the bytes between
// them to a cassette, which replay serves.
package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/cassettes/library"
	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/foreground"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/session"
	"github.com/wiretape/wiretape/internal/usage"
	"github.com/wiretape/wiretape/replay"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main without globals. It returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (status int) {
	var c config
	c.serve.Stdin, c.serve.Stdout, c.serve.Stderr = stdin, stdout, stderr
	cmd := c.command()
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := c.check(cmd, args); err != nil {
			return err
		}
		status = c.record(ctx)
		return nil
	}
	if err := usage.Execute(ctx, cmd, args, stdout); err != nil {
		return foreground.Refuse(messages.New("record", stderr, c.messages), cmd, args, err)
	}
	return status
}

// record records until the end and returns the exit status.
func (c *config) record(ctx context.Context) int {
	m := messages.New("record", c.serve.Stderr, c.messages)
	if c.bare {
		m.Log().Warn("--no-default-redaction: passwords, tokens and cookies go to the cassette unmasked")
	}
	c.tls.Warn(m.Log())
	c.serve.Messages, c.recorder.Log = m, m.Log()
	return c.serve.Run(ctx, c.start)
}

// start starts the recording, or with --once and a cassette its replay.
func (c *config) start() (*session.Session, error) {
	r := session.Recording{
		Path: c.cassette, Options: c.options, API: c.api,
		Upstream: session.Upstream{Addr: c.upstreamAddr, TLS: c.upstreamTLS}, Redaction: c.redaction, Recorder: &c.recorder,
	}
	if name, ok := session.Embedded(c.upstream); ok {
		played, err := catalog.Catalog{Library: library.FS}.Open(name)
		if err != nil {
			return nil, err
		}
		r.Upstream = session.Upstream{Name: c.upstream, Cassettes: played}
	}
	if c.once {
		return session.Once(r, &replay.Server{Log: c.recorder.Log, Hint: session.Flags})
	}
	s, err := r.Start()
	if errors.Is(err, fs.ErrExist) {
		err = messages.WithHint(err, "--overwrite replaces it, --append adds to it, --once plays it")
	}
	return s, err
}
