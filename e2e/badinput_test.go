package e2e

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wiretape/wiretape/e2e/sandbox"
)

// oneError checks a refusal: one of the statuses, nothing on stdout, and one
// line with "error", beside which only hints may stand.
func oneError(t *testing.T, name string, got result, statuses ...int) {
	t.Helper()
	if !slices.Contains(statuses, got.status) {
		t.Errorf("%s exited %d, want one of %v", name, got.status, statuses)
	}
	if len(got.stdout) > 0 {
		t.Errorf("%s printed %q", name, got.stdout)
	}
	errors := 0
	for line := range strings.Lines(string(got.stderr)) {
		switch {
		case strings.HasPrefix(line, name+": error: "):
			errors++
		case !strings.HasPrefix(line, name+": hint: "):
			t.Errorf("%s also said %q", name, line)
		}
	}
	if errors != 1 {
		t.Errorf("%s said %d errors, want one:\n%s", name, errors, got.stderr)
	}
}

// TestRecordThatCannotStart checks that record leaves nothing behind.
func TestRecordThatCannotStart(t *testing.T) {
	origin := serveOrigin(t, sizedOrExact)
	for _, c := range []struct {
		name   string
		args   func(dir string) []string // beside a cassette in dir
		status int
	}{
		{"no upstream", func(string) []string { return []string{"--cassette", "c.yaml"} }, 2},
		{"no cassette", func(string) []string { return []string{"--upstream", origin} }, 2},
		{"unknown flag", func(dir string) []string {
			return []string{"--upstream", origin, "--cassette", dir + "/c.yaml", "--fly"}
		}, 2},
		{"wrong address", func(dir string) []string {
			return []string{"--upstream", "ftp://x", "--cassette", dir + "/c.yaml"}
		}, 2},
		{"address in use", func(dir string) []string {
			return []string{"--upstream", origin, "--cassette", dir + "/c.yaml", "--listen", origin}
		}, 1},
		{"TCP address in use", func(dir string) []string {
			return []string{"--upstream", origin, "--cassette", dir + "/c.yaml", "--listen", "tcp://" + busyPort(t)}
		}, 1},
		{"address of others", func(dir string) []string {
			return []string{"--upstream", origin, "--cassette", dir + "/c.yaml", "--listen", "tcp://0.0.0.0:0"}
		}, 1},
		{"socket path too long", func(dir string) []string {
			return []string{"--upstream", origin, "--cassette", dir + "/c.yaml", "--listen", "unix://" + dir + "/" + strings.Repeat("x", 120)}
		}, 1},
		{"no such folder", func(dir string) []string {
			return []string{"--upstream", origin, "--cassette", dir + "/no/such/c.yaml"}
		}, 1},
		{"folder that is a file", func(dir string) []string { return []string{"--upstream", origin, "--cassette", "/dev/null/c.yaml"} }, 1},
		{"cassette that is a folder", func(dir string) []string { return []string{"--upstream", origin, "--cassette", dir} }, 1},
		{"wrong pattern", func(dir string) []string {
			return []string{"--upstream", origin, "--cassette", dir + "/c.yaml", "--only", "not a pattern"}
		}, 2},
		{"wrong rule", func(dir string) []string {
			return []string{"--upstream", origin, "--cassette", dir + "/c.yaml", "--redact", "everything"}
		}, 2},
		{"upstream cassette missing", func(dir string) []string {
			return []string{"--upstream", "cassette:" + dir + "/none.yaml", "--cassette", dir + "/c.yaml"}
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t)
			oneError(t, "record", runs(t, append([]string{command("record")}, c.args(dir)...)...), c.status, min(c.status+1, 2))
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("it left %v, %v", left, err)
			}
		})
	}
}

