package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tenTests are the tests of a project. Each cleans up after itself. $DOCKER is
// the client, $FILES the folder of the lab's files.
var tenTests = []struct{ name, script string }{
	{"version", `$DOCKER version`},
	{"images", `$DOCKER images --quiet --no-trunc --filter reference=base; $DOCKER inspect base:1; $DOCKER history --quiet base:1`},
	{"pull", `$DOCKER pull $REGISTRY/app:1; $DOCKER inspect $REGISTRY/app:1; $DOCKER rmi --force $REGISTRY/app:1`},
	{"life", `id=$($DOCKER create --name life shell:1 sh -c 'echo alive; echo ill >&2; exit 7')
		$DOCKER start $id; $DOCKER wait life; $DOCKER logs life; $DOCKER inspect --format '{{.State.ExitCode}}' $id; $DOCKER rm life`},
	{"run", `$DOCKER run --rm shell:1 sh -c 'echo out; echo err >&2; exit 3'; echo status $?`},
	{"run-stdin", `printf 'one\ntwo\n' | $DOCKER run --rm -i shell:1 cat`},
	{"exec", `$DOCKER run --detach --name host shell:1 sleep 1000
		$DOCKER exec host echo first; echo second | $DOCKER exec -i host cat; $DOCKER kill host; $DOCKER rm host`},
	{"build", `$DOCKER build --no-cache --tag ten:1 "$FILES/ctx"; $DOCKER run --rm ten:1 /probe say hi there; $DOCKER rmi ten:1`},
	{"copy", `$DOCKER create --name box base:1 /probe; $DOCKER cp "$FILES/upload" box:/up; $DOCKER cp box:/up - | tar -xO; $DOCKER rm box`},
	{"events", `$DOCKER events --filter container=seen --filter event=die --format '{{.Action}} {{.ID}}' >events.txt & listener=$!
		sleep 1; $DOCKER run --rm --name seen shell:1 echo seen; until [ -s events.txt ]; do sleep 0.1; done
		kill $listener; cat events.txt; rm events.txt; $DOCKER inspect seen; echo status $?`},
}

// suite is the ten tests, recorded by a client into one cassette.
type suite struct {
	dir, cassette string
	env           []string
	want          map[string]string // what each prints
}

// script returns a script that runs those tests, one after the other or all at
// once.
func (s *suite) script(dir string, order []int, atOnce bool) string {
	var b strings.Builder
	for _, i := range order {
		name := tenTests[i].name
		at := filepath.Join(dir, name)
		fmt.Fprintf(&b, "(mkdir -p %[1]s; cd %[1]s; (%[2]s) >%[1]s.out 2>%[1]s.err)", at, tenTests[i].script)
		if atOnce {
			b.WriteString(" &")
		}
		b.WriteString("\n")
	}
	return b.String() + "wait\n"
}

// outputs returns the output of each test.
func (s *suite) outputs(t *testing.T, dir string, order []int) map[string]string {
	t.Helper()
	got := map[string]string{}
	for _, i := range order {
		at := filepath.Join(dir, tenTests[i].name)
		got[tenTests[i].name] = read(t, at+".out") + "---\n" + read(t, at+".err")
	}
	return got
}

// replay plays those tests and checks that each prints the same as before,
// without a miss and without a wait that timed out.
func (s *suite) replay(t *testing.T, order []int, atOnce bool) {
	t.Helper()
	dir := folder(t)
	report := filepath.Join(dir, "report.json")
	args := []string{command("replay"), s.cassette, "--report", report, "--", "sh", "-c", s.script(dir, order, atOnce)}
	if r := (invocation{args: args, env: s.env}).run(t); r.status != 0 {
		t.Errorf("exit status %d\n%s", r.status, r.stderr)
	}
	for name, got := range s.outputs(t, dir, order) {
		if want := s.want[name]; got != want {
			t.Errorf("%s printed\n%s\nwant\n%s", name, got, want)
		}
	}
	if err := playedWell(report); err != nil {
		t.Error(err)
	}
}

// playedWell reads a report and returns its failures.
func playedWell(report string) error {
	var played struct {
		Misses []any
		GaveUp []struct{ Text string } `json:"gave_up"`
	}
	data, err := os.ReadFile(report)
	if err := errors.Join(err, json.Unmarshal(data, &played)); err != nil {
		return err
	}
	if len(played.Misses) > 0 || len(played.GaveUp) > 0 {
		return fmt.Errorf("misses: %v; waits given up: %v", played.Misses, played.GaveUp)
	}
	return nil
}

// TestTestsOfOneCassettePlayInAnyOrder records ten tests one after the other
// and plays each alone, all in other orders, and all at once.
func TestTestsOfOneCassettePlayInAnyOrder(t *testing.T) {
	needEngines(t)
	l := startLab(t)
	l.importShell()
	inOrder := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	var suites []*suite
	clis := dockerCLIs(t)
	if !full() {
		clis = clis[:1]
	}
	for _, cli := range clis {
		t.Run("record/"+cli.name, func(t *testing.T) {
			s := &suite{dir: folder(t), env: []string{"DOCKER=" + cli.path, "FILES=" + l.file(""), "REGISTRY=" + registryAddr}}
			s.cassette = filepath.Join(s.dir, "c.yaml")
			args := []string{command("record"), "--upstream", l.docker.Socket, "--cassette", s.cassette, "--", "sh", "-c", s.script(s.dir, inOrder, false)}
			if r := (invocation{args: args, env: s.env}).run(t); r.status != 0 {
				t.Fatalf("exit status %d\n%s", r.status, r.stderr)
			}
			s.want = s.outputs(t, s.dir, inOrder)
			for name, printed := range s.want {
				if strings.HasPrefix(printed, "---") || strings.Contains(printed, "not found") {
					t.Errorf("%s printed %q", name, printed)
				}
			}
			suites = append(suites, s)
		})
	}
	l.stop()
	if t.Failed() {
		t.FailNow()
	}
	for i, cli := range clis {
		s := suites[i]
		for i, test := range tenTests {
			t.Run("alone/"+cli.name+"/"+test.name, func(t *testing.T) { s.replay(t, []int{i}, false) })
		}
		for n := range takes(1, 2, 5) {
			order := rand.Perm(len(tenTests))
			t.Run(fmt.Sprintf("shuffled/%s/%d", cli.name, n), func(t *testing.T) {
				t.Log(order)
				s.replay(t, order, false)
			})
			t.Run(fmt.Sprintf("at-once/%s/%d", cli.name, n), func(t *testing.T) { s.replay(t, order, true) })
		}
	}
}
