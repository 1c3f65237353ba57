package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLiveDaemon plays a recording to a client that asks for more, with the
// rest asked of the engine and added to the cassette; and then again with the
// engine gone.
func TestLiveDaemon(t *testing.T) {
	needEngines(t)
	l := startLab(t)
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
