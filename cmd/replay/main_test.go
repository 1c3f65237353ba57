package main

import (
	"context"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/internal/scripttest"
)

func TestMain(m *testing.M) { scripttest.Main(m, "replay", main) }

func TestScripts(t *testing.T) { scripttest.Run(t) }

func TestHelpText(t *testing.T) {
	var out, errs strings.Builder
	if status := run(context.Background(), []string{"--help"}, nil, &out, &errs); status != 0 || errs.Len() > 0 {
		t.Fatalf("status %d, %s", status, errs.String())
	}
	scripttest.Golden(t, "help.golden", out.String())
}
