package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestBuildKit builds with BuildKit through record, and again with the engine
// gone. The engine takes over a connection of the client's and asks on it, by
// gRPC, for the files of the build. Ids are new each time, and stand in
// queries and fields alone. The client's bytes on that connection are the same
// as long as its files are.
func TestBuildKit(t *testing.T) {
	needEngines(t)
	cli := builtinBuildKit(t)
	l := startEngine(t)
	many := filepath.Join(l.dir, "files", "many")
	for i := range 60 {
		path := filepath.Join(many, fmt.Sprintf("folder-%d", i%7), fmt.Sprintf("file-%d", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, noise(i*700), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(many, "Dockerfile"), []byte("FROM base:1\nCOPY . /all\nRUN [\"/probe\", \"say\", \"built\", \"with care\"]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var builds []*bkBuild
	for _, b := range []bkBuild{
		{name: "first", context: l.file("ctx")},
		{name: "cached", context: l.file("ctx")},
		{name: "no-cache", context: l.file("ctx"), flags: []string{"--no-cache"}},
		{name: "failing", context: l.file("wrong"), status: 1},
		{name: "large", context: many, large: true},
	} {
		t.Run("record/"+b.name, func(t *testing.T) {
			b.cassette = filepath.Join(folder(t), "c.yaml")
			r := b.run(t, cli, command("record"), "--upstream", "unix://"+l.docker.Socket, "--cassette", b.cassette, "--api", "docker/1.41")
			if r.status != b.status {
				t.Fatalf("exit status %d, want %d\n%s", r.status, b.status, r.stderr)
			}
			verifies(t, b.cassette)
			b.printed = printedBy(r)
			builds = append(builds, &b)
		})
	}
	l.docker.Stop()
	for _, b := range builds {
		t.Run("replay/"+b.name, func(t *testing.T) {
			went := map[string]int{}
			for range takes(1, 3, 100) {
				went[b.replay(t, cli)]++
			}
			t.Logf("%v", went)
		})
	}
}

// replay plays the build and returns its result. The client of a large build
// cuts its files into other frames each time, and sends them in another order:
// it may fail, but must end.
func (b *bkBuild) replay(t *testing.T, cli string) string {
	t.Helper()
	flags := []string{"--stream-match", "length", "--causal-timeout", "1h"}
	if b.large {
		flags = []string{"--causal-timeout", "1s"}
	}
	r := b.run(t, cli, slices.Concat([]string{command("replay"), b.cassette, "--strict"}, flags)...)
	switch got := printedBy(r); {
	case r.status == 137:
		t.Errorf("the client did not end\n%s", r.stderr)
		return "hung"
	case b.large:
		return fmt.Sprint("ended with status ", r.status)
	case r.status != b.status:
		t.Errorf("exit status %d, want %d\n%s", r.status, b.status, r.stderr)
		return fmt.Sprint("status ", r.status)
	case got == b.printed:
		return "built"
	case b.status != 0 && leavesOut(b.printed, got):
		return "failed, and printed less of its progress"
	}
	t.Errorf("printed otherwise: %v", sameBytes([]byte(b.printed), []byte(printedBy(r)), 0))
	return "printed otherwise"
}

// bkBuild is a recorded build.
type bkBuild struct {
	name     string
	context  string
	flags    []string
	status   int
	large    bool
	cassette string
	printed  string
}

func (b *bkBuild) run(t *testing.T, cli string, args ...string) result {
	t.Helper()
	args = append(args, "--", "timeout", "-s", "KILL", "20", cli, "build", "--network", "host", "--progress", "plain")
	return invocation{args: slices.Concat(args, b.flags, []string{b.context}), env: []string{"DOCKER_BUILDKIT=1"}}.run(t)
}

// printedBy returns the lines that the client printed, in alphabetical order,
// because steps run in parallel. Lines about progress are left out: the client
// does not always print them.
func printedBy(r result) string {
	var lines []string
	for line := range strings.Lines(string(withoutLines(r.stderr, "record: ", "replay: "))) {
		passing := strings.Contains(line, " transferring ") || strings.Contains(line, " exporting layers") ||
			strings.Contains(line, " writing image ") && !strings.HasSuffix(line, " done\n")
		if !passing {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// leavesOut reports whether got has lines of all alone, and the error among them: a
// client whose build has failed prints its progress as far as it has come.
func leavesOut(all, got string) bool {
	const failed = "executor failed running"
	lines := slices.Collect(strings.Lines(all))
	for line := range strings.Lines(got) {
		i := slices.Index(lines, line)
		if i < 0 {
			return false
		}
		lines = slices.Delete(lines, i, i+1)
	}
	return strings.Contains(got, failed)
}

// builtinBuildKit returns a docker that needs no plugin for BuildKit.
func builtinBuildKit(t *testing.T) string {
	t.Helper()
	for _, cli := range dockerCLIs(t) {
		var major int
		if _, err := fmt.Sscanf(cli.name, "docker%d.", &major); err == nil && major < 23 {
			return cli.path
		}
	}
	skip(t, fmt.Errorf("need a docker older than 23 on the path"))
	return ""
}
