// Package internal_test holds the module to its layout.
package internal_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/wiretape/wiretape"

// Which package may depend on which, tests left aside.
func TestDependencies(t *testing.T) {
	deps := dependencies(t)
	for pkg, never := range map[string][]string{
		"chunked":                        {"net/http", module + "/", "gopkg.in/"},
		"internal/http1":                 {"net", module + "/cassettes", "gopkg.in/"},
		"internal/vcrhead":               {"net/http", module + "/cassettes", "gopkg.in/"},
		"cassettes/internal/filelock":    {module + "/"},
		"cassettes/internal/extents":     {module + "/"},
		"cassettes/internal/beside":      {module + "/cassettes/internal/encode", module + "/cassettes/internal/decode"},
		"cassettes/internal/columns":     {module + "/cassettes/internal/", module + "/internal/http1"},
		"cassettes/internal/encode":      {module + "/cassettes/internal/"},
		"cassettes/internal/decode":      {module + "/cassettes/internal/consistency", module + "/cassettes/internal/verify", module + "/cassettes/internal/normalize"},
		"cassettes/internal/consistency": {module + "/cassettes/internal/verify", module + "/cassettes/internal/normalize"},
		"cassettes/internal/verify":      {module + "/cassettes/internal/normalize"},
		"wire":                           {"net", module + "/", "gopkg.in/"},
		"internal/yamltext":              {module + "/"},
		"cassettes":                      {module + "/record", module + "/replay", module + "/cassettes/library", "gopkg.in/dnaeon/"},
		"record":                         {module + "/replay", module + "/cassettes/library", module + "/matchers", "gopkg.in/dnaeon/"},
		"replay":                         {module + "/record", module + "/cassettes/library"},
		"replay/replaytest":              {module + "/cassettes/library", "github.com/spf13/"},
		"internal/session": {
			module + "/cassettes/library", // a Go test imports it, and is not to carry the files
			module + "/internal/usage", module + "/internal/messages",
		},
	} {
		of, ok := deps[module+"/"+pkg]
		if !ok {
			t.Errorf("there is no package %s", pkg)
		}
		for _, dep := range of {
			for _, n := range never {
				if dep == n || strings.HasSuffix(n, "/") && strings.HasPrefix(dep, n) || strings.HasPrefix(dep, n+"/") {
					t.Errorf("%s depends on %s", pkg, dep)
				}
			}
		}
	}
}

// dependencies returns what each package of the module depends on.
func dependencies(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	deps := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		deps[words[0]] = words[1:]
	}
	return deps
}

// replayRooms says which rooms of replay each of them may import. A new room
// has to be added here.
var replayRooms = map[string][]string{
	"peek":     {},
	"recorded": {"peek"},
	"plan":     {"peek", "recorded"},
	"stream":   {"peek", "recorded"},
	"socket":   {"plan", "recorded"},
	"causal":   {"peek", "recorded"},
	"spool":    {},
	"relay":    {"spool"},
	"tape":     {},
	"issued":   {"recorded", "tape"},
	"rule":     {"recorded", "spool"},
	"invented": {"recorded", "tape"},
	"secrets":  {"rule", "tape"},
	"index":    {"invented", "issued", "recorded", "rule", "secrets", "tape"},
	"explain":  {"index", "rule", "stream"},
	"tapetest": {},
}

// TestReplayRooms checks that no room of replay imports one above it.
func TestReplayRooms(t *testing.T) {
	const rooms = module + "/replay/internal/"
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", rooms+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		pkg, imports, _ := strings.Cut(strings.TrimSpace(line), " ")
		room := strings.TrimPrefix(pkg, rooms)
		may, ok := replayRooms[room]
		if !ok {
			t.Errorf("replay/internal/%s is not in replayRooms: say what it may import", room)
		}
		for _, dep := range strings.Fields(imports) {
			if dep == module+"/replay" {
				t.Errorf("replay/internal/%s imports replay, which is above it", room)
			}
			if other, is := strings.CutPrefix(dep, rooms); is && !slices.Contains(may, other) {
				t.Errorf("replay/internal/%s imports %s, which replayRooms does not allow", room, other)
			}
		}
	}
}
