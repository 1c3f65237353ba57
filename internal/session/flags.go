package session

import (
	"strings"

	"github.com/wiretape/wiretape/internal/shell"
	"github.com/wiretape/wiretape/replay"
)

// Flags words a remedy as flags of the replay command.
func Flags(r replay.Remedy) string {
	var flags []string
	listed := func(flag string, list []string) {
		if len(list) > 0 {
			flags = append(flags, flag+" "+shell.Quote(strings.Join(list, ",")))
		}
	}
	repeated := func(flag string, list []string) {
		for _, s := range list {
			flags = append(flags, flag+" "+shell.Quote(s))
		}
	}
	if r.Repeat == replay.RepeatLast {
		flags = append(flags, "--repeat last")
	}
	listed("--ignore-query", r.Match.IgnoreQuery)
	if r.Match.APIVersion != "" {
		flags = append(flags, "--api-version "+r.Match.APIVersion)
	}
	repeated("--ignore-path", r.Match.IgnorePath)
	listed("--ignore-header", r.Match.IgnoreHeader)
	listed("--match-by", r.Match.By)
	listed("--ignore-form", r.Match.IgnoreForm)
	repeated("--ignore-json", r.Match.IgnoreJSON)
	if r.StreamMatch == replay.MatchLength {
		flags = append(flags, "--stream-match length")
	}
	return strings.Join(flags, " ")
}
