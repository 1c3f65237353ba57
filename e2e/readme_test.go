package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/e2e/engine"
)

// TestReadme runs the transcripts of README.md, in order: the engine and the
// registry run until the first replay. A transcript shows both outputs, as a
// terminal does. A line of "..." stands for any lines;
// digests, times, sizes and versions are those of the day.
func TestReadme(t *testing.T) {
	needEngines(t)
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	steps := transcript(string(text))
	if len(steps) < 3 {
		t.Fatalf("README.md has transcripts of %d commands, want at least record, replay and cassette show", len(steps))
	}
	dir := folder(t)
	docker, stop := readmeLab(t, dir)
	for _, s := range steps {
		if strings.HasPrefix(s.line, "replay ") {
			stop()
		}
		line := strings.ReplaceAll(s.line, "/var/run/docker.sock", docker.Socket)
		got := invocation{
			args: []string{"sh", "-c", "cd " + dir + " && exec 2>&1; " + line},
			env:  []string{"PATH=" + filepath.Dir(command("record")) + ":" + os.Getenv("PATH")},
		}.run(t)
		if got.status != 0 {
			t.Fatalf("%s: status %d\n%s", s.line, got.status, got.stdout)
		}
		stdout := strings.ReplaceAll(string(got.stdout), docker.Socket, "/var/run/docker.sock")
		if !matches(today(s.output), today(stdout)) {
			t.Errorf("$ %s\n%s\nREADME.md says:\n%s", s.line, stdout, s.output)
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

// step is a command and what it prints.
type step struct{ line, output string }

// transcript returns the commands of the console blocks in text.
func transcript(text string) []step {
	var steps []step
	inside := false
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "```"):
			inside = strings.TrimSpace(line) == "```console"
		case !inside:
		case strings.HasPrefix(line, "$ "):
			steps = append(steps, step{line: strings.TrimSpace(line[2:])})
		case len(steps) > 0:
			steps[len(steps)-1].output += line
		}
	}
	return steps
}

var (
	hexadecimal = regexp.MustCompile(`\b(?:[0-9a-f]{64}|[0-9a-f]{12})\b`)
	moment      = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`)
	quantity    = regexp.MustCompile(`\b\d+(?:\.\d+)?(?: ?(?:B|kB|ns|µs|ms|s)\b)?`)
)

// today takes out of a transcript what is another on another day.
func today(s string) string {
	s = hexadecimal.ReplaceAllString(s, "HEX")
	s = moment.ReplaceAllString(s, "DATE")
	return quantity.ReplaceAllString(s, "N")
}

// matches reports whether got has the lines of want, with any lines for each
// that is "...".
func matches(want, got string) bool {
	var pattern strings.Builder
	for line := range strings.Lines(want) {
		if strings.TrimSpace(line) == "..." {
			pattern.WriteString(`(?:.*\n)*?`)
			continue
		}
		pattern.WriteString(regexp.QuoteMeta(line))
	}
	return regexp.MustCompile(`^` + pattern.String() + `$`).MatchString(got)
}
