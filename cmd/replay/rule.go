package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/session"
	"github.com/wiretape/wiretape/internal/usage"
	"github.com/wiretape/wiretape/replay"
)

// rule is what the flags say about matching, misses and what was played.
type rule struct {
	match   cassettes.Match
	preset  string
	onMiss  string
	live    session.Live // what --on-miss proxy=ADDR and --append say
	append  bool
	resetOn string
	report  string
}

func (r *rule) addFlags(fs *pflag.FlagSet, s *replay.Server) {
	fs.StringSliceVar(&r.match.By, "match", nil, "what a request must agree on, `WORDS` of method, path, query, headers,\nheader:NAME, body, content, json, form, multipart and tar\n(default method,path,query)")
	fs.StringSliceVar(&r.match.IgnorePath, "ignore-path", nil, "`PATTERN` of a path with {} for segments that do not count")
	fs.StringSliceVar(&r.match.IgnoreQuery, "ignore-query", nil, "query `KEYS` that do not count")
	fs.StringSliceVar(&r.match.IgnoreHeader, "ignore-header", nil, "header fields, `NAMES`, that do not count with --match headers")
	fs.StringArrayVar(&r.match.IgnoreJSON, "ignore-json", nil, "`PATH` in JSON bodies that does not count, $.HostConfig.Memory say;\nbodies are compared then")
	fs.StringVar(&r.match.APIVersion, "api-version", "", "compare the version in /v1.41/… `HOW`: exact, any, or one, 1.24 say,\nthat answers whatever version is asked for (default exact)")
	fs.StringVar(&r.preset, "preset", "", "add the rules for a product, `NAME`: "+strings.Join(replay.Presets(), ", ")+" or none (default: the\nproduct that the cassette names or shows)")
	fs.TextVar(&s.Repeat, "repeat", replay.RepeatSafe, "answer a request whose recordings were all played `HOW`: last, loop, never,\nor safe: GET and HEAD as last, the rest as never")
	fs.StringVar(&r.onMiss, "on-miss", "fail", "answer a request that nothing matches `HOW`: fail, status=NNN, or proxy=ADDR:\nask the live daemon there")
	fs.BoolVar(&r.append, "append", false, "add what the live daemon is asked, and answers, to the cassette")
	fs.StringVar(&r.resetOn, "reset-on", "", "begin anew at each `EVENT`: disconnect, when the last connection has ended")
	fs.StringVar(&r.report, "report", "", "write what was played, and what was not, to `FILE` as JSON")
	usage.Values(fs, "repeat", "safe", "last", "loop", "never")
	usage.Values(fs, "preset", append(replay.Presets(), "none")...)
	usage.Values(fs, "api-version", "exact", "any")
	usage.Values(fs, "on-miss", "fail", "status=", "proxy=")
	usage.Values(fs, "reset-on", "disconnect")
}

// apply checks the flags and sets what s has for them.
func (r *rule) apply(s *replay.Server) (err error) {
	if err := replay.CheckMatch(r.match); err != nil {
		return usage.Errorf("matching: %w", err)
	}
	if names := append(replay.Presets(), "none", ""); !slices.Contains(names, r.preset) {
		return usage.Errorf("--preset: %q: want none or one of %s", r.preset, strings.Join(replay.Presets(), ", "))
	}
	if s.MissStatus, r.live.Addr, err = parseOnMiss(r.onMiss); err != nil {
		return usage.Errorf("--on-miss: %w", err)
	}
	if r.append && !r.proxies() {
		return usage.Errorf("--append: there is nothing to add without --on-miss proxy=ADDR")
	}
	if r.resetOn != "" && r.resetOn != "disconnect" {
		return usage.Errorf("--reset-on: %q: want disconnect", r.resetOn)
	}
	s.Hint = session.Flags
	s.Match, s.Preset, s.ResetIdle = r.match, r.preset, r.resetOn != ""
	return nil
}

// proxies reports whether a live daemon is asked.
func (r *rule) proxies() bool { return r.live.Addr.Network != "" }

// parseOnMiss reads fail, status=NNN or proxy=ADDR.
func parseOnMiss(s string) (status int, live endpoint.Addr, err error) {
	if s == "fail" {
		return 0, live, nil
	}
	if addr, ok := strings.CutPrefix(s, "proxy="); ok {
		live, err = endpoint.Parse(addr)
		return 0, live, err
	}
	number, ok := strings.CutPrefix(s, "status=")
	status, err = strconv.Atoi(number)
	if !ok || err != nil || status < 400 || status > 599 {
		return 0, live, fmt.Errorf("%q: want fail, status=NNN from 400 to 599, or proxy=ADDR", s)
	}
	return status, live, nil
}
