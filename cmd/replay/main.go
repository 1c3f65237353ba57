// Command replay serves cassettes over a socket, byte for byte as record stored
// them.
package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/cassettes/library"
	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/foreground"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/session"
	"github.com/wiretape/wiretape/internal/usage"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// places finds cassettes.
var places = catalog.Catalog{Library: library.FS}

// run is main without globals. It returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (status int) {
	var c config
	c.serve.Stdin, c.serve.Stdout, c.serve.Stderr = stdin, stdout, stderr
	cmd := c.command()
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := c.check(cmd, args); err != nil {
			return err
		}
		status = c.play(ctx)
		return nil
	}
	if err := usage.Execute(ctx, cmd, args, stdout); err != nil {
		return foreground.Refuse(messages.New("replay", stderr, c.messages), cmd, args, err)
	}
	return status
}

// play serves the cassettes until the end, writes the report and returns the
// exit status.
func (c *config) play(ctx context.Context) int {
	m := messages.New("replay", c.serve.Stderr, c.messages)
	c.serve.Messages, c.server.Log = m, m.Log()
	c.rule.tls.Warn(m.Log())
	status := c.serve.Run(ctx, c.start)
	if err := c.report(); err != nil {
		m.Error(err)
		status = cmp.Or(status, c.serve.Failed())
	}
	return status
}

// start opens the cassettes and returns the session that plays them.
func (c *config) start() (*session.Session, error) {
	opened, err := places.Open(c.cassettes...)
	if err != nil {
		return nil, err
	}
	if err := c.checkReport(opened); err != nil {
		catalog.Close(opened)
		return nil, err
	}
	c.server.Cassettes = opened
	if !c.rule.proxies() {
		return session.Play(&c.server), nil
	}
	s, err := session.PlayOver(c.rule.live, &c.server)
	if err != nil {
		catalog.Close(opened)
		return nil, fmt.Errorf("--append: %w", err)
	}
	return s, nil
}
