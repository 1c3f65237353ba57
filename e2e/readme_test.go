package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/e2e/engine"
	"github.com/wiretape/wiretape/internal/doctest"
)

// TestReadme runs the transcripts of README.md and of docs/ that need an engine,
// each document in order: the engine and the registry run until the document's
// first replay. A transcript shows both outputs, as a terminal does.
func TestReadme(t *testing.T) {
	needEngines(t)
	paths, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(paths, "../README.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		steps := engineSteps(string(text))
		if path == "../README.md" && len(steps) < 3 {
			t.Errorf("README.md has transcripts of %d commands with an engine, want at least record, replay and cassette show", len(steps))
		}
		if len(steps) > 0 {
			t.Run(filepath.Base(path), func(t *testing.T) { playSteps(t, path, steps) })
		}
	}
}

// engineSteps returns the commands of a document that need an engine.
func engineSteps(text string) (steps []doctest.Step) {
	for _, b := range doctest.Blocks(text) {
		if b.NeedsEngine() {
			steps = append(steps, doctest.Steps(b)...)
		}
	}
	return steps
}

// playSteps runs the commands of the document at path, beside an engine.
func playSteps(t *testing.T, path string, steps []doctest.Step) {
	dir := folder(t)
	docker, stop := readmeLab(t, dir)
	for _, s := range steps {
		if strings.HasPrefix(s.Command, "replay ") {
			stop()
		}
		line := strings.ReplaceAll(s.Command, "/var/run/docker.sock", docker.Socket)
		got := invocation{
			args: []string{"sh", "-c", "cd " + dir + " && exec 2>&1; " + line},
			env:  []string{"PATH=" + filepath.Dir(command("record")) + ":" + os.Getenv("PATH")},
		}.run(t)
		where := fmt.Sprintf("%s:%d", path, s.Line)
		if got.status != 0 {
			t.Fatalf("%s: %s: status %d\n%s", where, s.Command, got.status, got.stdout)
		}
		stdout := strings.ReplaceAll(string(got.stdout), docker.Socket, "/var/run/docker.sock")
		if !doctest.Matches(s.Output, stdout) {
			t.Errorf("%s: $ %s\n%s\nthe document says:\n%s", where, s.Command, stdout, s.Output)
		}
	}
}

// readmeLab starts an engine and a registry that has localhost:5000/hello:1.
func readmeLab(t *testing.T, dir string) (docker *engine.Docker, stop func()) {
	t.Helper()
	registry, err := engine.StartRegistry(filepath.Join(dir, "registry"), "localhost:5000")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(registry.Stop)
	docker, err = engine.StartDocker(filepath.Join(dir, "engine"), filepath.Join(dir, "docker.sock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(docker.Stop)
	layer := filepath.Join(dir, "layer.tar")
	if err := os.WriteFile(layer, tarball(t, "data", noise(100<<10)), 0o644); err != nil {
		t.Fatal(err)
	}
	const image = "localhost:5000/hello:1"
	for _, args := range [][]string{{"import", layer, image}, {"push", image}, {"rmi", image}} {
		succeeds(t, append([]string{"docker", "--host", "unix://" + docker.Socket}, args...)...)
	}
	return docker, func() {
		docker.Stop()
		registry.Stop()
	}
}