// TestUnwritableFolder checks that record makes and changes nothing.
func TestUnwritableFolder(t *testing.T) {
	if noSandbox != nil {
		skip(t, noSandbox)
	}
	dir := filepath.Join(folder(t), "disk")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := sandbox.Tmpfs(dir, "256k"); err != nil {
		skip(t, err)
	}
	origin := serveOrigin(t, sizedOrExact)
	recordCommand(t, origin, dir+"/there.yaml", curl("/a/small")...)
	if err := sandbox.ReadOnly(dir); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	for _, c := range []struct{ name, flag string }{
		{"new.yaml", "--quiet"}, {"new.yaml", "--once"}, {"new.yaml", "--append"},
		{"there.yaml", "--append"}, {"there.yaml", "--overwrite"},
	} {
		got := runs(t, command("record"), "--upstream", origin, "--cassette", dir+"/"+c.name, c.flag)
		oneError(t, "record", got, 1)
		if said := string(got.stderr); !strings.Contains(said, c.name) || !strings.Contains(said, "read-only file system") {
			t.Errorf("%s %s: record said %q", c.name, c.flag, said)
		}
	}
	sameFiles(t, before, contents(t, dir))
	if got := recordCommand(t, origin, dir+"/there.yaml", append([]string{"--once"}, curl("/a/small")...)...); got.status != 0 {
		t.Errorf("playing a cassette there exited %d:\n%s", got.status, got.stderr)
	}
}

// TestOtherFilesAreLeftAlone checks that files in the place of a cassette or a
// socket stay as they are.
func TestOtherFilesAreLeftAlone(t *testing.T) {
	origin := serveOrigin(t, sizedOrExact)
	dir := folder(t)
	for name, text := range map[string]string{"notes.yaml": "dear: diary\n", "empty.yaml": "", "torn.yaml": "---\nversion: 2\ninteractions:\n  - id: [\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(dir+"/folder.yaml", 0o755); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	for _, c := range []struct {
		name  string
		flags []string
	}{
		{"notes.yaml", []string{"--overwrite", "--append", "--once", "--quiet"}},
		{"empty.yaml", []string{"--append", "--once", "--quiet"}},
		{"torn.yaml", []string{"--append", "--once", "--quiet"}},
		{"folder.yaml", []string{"--overwrite", "--append", "--once", "--quiet"}},
	} {
		for _, flag := range c.flags {
			t.Run(c.name+flag, func(t *testing.T) {
				got := runs(t, command("record"), "--upstream", origin, "--cassette", dir+"/"+c.name, flag)
				oneError(t, "record", got, 1)
				if !strings.Contains(string(got.stderr), c.name) {
					t.Errorf("record does not name it:\n%s", got.stderr)
				}
			})
		}
	}
	t.Run("listen", func(t *testing.T) {
		got := runs(t, command("record"), "--upstream", origin, "--cassette", dir+"/c.yaml", "--listen", dir+"/notes.yaml")
		oneError(t, "record", got, 1)
	})
	sameFiles(t, before, contents(t, dir))
}

