// Package internal_test holds the module to its layout.
package internal_test

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/wiretape/wiretape"

// Which package may depend on which, tests left aside.
func TestDependencies(t *testing.T) {
	for pkg, never := range map[string][]string{
		"chunked":           {"net/http", module + "/", "gopkg.in/"},
		"internal/http1":    {"net", module + "/cassettes", "gopkg.in/"},
		"internal/vcrhead":  {"net/http", module + "/cassettes", "gopkg.in/"},
		"internal/yamltext": {module + "/"},
		"cassettes":         {module + "/record", module + "/replay", module + "/cassettes/library", "gopkg.in/dnaeon/"},
		"record":            {module + "/replay", module + "/cassettes/library", module + "/matchers", "gopkg.in/dnaeon/"},
		"replay":            {module + "/record", module + "/cassettes/library"},
		"internal/session": {
			module + "/cassettes/library", // a Go test imports it, and is not to carry the files
			module + "/internal/usage", module + "/internal/messages",
		},
	} {
		out, err := exec.Command("go", "list", "-deps", module+"/"+pkg).Output()
		if err != nil {
			t.Errorf("go list -deps %s: %v", pkg, err)
			continue
		}
		for dep := range strings.Lines(string(out)) {
			dep = strings.TrimSpace(dep)
			if dep == module+"/"+pkg {
				continue
			}
			for _, n := range never {
				if dep == n || strings.HasSuffix(n, "/") && strings.HasPrefix(dep, n) || strings.HasPrefix(dep, n+"/") {
					t.Errorf("%s depends on %s", pkg, dep)
				}
			}
		}
	}
}
