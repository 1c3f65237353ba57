// Command record sits between a client and a daemon and writes what crosses
// the wire to a cassette, which replay serves.
package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/wiretape/wiretape/cassettes/library"
	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/foreground"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/session"
	"github.com/wiretape/wiretape/replay"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main with all that it touches given to it. It returns the exit
// status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var c config
	c.serve.Stdin, c.serve.Stdout, c.serve.Stderr = stdin, stdout, stderr
	done, err := c.parse(args)
	m := messages.New("record", stderr, c.messages)
	if err != nil {
		return foreground.Refuse(m, "record", err)
	}
	if done {
		return 0
	}
	if c.bare {
		m.Log().Warn("--no-default-redaction: passwords, tokens and cookies will stand in the cassette as they are")
	}
	c.serve.Messages, c.recorder.Log = m, m.Log()
	return c.serve.Run(ctx, c.start)
}

// start starts the recording, or with --once, where the cassette is there, its
// replay.
func (c *config) start() (*session.Session, error) {
	r := session.Recording{
		Path: c.cassette, Options: c.options, API: c.api,
		Upstream: session.Upstream{Addr: c.upstreamAddr}, Redaction: c.redaction, Recorder: &c.recorder,
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
