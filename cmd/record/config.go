package main

import (
	"strings"

	"github.com/spf13/pflag"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/foreground"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/pattern"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/internal/session"
	"github.com/wiretape/wiretape/internal/usage"
	"github.com/wiretape/wiretape/record"
)

// config is what the command line asks for.
type config struct {
	upstream     string
	upstreamAddr endpoint.Addr // where upstream is no cassette
	cassette     string
	once         bool
	options      cassettes.Options
	api          cassettes.API
	bare         bool // no default redaction
	redaction    []string
	recorder     record.Recorder
	serve        foreground.Config
	messages     messages.Options
}

// raw is what the flags hold before it is checked.
type raw struct {
	only, skip, redact []string
	times, api         string
	inlineMax          byteCount
}

// flags returns the flags, which fill c and r.
func (c *config) flags(r *raw) *pflag.FlagSet {
	fs := pflag.NewFlagSet("record", pflag.ContinueOnError)
	fs.StringVar(&c.upstream, "upstream", "", "record the daemon at `ADDR`, or cassette:FILE or library:NAME, played in its place")
	fs.StringVar(&c.cassette, "cassette", "", "write to `FILE`")
	fs.BoolVar(&c.options.Overwrite, "overwrite", false, "replace the cassette where it is there")
	fs.BoolVar(&c.options.Append, "append", false, "add a session to the cassette where it is there")
	fs.BoolVar(&c.once, "once", false, "play the cassette where it is there, record it where it is not")
	c.serve.AddFlags(fs)
	fs.StringArrayVar(&r.only, "only", nil, "store only exchanges that match `PATTERN`; may be repeated")
	fs.StringArrayVar(&r.skip, "skip", nil, "do not store exchanges that match `PATTERN`; may be repeated")
	fs.StringArrayVar(&r.redact, "redact", nil, "mask more: `RULE` is header:NAME, query:KEY or json:KEY; may be repeated")
	fs.BoolVar(&c.bare, "no-default-redaction", false, "store passwords, tokens and cookies as they are, but for --redact's")
	r.inlineMax = record.DefaultInlineMax
	fs.Var(&r.inlineMax, "inline-max", "keep bodies of up to `SIZE` bytes in the cassette, larger ones in files beside\nit; k, M and G stand for 2^10, 2^20 and 2^30")
	fs.StringVar(&r.times, "times", "all", "store `WHICH` times: all or none")
	fs.StringVar(&r.api, "api", "", "label the cassette as showing `PRODUCT/VERSION`, docker/1.41 say")
	fs.TextVar(&c.recorder.Protocol, "protocol", record.ProtocolAuto, "take connections for `WHAT`: auto, http (and warn where they are not) or raw")
	c.messages.AddFlags(fs)
	usage.Values(fs, "protocol", "auto", "http", "raw")
	usage.Values(fs, "times", "all", "none")
	usage.Complete(fs, "upstream", usage.File)
	usage.Complete(fs, "cassette", usage.File)
	return fs
}

// parse fills c from the command line. It reports done where that asked for
// help or the like, which is printed then.
func (c *config) parse(args []string) (done bool, err error) {
	var r raw
	p := program(c.flags(&r))
	if done, err = p.Parse(args, c.serve.Stdout); done || err != nil {
		return done, err
	}
	rest, err := c.serve.TakeCommand(p.Flags)
	if err != nil {
		return false, err
	}
	if len(rest) > 0 {
		return false, usage.Errorf("unexpected argument %q: COMMAND stands after --", rest[0])
	}
	c.messages.Background = len(c.serve.Command) > 0
	return false, c.check(r)
}

// check fills what needs more than a flag's own syntax.
func (c *config) check(r raw) error {
	if err := c.messages.Check(); err != nil {
		return err
	}
	if err := c.serve.Check(); err != nil {
		return err
	}
	if err := c.checkPlaces(); err != nil {
		return err
	}
	keep, err := keeper(r)
	if err != nil {
		return err
	}
	redaction, err := c.redactionRules(r)
	if err != nil {
		return usage.Errorf("--redact: %w", err)
	}
	if r.times != "all" && r.times != "none" {
		return usage.Errorf("--times: %q is neither all nor none", r.times)
	}
	if c.api, err = parseAPI(r.api); err != nil {
		return err
	}
	c.recorder.Keep, c.redaction = keep, redaction
	c.recorder.NoTimes = r.times == "none"
	c.recorder.InlineMax = int(r.inlineMax)
	return nil
}

// checkPlaces checks where from and where to.
func (c *config) checkPlaces() error {
	switch {
	case c.upstream == "":
		return usage.Errorf("--upstream is missing: the address of the daemon")
	case c.cassette == "":
		return usage.Errorf("--cassette is missing: the file to write")
	case c.once && (c.options.Overwrite || c.options.Append), c.options.Overwrite && c.options.Append:
		return usage.Errorf("--once, --overwrite and --append exclude each other")
	}
	if _, ok := session.Embedded(c.upstream); ok {
		return nil
	}
	a, err := endpoint.Parse(c.upstream)
	if err != nil {
		return usage.Errorf("--upstream: %w", err)
	}
	c.upstreamAddr = a
	return nil
}

// keeper returns what --only and --skip ask for.
func keeper(r raw) (func(method, target string) bool, error) {
	only, err := pattern.ParseAll(r.only)
	if err != nil {
		return nil, usage.Errorf("--only: %w", err)
	}
	skip, err := pattern.ParseAll(r.skip)
	if err != nil {
		return nil, usage.Errorf("--skip: %w", err)
	}
	return pattern.Keep(only, skip), nil
}

// redactionRules returns the names of the redaction rules, none where nothing
// is to be masked.
func (c *config) redactionRules(r raw) ([]string, error) {
	var names []string
	if !c.bare {
		names = append(names, "default")
	}
	names = append(names, r.redact...)
	rules, err := redact.Parse(names)
	return rules.Names(), err
}

// parseAPI reads PRODUCT/VERSION.
func parseAPI(s string) (a cassettes.API, err error) {
	if s == "" {
		return a, nil
	}
	product, version, ok := strings.Cut(s, "/")
	if !ok || product == "" || version == "" {
		return a, usage.Errorf("--api: %q is not PRODUCT/VERSION", s)
	}
	return cassettes.API{Product: product, Version: version}, nil
}
