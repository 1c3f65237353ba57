package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/foreground"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/usage"
	"github.com/wiretape/wiretape/replay"
)

// config holds the values of the command line.
type config struct {
	cassettes []string
	noBind    bool
	rule      rule
	server    replay.Server
	serve     foreground.Config
	messages  messages.Options
}

// command returns the command, whose flags fill c.
func (c *config) command() *cobra.Command {
	cmd := &cobra.Command{
		Use:               "replay CASSETTE|DIR|library:NAME... [flags] [-- COMMAND ARG...]",
		Short:             "serve recorded cassettes in place of a daemon",
		Long:              about,
		Example:           examples,
		Annotations:       map[string]string{usage.More: sections},
		ValidArgsFunction: usage.CassetteArgs(places.Names),
	}
	fs := cmd.Flags()
	c.serve.AddFlags(cmd)
	fs.TextVar(&c.server.Reframe, "reframe", replay.Reframe{}, "cut bodies into chunks as `HOW` says: exact, one, bytes=N, record, …; see Reframing")
	fs.TextVar(&c.server.Order, "order", replay.OrderCausal, "send answers in `ORDER`: causal waits for earlier requests on all connections, none for those on the same connection only")
	fs.DurationVar(&c.server.CausalTimeout, "causal-timeout", replay.DefaultCausalTimeout, "wait at most `TIME` for a request on another connection; 0 means for ever")
	fs.TextVar(&c.server.StreamMatch, "stream-match", replay.MatchExact, "compare the bytes that clients send in streams as `HOW` says: exact, length or any")
	fs.BoolVar(&c.noBind, "no-bind", false, "do not let parallel clients swap recordings when ids were issued in another order")
	fs.TextVar(&c.server.Authority, "authority", replay.AuthorityRewrite, "treat the recorded host in URLs of header fields as `HOW` says: rewrite it to the host that the client asked, or keep it exact")
	c.rule.addFlags(cmd, &c.server)
	fs.BoolVar(&c.serve.Strict, "strict", false, "fail if an interaction was not played, or if the live daemon answered; a request that only a guess, or a recording of another state, could answer is a miss")
	c.messages.AddFlags(cmd)
	usage.Values(cmd, "authority", "rewrite", "exact")
	usage.Values(cmd, "order", "causal", "none")
	usage.Values(cmd, "stream-match", "exact", "length", "any")
	usage.Values(cmd, "reframe", replay.ReframeNames()...)
	return cmd
}

// check takes COMMAND and the cassettes from args, and checks and converts the
// flags.
func (c *config) check(cmd *cobra.Command, args []string) (err error) {
	if c.cassettes, err = c.serve.TakeCommand(cmd, args); err != nil {
		return err
	}
	c.messages.Background = len(c.serve.Command) > 0
	if err := c.messages.Check(); err != nil {
		return err
	}
	if err := c.serve.Check(); err != nil {
		return err
	}
	if err := c.checkCassettes(); err != nil {
		return err
	}
	if err := c.rule.apply(&c.server); err != nil {
		return err
	}
	if err := c.checkAppend(); err != nil {
		return err
	}
	return c.checkServer()
}

// checkCassettes refuses a COMMAND without "--" before it.
func (c *config) checkCassettes() error {
	if len(c.cassettes) == 0 {
		return usage.Errorf("no cassette is given")
	}
	for _, name := range c.cassettes {
		if len(c.serve.Command) == 0 && foreground.IsProgram(name) {
			return usage.Errorf("%q is a program and no cassette: COMMAND stands after --", name)
		}
	}
	return nil
}

// checkServer fills the server's fields that no flag sets.
func (c *config) checkServer() error {
	c.server.Bind, c.server.Strict = c.bind(), c.serve.Strict
	switch t := &c.server.CausalTimeout; {
	case *t < 0:
		return usage.Errorf("--causal-timeout: %v is negative: want a time, or 0 for no limit", *t)
	case *t == 0:
		*t = -1
	}
	return nil
}

// checkAppend checks that --append has one cassette file to add to.
func (c *config) checkAppend() error {
	if !c.rule.append {
		return nil
	}
	c.rule.live.Append = c.cassettes[0]
	info, err := os.Stat(c.cassettes[0])
	if len(c.cassettes) > 1 || strings.HasPrefix(c.cassettes[0], catalog.Prefix) || err == nil && info.IsDir() {
		return usage.Errorf("--append: want one cassette file to add to, and no folder, library or second cassette")
	}
	return nil
}

// bind returns whether clients may swap recordings.
func (c *config) bind() replay.Bind {
	switch {
	case c.noBind:
		return replay.BindNone
	case c.serve.Strict:
		return replay.BindSure
	}
	return replay.BindAll
}
