// Package scripttest runs the test scripts of wiretape's commands. Besides the
// commands of testscript, a script can use
//
//	exits STATUS PROGRAM ARG...    run a program and compare its exit status
//	replace FILE OLD NEW           replace text in a file
//
// and run the program ask, a plain HTTP client (see Ask). The folder of a
// script holds engine.yaml, a small cassette of go-vcr that replay can serve,
// and that record can have as its upstream.
package scripttest

import (
	_ "embed"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

//go:embed engine.yaml
var engine []byte

// Main runs a test binary. Under the names name and ask, the binary is the
// program main or Ask.
func Main(m *testing.M, name string, main func()) {
	testscript.Main(m, map[string]func(){name: main, "ask": Ask})
}

// Run runs the scripts in testdata as subtests of t.
func Run(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("GORACE", "atexit_sleep_ms=0") // each program would end a second later otherwise
			return os.WriteFile(filepath.Join(e.WorkDir, "engine.yaml"), engine, 0o644)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"replace": replace,
		},
	})
}

// exits runs a program and compares its exit status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS PROGRAM ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s ended with status %d, want %d", args[1], got, want)
	}
}

// replace replaces text in a file. It fails where the file does not have the
// text.
func replace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s does not contain %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.ReplaceAll(text, args[1], args[2])), 0o644))
}
