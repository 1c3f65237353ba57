package main

import (
	"crypto/tls"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/cassettes/library"
	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/foreground"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/pattern"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/internal/session"
	"github.com/wiretape/wiretape/internal/usage"
	"github.com/wiretape/wiretape/record"
)

// config holds the values of the command line.
type config struct {
	raw          raw
	upstream     string
	upstreamAddr endpoint.Addr // unless upstream is a cassette
	upstreamTLS  *tls.Config   // nil: plain
	tls          foreground.Upstream
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

// raw holds the values of flags that are not checked yet.
type raw struct {
	only, skip       []string
	redact, noRedact []string
	times, api       string
	inlineMax        byteCount
}

// command returns the command, whose flags fill c.
func (c *config) command() *cobra.Command {
	cmd := &cobra.Command{
		Use:               "record --upstream ADDR --cassette FILE [flags] [-- COMMAND ARG...]",
		Short:             "record the bytes between clients and a daemon",
		Long:              about,
		Example:           examples,
		Annotations:       map[string]string{usage.More: sections},
		ValidArgsFunction: usage.CassetteArgs(nil),
	}
	fs, r := cmd.Flags(), &c.raw
	fs.StringVar(&c.upstream, "upstream", "", "record the daemon at `ADDR`; docker means the one that a plain docker command asks; cassette:FILE and library:NAME play a cassette in its place")
	fs.StringVar(&c.cassette, "cassette", "", "write the recording to `FILE`")
	fs.BoolVar(&c.options.Overwrite, "overwrite", false, "replace the cassette if it exists")
	fs.BoolVar(&c.options.Append, "append", false, "add a session to the cassette if it exists")
	fs.BoolVar(&c.once, "once", false, "play the cassette if it exists, otherwise record it")
	c.tls.AddFlags(cmd)
	c.serve.AddFlags(cmd)
	fs.StringArrayVar(&r.only, "only", nil, "store only exchanges that match `PATTERN`; repeatable")
	fs.StringArrayVar(&r.skip, "skip", nil, "do not store exchanges that match `PATTERN`; repeatable")
	fs.StringArrayVar(&r.redact, "redact", nil, "mask more secrets: `RULE` is header:NAME, query:KEY or json:KEY; repeatable")
	fs.StringArrayVar(&r.noRedact, "no-redact", nil, "leave one rule out: `RULE` as for --redact, for example json:token; repeatable")
	fs.BoolVar(&c.bare, "no-default-redaction", false, "store passwords, tokens and cookies unmasked, except those of --redact")
	fs.BoolVar(&c.recorder.NoTags, "no-tags", false, "do not tell masked secrets apart by tags, which give away some bits of each")
	r.inlineMax = record.DefaultInlineMax
	fs.Var(&r.inlineMax, "inline-max", "keep bodies up to `SIZE` bytes in the cassette, and larger ones in files beside it; k, M and G mean 2^10, 2^20 and 2^30")
	fs.StringVar(&r.times, "times", "all", "store `WHICH` times: all or none")
	fs.StringVar(&r.api, "api", "", "label the cassette with the API `PRODUCT/VERSION`, for example docker/1.41")
	fs.TextVar(&c.recorder.Protocol, "protocol", record.ProtocolAuto, "parse connections as `PROTOCOL`: auto, http (warn about others) or raw")
	c.messages.AddFlags(cmd)
	usage.Values(cmd, "protocol", "auto", "http", "raw")
	usage.Values(cmd, "times", "all", "none")
	usage.Cassettes(cmd, "upstream", catalog.Catalog{Library: library.FS}.Names)
	return cmd
}

// check takes COMMAND from args, and checks and converts the flags.
func (c *config) check(cmd *cobra.Command, args []string) error {
	rest, err := c.serve.TakeCommand(cmd, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usage.Errorf("unexpected argument %q: COMMAND stands after --", rest[0])
	}
	c.messages.Background = len(c.serve.Command) > 0
	return c.checkFlags(c.raw)
}

// checkFlags checks the flags and converts those of r.
func (c *config) checkFlags(r raw) error {
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
		return usage.Errorf("--times: %q: want all or none", r.times)
	}
	if c.api, err = usage.ParseAPI(r.api); err != nil {
		return err
	}
	c.recorder.Keep, c.redaction = keep, redaction
	c.recorder.NoTimes = r.times == "none"
	// The salt of tags is random, and --times none is for recordings that are the
	// same each time.
	c.recorder.NoTags = c.recorder.NoTags || c.recorder.NoTimes
	c.recorder.InlineMax = int(r.inlineMax)
	return nil
}

// checkPlaces checks --upstream and --cassette.
func (c *config) checkPlaces() error {
	switch {
	case c.upstream == "":
		return usage.Errorf("--upstream is missing: give the address of the daemon")
	case c.cassette == "":
		return usage.Errorf("--cassette is missing: give the file to write")
	case c.once && (c.options.Overwrite || c.options.Append), c.options.Overwrite && c.options.Append:
		return usage.Errorf("--once, --overwrite and --append exclude each other")
	}
	if _, ok := session.Embedded(c.upstream); ok {
		return nil
	}
	var err error
	if c.upstreamAddr, c.upstreamTLS, err = c.tls.Parse(c.upstream); err != nil {
		return usage.Errorf("--upstream: %w", err)
	}
	return nil
}

// keeper returns the function that reports whether to store an exchange.
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

// redactionRules returns the names of the redaction rules, none to mask nothing.
func (c *config) redactionRules(r raw) ([]string, error) {
	var names []string
	if !c.bare {
		names = append(names, "default")
	}
	names = append(names, r.redact...)
	for _, rule := range r.noRedact {
		names = append(names, redact.LeaveOut+rule)
	}
	rules, err := redact.Parse(names)
	return rules.Names(), err
}
