package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLiveDaemon plays a recording to a client that asks for more. The engine
// answers the rest, which is added to the cassette, and then the cassette is
// played with the engine gone.
func TestLiveDaemon(t *testing.T) {
	needEngines(t)
	l := startEngine(t)
	l.importShell()
	const known = "docker version; docker images --quiet --no-trunc"
	const more = known + `
		printf 'one\ntwo\n' | docker run --rm -i ` + shellImage + ` cat
		docker run --rm ` + shellImage + ` sh -c 'echo out; echo err >&2; exit 3'; echo status $?
		docker inspect nothing; echo status $?
		docker save base:1 | wc -c
		docker version`
	dir := folder(t)
	type cast struct{ name, listen, path string }
	casts := []cast{{"unix", "", ""}, {"tcp", "tcp://127.0.0.1:20990", ""}}
	want := map[string]result{}
	for i, c := range casts {
		casts[i].path = filepath.Join(dir, c.name+".yaml")
		path := casts[i].path
		t.Run("live/"+c.name, func(t *testing.T) {
			runs(t, command("record"), "--upstream", l.docker.Socket, "--cassette", path, "--", "sh", "-c", known)
			report := filepath.Join(dir, c.name+".json")
			args := []string{command("replay"), path, "--on-miss", "proxy=" + l.docker.Socket, "--append", "--report", report}
			if c.listen != "" {
				args = append(args, "--listen", c.listen)
			}
			r := runs(t, append(args, "--", "sh", "-c", more)...)
			if r.status != 0 || !strings.Contains(string(r.stdout), "one\ntwo\nout\nstatus 3\n") {
				t.Fatalf("exit status %d\n%s%s", r.status, r.stdout, r.stderr)
			}
			checkProxied(t, report)
			want[c.name] = r
		})
	}
	t.Run("live/large", func(t *testing.T) {
		path := filepath.Join(dir, "large.yaml")
		runs(t, command("record"), "--upstream", l.docker.Socket, "--cassette", path, "--", "sh", "-c", known)
		l.checkLarge(t, path)
	})
	l.stop()
	for _, c := range casts {
		t.Run("replay/"+c.name, func(t *testing.T) {
			verifies(t, c.path)
			r := runs(t, command("replay"), c.path, "--strict", "--", "sh", "-c", more)
			if r.status != 0 || !bytes.Equal(r.stdout, want[c.name].stdout) {
				t.Errorf("exit status %d\n%s\nwant\n%s\n%s", r.status, r.stdout, want[c.name].stdout, r.stderr)
			}
			if got, want := withoutLines(r.stderr, "replay: "), withoutLines(want[c.name].stderr, "replay: "); !bytes.Equal(got, want) {
				t.Errorf("stderr is %q, want %q", got, want)
			}
		})
	}
}

// checkLarge passes an image of many megabytes, and BuildKit's traffic, which
// is not HTTP/1, through a replay to the engine.
func (l *lab) checkLarge(t *testing.T, cassette string) {
	t.Helper()
	large := filepath.Join(folder(t), "large.tar")
	if err := os.WriteFile(large, tarball(t, "noise", noise(64<<20)), 0o644); err != nil {
		t.Fatal(err)
	}
	const script = `set -e
		docker import "$LARGE" large:1; docker save large:1 | wc -c; docker rmi large:1
		DOCKER_BUILDKIT=1 docker build --network none --tag kit:1 "$FILES/ctx"; docker run --rm kit:1 /probe say built ''`
	at := []string{command("replay"), cassette, "--on-miss", "proxy=" + l.docker.Socket, "--report", large + ".json", "--", "sh", "-c", script}
	r := invocation{args: at, env: []string{"PATH=/usr/bin:/bin", "LARGE=" + large, "FILES=" + l.file("")}}.run(t)
	if r.status != 0 || !strings.HasSuffix(string(r.stdout), "built\n") {
		t.Errorf("exit status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	data := read(t, large+".json")
	for _, want := range []string{"POST /v1.41/images/create?", "POST /session", "POST /v1.41/build?"} {
		if !strings.Contains(data, want) {
			t.Errorf("%s was not asked of the engine:\n%s", want, data)
		}
	}
}

// checkProxied checks that a report has played, proxied and no missed
// requests.
func checkProxied(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Played          int
		Misses, Proxied []struct{ Request string }
	}
	if err := json.Unmarshal(data, &report); err != nil {
		t.Fatal(err)
	}
	if report.Played == 0 || len(report.Misses) != 0 || len(report.Proxied) == 0 {
		t.Errorf("the report is %s", data)
	}
	for _, p := range report.Proxied {
		if strings.HasPrefix(p.Request, "HEAD /_ping") {
			t.Errorf("%s was recorded, and yet was asked of the engine", p.Request)
		}
	}
}
