package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/e2e/engine"
)

// closedAddr is the address of a registry that wants a login. user is its only
// user, with the password below.
const (
	closedAddr = "127.0.0.1:5099"
	user       = "ali:$2b$04$QC8KCiZ2RCw1jJknU8sjie/PcMz84ayjhObl882iabHGddrqLEOI2"
	password   = "open sesame"
)

// laterFlows are flows that depend on the time. $DOCKER is the client, $FILES
// the folder of the lab's files and $OUT a folder of their own.
var laterFlows = []struct{ name, script string }{
	{"build", `mkdir "$OUT/ctx" && cp "$FILES"/ctx/* "$OUT/ctx" && $DOCKER build --no-cache --tag later:1 "$OUT/ctx"; rm -r "$OUT/ctx"`},
	{"build-stdin", `cp "$FILES"/plain.Dockerfile "$OUT/Dockerfile" && tar -C "$OUT" -c Dockerfile | $DOCKER build --no-cache --tag later:2 -`},
	{"build-twice", `for name in one two; do
		mkdir "$OUT/ctx" && cp "$FILES"/ctx/* "$OUT/ctx" && echo "LABEL name=$name" >>"$OUT/ctx/Dockerfile"
		$DOCKER build --no-cache --tag later:3 "$OUT/ctx"; rm -r "$OUT/ctx"; done`},
	{"events", `$DOCKER events --since 1h --until "$(date +%s)" --filter container=talk --format '{{json .}}'`},
	{"events-ago", `$DOCKER events --since 1h --until 1s --filter container=talk`},
	{"logs-since", `$DOCKER logs --since 1h talk`},
	{"logs-until", `$DOCKER logs --since "$(date +%s -d '-1 hour')" --until "$(date +%s -d '+1 hour')" --timestamps talk`},
	{"login", `export DOCKER_CONFIG="$OUT"; printf '` + password + `' | $DOCKER login --username ali --password-stdin ` + closedAddr},
	{"login-wrong", `export DOCKER_CONFIG="$OUT"; printf 'open poppy' | $DOCKER login --username ali --password-stdin ` + closedAddr + `; echo status $?`},
}

// laterRecording is the recording of such a flow.
type laterRecording struct {
	name, dir string
	env       []string
	script    string
	result    result
}

// play runs the flow as the COMMAND of record or replay.
func (r *laterRecording) play(t *testing.T, args ...string) result {
	t.Helper()
	out := filepath.Join(r.dir, "out")
	if err := os.MkdirAll(out, 0o755); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(out)
	return invocation{args: append(args, "--", "sh", "-c", r.script), env: append(r.env, "OUT="+out)}.run(t)
}

func (r *laterRecording) cassette() string { return filepath.Join(r.dir, "c.yaml") }

// TestPresets records flows that depend on the time, stops the engine, and
// runs them again: without any flag they match, and nothing is left over.
func TestPresets(t *testing.T) {
	needEngines(t)
	l := startLab(t)
	closed, err := engine.StartClosedRegistry(filepath.Join(l.dir, "closed"), closedAddr, user)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closed.Stop)
	var recordings []*laterRecording
	clis := dockerCLIs(t)
	for i, cli := range clis {
		for n, f := range laterFlows {
			if !plays(i, len(clis), n) {
				continue
			}
			t.Run("record/"+cli.name+"/"+f.name, func(t *testing.T) {
				env := []string{"DOCKER=" + cli.path, "FILES=" + l.file("")}
				r := &laterRecording{name: cli.name + "/" + f.name, dir: folder(t), env: env, script: f.script}
				r.result = r.play(t, command("record"), "--upstream", l.docker.Socket, "--cassette", r.cassette())
				if r.result.status != 0 || len(r.result.stdout) == 0 {
					t.Fatalf("exit status %d\n%s%s", r.result.status, r.result.stdout, r.result.stderr)
				}
				recordings = append(recordings, r)
			})
		}
	}
	l.stop()
	closed.Stop()
	for _, r := range recordings {
		t.Run("replay/"+r.name, func(t *testing.T) {
			got := r.play(t, command("replay"), r.cassette(), "--strict")
			if got.status != 0 || !bytes.Equal(got.stdout, r.result.stdout) {
				t.Errorf("exit status %d\n%s\nwant\n%s\n%s", got.status, got.stdout, r.result.stdout, got.stderr)
			}
			if got, want := withoutLines(got.stderr, "replay: "), withoutLines(r.result.stderr, "record: "); !bytes.Equal(got, want) {
				t.Errorf("stderr is %q, want %q", got, want)
			}
			if strings.Contains(read(t, r.cassette()), password) {
				t.Error("the password is in the cassette")
			}
		})
	}
}
