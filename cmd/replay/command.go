package main

import (
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/foreground"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/usage"
	"github.com/wiretape/wiretape/replay"
)

// config is what the command line asks for.
type config struct {
	cassettes []string
	noBind    bool
	rule      rule
	server    replay.Server
	serve     foreground.Config
	messages  messages.Options
}

// flags returns the flags, which fill c.
func (c *config) flags() *pflag.FlagSet {
	fs := pflag.NewFlagSet("replay", pflag.ContinueOnError)
	c.serve.AddFlags(fs)
	fs.TextVar(&c.server.Reframe, "reframe", replay.Reframe{}, "cut bodies into chunks as `HOW` says: exact, one, bytes=N or record")
	fs.TextVar(&c.server.Order, "order", replay.OrderCausal, "write in `ORDER`: causal waits for what the clients of other connections did\nbefore, none for that of the own connection alone")
	fs.DurationVar(&c.server.CausalTimeout, "causal-timeout", replay.DefaultCausalTimeout, "wait no longer than `TIME` for a client of another connection; 0 is for ever")
	fs.TextVar(&c.server.StreamMatch, "stream-match", replay.MatchExact, "what a client may say in a stream, as `HOW` says: exact, length or any")
	fs.BoolVar(&c.noBind, "no-bind", false, "do not let clients exchange the ids and upload locations that they were given")
	fs.TextVar(&c.server.Authority, "authority", replay.AuthorityRewrite, "have URLs in the heads of answers that name the recorded host name the one\nthat the client asked (rewrite), or leave them as recorded (exact), as `HOW` says")
	c.rule.addFlags(fs, &c.server)
	fs.BoolVar(&c.serve.Strict, "strict", false, "fail where an interaction was not played")
	c.messages.AddFlags(fs)
	usage.Values(fs, "authority", "rewrite", "exact")
	usage.Values(fs, "order", "causal", "none")
	usage.Values(fs, "stream-match", "exact", "length", "any")
	usage.Values(fs, "reframe", "exact", "one", "bytes=", "record")
	return fs
}

// parse fills c from the command line. It reports done where that asked for
// help or the like, which is printed then.
func (c *config) parse(args []string) (done bool, err error) {
	p := program(c.flags())
	if done, err = p.Parse(args, c.serve.Stdout); done || err != nil {
		return done, err
	}
	if c.cassettes, err = c.serve.TakeCommand(p.Flags); err != nil {
		return false, err
	}
	c.messages.Background = len(c.serve.Command) > 0
	return false, c.check()
}

// check fills what needs more than a flag's own syntax.
func (c *config) check() error {
	if err := c.messages.Check(); err != nil {
		return err
	}
	if err := c.serve.Check(); err != nil {
		return err
	}
	if len(c.cassettes) == 0 {
		return usage.Errorf("no cassette is given")
	}
	if err := c.rule.apply(&c.server); err != nil {
		return err
	}
	if err := c.checkAppend(); err != nil {
		return err
	}
	c.server.Bind = c.bind()
	switch t := &c.server.CausalTimeout; {
	case *t < 0:
		return usage.Errorf("--causal-timeout: %v is less than nothing", *t)
	case *t == 0:
		*t = -1
	}
	return nil
}

// checkAppend checks that --append has a cassette to add to.
func (c *config) checkAppend() error {
	if !c.rule.append {
		return nil
	}
	c.rule.live.Append = c.cassettes[0]
	info, err := os.Stat(c.cassettes[0])
	if len(c.cassettes) > 1 || strings.HasPrefix(c.cassettes[0], catalog.Prefix) || err == nil && info.IsDir() {
		return usage.Errorf("--append: want one cassette file to add to, not a folder, several or one of the library")
	}
	return nil
}

// bind returns what becomes of issued values.
func (c *config) bind() replay.Bind {
	switch {
	case c.noBind:
		return replay.BindNone
	case c.serve.Strict:
		return replay.BindSure
	}
	return replay.BindAll
}
