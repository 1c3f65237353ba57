package main

import (
	"context"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/internal/scripttest"
)

func TestMain(m *testing.M) { scripttest.Main(m, "cassette", main) }

func TestScripts(t *testing.T) { scripttest.Run(t) }

// The help texts of cassette and of all its subcommands stand in one file.
func TestHelpTexts(t *testing.T) {
	help := func(args ...string) string {
		var out, errs strings.Builder
		if status := run(context.Background(), append(args, "--help"), nil, &out, &errs); status != 0 || errs.Len() > 0 {
			t.Fatalf("%q: status %d, %s", args, status, errs.String())
		}
		return out.String()
	}
	all := help()
	for _, c := range new(tool).subcommands() {
		all += "\n" + strings.Repeat("-", 80) + "\n" + help(c.Name())
	}
	scripttest.Golden(t, "help.golden", all)
}
