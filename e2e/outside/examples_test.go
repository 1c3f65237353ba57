package outside

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// public are the packages that a stranger imports for what they do.
var public = []string{"cassettes", "chunked", "matchers", "record", "replay", "replay/replaytest"}

// goBlock matches a Go file in a document: "```go NAME" and what follows.
var goBlock = regexp.MustCompile("(?ms)^```go (\\S+)\n(.*?)^```$")

// TestExamplesCompile runs the examples of all public packages, and compiles the
// Go files of all documents, in a module of their own.
func TestExamplesCompile(t *testing.T) {
	dir := t.TempDir()
	root := filepath.Join("..", "..")
	module(t, dir, root)
	for _, pkg := range public {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pkg), "*example*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			t.Errorf("package %s has no examples", pkg)
		}
		for _, f := range files {
			write(t, filepath.Join(dir, "packages", filepath.FromSlash(pkg), filepath.Base(f)), read(t, f))
		}
	}
	documents, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, d := range append(documents, filepath.Join(root, "README.md")) {
		for _, block := range goBlock.FindAllStringSubmatch(read(t, d), -1) {
			n++
			write(t, filepath.Join(dir, "documents", fmt.Sprint("n", n), block[1]), block[2])
		}
	}
	if n == 0 {
		t.Error("the documents have no Go file")
	}
	run(t, dir, "vet", "./documents/...")
	run(t, dir, "test", "./packages/...")
}

// module makes dir a module like this one.
func module(t *testing.T, dir, root string) {
	t.Helper()
	path, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "go.mod"), strings.Replace(read(t, "go.mod"), "=> ../..", "=> "+path, 1))
	write(t, filepath.Join(dir, "go.sum"), read(t, "go.sum"))
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// run runs the go command in dir.
func run(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
