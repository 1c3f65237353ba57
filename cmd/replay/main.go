// Command replay serves cassettes over a socket, byte for byte as record
// wrote them down.
package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/wiretape/wiretape/cassettes/library"
	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/foreground"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/session"
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
	m := messages.New("replay", stderr, c.messages)
	if err != nil {
		return foreground.Refuse(m, "replay", err)
	}
	if done {
		return 0
	}
	c.serve.Messages, c.server.Log = m, m.Log()
	status := c.serve.Run(ctx, c.start)
	if err := c.report(); err != nil {
		m.Error(err)
		status = cmp.Or(status, c.serve.Failed())
	}
	return status
}

// start opens the cassettes and returns the session that plays them.
func (c *config) start() (*session.Session, error) {
	opened, err := catalog.Catalog{Library: library.FS}.Open(c.cassettes...)
	if err != nil {
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