// busyPort returns a TCP address that has a listener.
func busyPort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// TestUnreachableUpstream checks that record closes the client's connection,
// logs the failed dial, and writes the mark to the cassette.
func TestUnreachableUpstream(t *testing.T) {
	dir := folder(t)
	upstream, cassette := socketPath(), dir+"/c.yaml"
	r := serve(t, command("record"), "--upstream", "unix://"+upstream, "--cassette", cassette)
	c, err := net.Dial("unix", strings.TrimPrefix(r.addr, "unix://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	if n, err := c.Read(make([]byte, 1)); n > 0 || err != io.EOF {
		t.Errorf("the client read %d bytes, %v; want EOF", n, err)
	}
	if status := r.stop(); status != 0 {
		t.Errorf("record exited %d, want 0", status)
	}
	if said := r.stderr.String(); !strings.Contains(said, upstream) {
		t.Errorf("record does not say that it could not dial %s:\n%s", upstream, said)
	}
	if text := read(t, cassette); !strings.Contains(text, "server-unreachable") {
		t.Errorf("there is no mark in\n%s", text)
	}
	verifies(t, cassette)
}

// TestStaleSocketIsTakenOver checks that a socket file without a listener is
// no obstacle.
func TestStaleSocketIsTakenOver(t *testing.T) {
	path := socketPath()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	r := serve(t, command("record"), "--upstream", serveOrigin(t, sizedOrExact), "--cassette", folder(t)+"/c.yaml", "--listen", "unix://"+path)
	bodySum(t, r.addr, "/a/small")
	if status := r.stop(); status != 0 {
		t.Errorf("record exited %d:\n%s", status, r.stderr.String())
	}
	if _, err := os.Lstat(path); err == nil {
		t.Error("the socket file is still there")
	}
}

// TestReplayOfBadInput checks that replay refuses a file that is not a
// cassette in one line with its name.
func TestReplayOfBadInput(t *testing.T) {
	dir := folder(t)
	good := filepath.Join(dir, "good.yaml")
	recordCommand(t, serveOrigin(t, sizedOrExact), good, curl("/a/large")...)
	text := read(t, good)
	bodies := strings.TrimSuffix(good, ".yaml") + ".bodies/"
	if _, err := os.Stat(bodies); err != nil {
		t.Fatal(err)
	}
	os.WriteFile(dir+"/outside", []byte(strings.Repeat("x", 200<<10)), 0o644)
	elsewhere := folder(t) + "/body" // what would be right, if it were not elsewhere
	os.WriteFile(elsewhere, []byte(strings.Repeat("/a/large\n", 8<<10)), 0o644)
	if err := os.Symlink(elsewhere, bodies+"link"); err != nil {
		t.Fatal(err)
	}
	atLoad := []string{"empty", "not YAML", "other YAML", "list", "bad version"}
	for name, content := range map[string]string{
		"empty":          "",
		"not YAML":       "\x00\x01\x02{{{",
		"other YAML":     "a: [1, 2]\n",
		"list":           "- 1\n- 2\n",
		"damaged":        strings.Replace(text, "frames: [", "frames: [7, ", 1),
		"bad version":    strings.Replace(text, "version: 2", "version: 99", 1),
		"missing body":   strings.Replace(text, "good.bodies/", "gone.bodies/", 1),
		"escaping body":  replaceBodyFile(t, text, "../outside"),
		"absolute body":  replaceBodyFile(t, text, dir+"/outside"),
		"backward body":  replaceBodyFile(t, text, "good.bodies/../../outside"),
		"linked body":    replaceBodyFile(t, text, "good.bodies/link"),
		"other bodysize": strings.Replace(text, "frames: [", "frames: [1, ", 1),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".yaml")
			if content == text {
				t.Fatal("the cassette was not damaged")
			}
			if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
			got := runs(t, append([]string{command("replay"), path}, curl("/a/large")...)...)
			if got.status == 0 {
				t.Errorf("replay went well and printed %d bytes", len(got.stdout))
			}
			if !strings.Contains(string(got.stderr), path) {
				t.Errorf("replay does not name %s:\n%s", path, got.stderr)
			}
			if slices.Contains(atLoad, name) {
				oneError(t, "replay", runs(t, command("replay"), path), 1)
			}
			if verified := runs(t, command("cassette"), "verify", path); verified.status != 1 {
				t.Errorf("cassette verify exited %d, want 1:\n%s", verified.status, verified.stderr)
			}
			if read(t, path) != content {
				t.Error("the file was changed")
			}
		})
	}
	t.Run("missing", func(t *testing.T) { oneError(t, "replay", runs(t, command("replay"), dir+"/none.yaml"), 1) })
	t.Run("folder as a cassette", func(t *testing.T) {
		oneError(t, "record", runs(t, command("record"), "--upstream", "cassette:"+folder(t), "--cassette", folder(t)+"/c.yaml"), 1)
		oneError(t, "cassette", runs(t, command("cassette"), "show", dir), 1)
		oneError(t, "cassette", runs(t, command("cassette"), "verify", bodies), 1)
	})
	t.Run("empty folder", func(t *testing.T) { oneError(t, "replay", runs(t, command("replay"), folder(t)), 1) })
	t.Run("no library", func(t *testing.T) {
		oneError(t, "replay", runs(t, command("replay"), "library:docker/v0/none"), 1)
	})
	t.Run("usage", func(t *testing.T) { oneError(t, "replay", runs(t, command("replay")), 2) })
	t.Run("address in use", func(t *testing.T) {
		oneError(t, "replay", runs(t, command("replay"), good, "--listen", "tcp://"+busyPort(t)), 1)
	})
}

