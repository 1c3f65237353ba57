package e2e

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "record ../replay/testdata/session.yaml anew")

// TestSession records a client script of twenty calls from a real engine and
// plays it to the script again with the engine gone. It does the same with the
// recording that the tests of explanations use.
func TestSession(t *testing.T) {
	needEngines(t)
	const script, kept = "../replay/testdata/session.sh", "../replay/testdata/session.yaml"
	l := startLab(t)
	l.importShell()
	cassette := filepath.Join(folder(t), "session.yaml")
	env := []string{"IMAGE=" + l.image("app")}
	play := func(t *testing.T, args ...string) result {
		return invocation{args: append(args, "--", "sh", script), env: env}.run(t)
	}
	want := play(t, command("record"), "--upstream", l.docker.Socket, "--cassette", cassette)
	l.stop()
	if want.status != 0 || bytes.Contains(want.stdout, []byte(`{"message":`)) || !bytes.Contains(want.stdout, []byte("ready")) {
		t.Fatalf("exit status %d\n%s%s", want.status, want.stdout, want.stderr)
	}
	if n := bytes.Count(succeeds(t, command("cassette"), "show", cassette), []byte("\n#")); n != 20 {
		t.Errorf("%d interactions were recorded, want 20", n)
	}
	if *update {
		text := strings.Replace(read(t, cassette), "unix://"+l.docker.Socket, "unix:///var/run/docker.sock", 1)
		if err := os.WriteFile(kept, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got := play(t, command("replay"), cassette, "--strict")
	if got.status != 0 || !bytes.Equal(got.stdout, want.stdout) {
		t.Errorf("exit status %d\n%s\nwant\n%s\n%s", got.status, got.stdout, want.stdout, got.stderr)
	}
	if got := play(t, command("replay"), kept, "--strict"); got.status != 0 || strings.Contains(string(got.stdout), `{"message":`) {
		t.Errorf("the kept recording: exit status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
}
