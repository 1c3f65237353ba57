package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/foreground"
	"github.com/wiretape/wiretape/internal/session"
	"github.com/wiretape/wiretape/internal/usage"
	"github.com/wiretape/wiretape/replay"
)

// rule holds the flags about matching, misses and the report.
type rule struct {
	match   cassettes.Match
	preset  string
	onMiss  string
	live    session.Live // of --on-miss proxy=ADDR and --append
	append  bool
	tls     foreground.Upstream
	resetOn string
	report  string
}

// addFlags adds the flags to cmd, whose values fill r and s.
func (r *rule) addFlags(cmd *cobra.Command, s *replay.Server) {
	fs := cmd.Flags()
	fs.StringSliceVar(&r.match.By, "match-by", nil, "the parts of a request that must agree: `WORDS` of method, path, query, headers, header:NAME, body, content, json, form, multipart and tar (default method,path,query,content)")
	fs.SetNormalizeFunc(oldNames)
	fs.StringSliceVar(&r.match.IgnorePath, "ignore-path", nil, "ignore the segments of paths that are {} in `PATTERN`, and any number of them where it has **")
	fs.StringSliceVar(&r.match.IgnoreQuery, "ignore-query", nil, "ignore the query `KEYS`; KEY:PATH ignores a part of JSON, for example 'filters:$.label'")
	fs.StringSliceVar(&r.match.IgnoreHeader, "ignore-header", nil, "ignore the header fields `NAMES` with --match-by headers")
	fs.StringSliceVar(&r.match.IgnoreForm, "ignore-form", nil, "ignore the `FIELDS` of forms and multipart bodies")
	fs.StringArrayVar(&r.match.IgnoreJSON, "ignore-json", nil, "ignore `PATH` in JSON, for example $.HostConfig.Memory; repeatable")
	fs.StringVar(&r.match.APIVersion, "api-version", "", "compare the version in /v1.41/… as `HOW` says: exact, any, or one version such as 1.24, which then answers requests for any (default exact)")
	fs.StringVar(&r.preset, "preset", "", "add the rules for the product `NAME`: "+strings.Join(replay.Presets(), ", ")+" or none (default: the product that the cassette names or shows)")
	fs.TextVar(&s.Repeat, "repeat", replay.RepeatSafe, "answer a request whose recordings are all played as `HOW` says: last, loop, never, or safe: last for GET and HEAD, never for others")
	fs.StringVar(&r.onMiss, "on-miss", "fail", "answer a request without a match as `HOW` says: fail, status=NNN, or proxy=ADDR to ask the live daemon there")
	r.tls.AddFlags(cmd)
	fs.BoolVar(&r.append, "append", false, "add the live daemon's answers to the cassette")
	fs.StringVar(&r.resetOn, "reset-on", "", "make all recordings unplayed again on `EVENT`: disconnect means the end of the last connection")
	fs.StringVar(&r.report, "report", "", "write to `FILE`, as JSON, how each request was answered, misses with their differences, waits that timed out, and what was not played")
	usage.Values(cmd, "repeat", "safe", "last", "loop", "never")
	usage.Values(cmd, "preset", append(replay.Presets(), "none")...)
	usage.Values(cmd, "api-version", "exact", "any")
	usage.Values(cmd, "on-miss", "fail", "status=", "proxy=")
	usage.Values(cmd, "reset-on", "disconnect")
}

// oldNames accepts --match, the former name of --match-by.
func oldNames(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	if name == "match" {
		name = "match-by"
	}
	return pflag.NormalizedName(name)
}

// apply checks the flags and sets the fields of s.
func (r *rule) apply(s *replay.Server) (err error) {
	if err := replay.CheckMatch(r.match); err != nil {
		return usage.Errorf("check the matching flags: %w", err)
	}
	if names := append(replay.Presets(), "none", ""); !slices.Contains(names, r.preset) {
		return usage.Errorf("--preset: %q: want none or one of %s", r.preset, strings.Join(replay.Presets(), ", "))
	}
	if s.MissStatus, err = r.parseOnMiss(); err != nil {
		return usage.Errorf("--on-miss: %w", err)
	}
	if r.append && !r.proxies() {
		return usage.Errorf("--append adds nothing without --on-miss proxy=ADDR")
	}
	if r.resetOn != "" && r.resetOn != "disconnect" {
		return usage.Errorf("--reset-on: %q: want disconnect", r.resetOn)
	}
	s.Hint = session.Flags
	s.Match, s.Preset, s.ResetIdle = r.match, r.preset, r.resetOn != ""
	return nil
}

// proxies reports whether a live daemon answers misses.
func (r *rule) proxies() bool { return r.live.Addr.Network != "" }

// parseOnMiss reads fail, status=NNN or proxy=ADDR, and sets r.live for the last.
func (r *rule) parseOnMiss() (status int, err error) {
	s := r.onMiss
	if s == "fail" {
		return 0, nil
	}
	if addr, ok := strings.CutPrefix(s, "proxy="); ok {
		r.live.Addr, r.live.TLS, err = r.tls.Parse(addr)
		return 0, err
	}
	number, ok := strings.CutPrefix(s, "status=")
	status, err = strconv.Atoi(number)
	if !ok || err != nil || status < 400 || status > 599 {
		return 0, fmt.Errorf("%q: want fail, status=NNN from 400 to 599, or proxy=ADDR", s)
	}
	return status, nil
}