func replaceBodyFile(t *testing.T, text, name string) string {
	t.Helper()
	before, rest, found := strings.Cut(text, "good.bodies/")
	if !found {
		t.Fatalf("there is no body_file in\n%s", text)
	}
	end := strings.IndexAny(rest, "\",}\n")
	return before + name + rest[end:]
}

// TestMissIsExplained checks that the client gets its request, the nearest
// recordings and the status of a miss.
func TestMissIsExplained(t *testing.T) {
	cassette := folder(t) + "/c.yaml"
	recordCommand(t, serveOrigin(t, sizedOrExact), cassette, curl("/containers/json?all=1&x=small")...)
	script := `curl -sS -i --unix-socket "${DOCKER_HOST#unix://}" "http://x/containers/json?all=0&x=small"`
	got := runs(t, command("replay"), cassette, "--", "sh", "-c", script)
	if got.status != 3 {
		t.Errorf("replay exited %d, want 3", got.status)
	}
	for _, want := range []string{"HTTP/1.1 501 ", "Wiretape-Miss: ", `{"message":`, "/containers/json?all=0", "all=1"} {
		if !strings.Contains(string(got.stdout), want) {
			t.Errorf("the client does not see %q in\n%s", want, got.stdout)
		}
	}
	if !strings.Contains(string(got.stderr), "all=0") {
		t.Errorf("the log does not name the request:\n%s", got.stderr)
	}
}

// TestStrictReportsWhatWasNotPlayed also checks that nothing fails without
// --strict.
func TestStrictReportsWhatWasNotPlayed(t *testing.T) {
	cassette := folder(t) + "/c.yaml"
	recordCommand(t, serveOrigin(t, sizedOrExact), cassette, curl("/a/small", "/b/small")...)
	for _, c := range []struct {
		flags  []string
		paths  []string
		status int
	}{
		{nil, []string{"/a/small"}, 0},
		{[]string{"--strict"}, []string{"/a/small"}, 4},
		{[]string{"--strict"}, []string{"/b/small", "/a/small"}, 0},
		{nil, []string{"/a/small", "/a/small"}, 0},
	} {
		args := append([]string{command("replay"), cassette}, c.flags...)
		if got := runs(t, append(args, curl(c.paths...)...)...); got.status != c.status {
			t.Errorf("%v %v: replay exited %d, want %d:\n%s", c.flags, c.paths, got.status, c.status, got.stderr)
		}
	}
}

// TestCommandStatus checks that the status of COMMAND wins, and that a missing
// COMMAND has the shell's status.
func TestCommandStatus(t *testing.T) {
	origin := serveOrigin(t, sizedOrExact)
	script := folder(t) + "/not-executable"
	os.WriteFile(script, []byte("#!/bin/sh\n"), 0o644)
	for _, c := range []struct {
		command []string
		status  int
	}{
		{[]string{"sh", "-c", "exit 7"}, 7},
		{[]string{"sh", "-c", "kill -TERM $$"}, 143},
		{[]string{"/no/such/command"}, 127},
		{[]string{script}, 126},
		{[]string{"true"}, 0},
	} {
		t.Run(fmt.Sprint(c.command), func(t *testing.T) {
			cassette := folder(t) + "/c.yaml"
			got := recordCommand(t, origin, cassette, append([]string{"--"}, c.command...)...)
			if got.status != c.status {
				t.Errorf("record exited %d, want %d:\n%s", got.status, c.status, got.stderr)
			}
		})
	}
}
