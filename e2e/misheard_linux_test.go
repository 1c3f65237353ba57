package e2e

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestMissOfOtherInputNamesThePlace plays a container's session to a client
// with other input: the miss names the place of the difference, and its hint
// works.
func TestMissOfOtherInputNamesThePlace(t *testing.T) {
	needEngines(t)
	l := startEngine(t)
	l.importShell()
	cassette := filepath.Join(folder(t), "c.yaml")
	reading := func(input string) []string {
		return []string{"--", "sh", "-c", "printf '" + input + "' | docker run --rm -i " + shellImage + " cat"}
	}
	recordCommand(t, l.docker.Socket, cassette, reading(`one\ntwo\n`)...)
	l.stop()
	replay := func(input string, flags ...string) result {
		return runs(t, append(append([]string{command("replay"), cassette}, flags...), reading(input)...)...)
	}
	for _, tt := range []struct {
		input, says string
		hint        bool
	}{
		{`one\nsix\n`, `stream: "six\n" instead of "two\n" at byte 4, after "one\n"`, true},
		{`one\ntwo\nthree\n`, `stream: "three\n" follows at byte 8, after "one\ntwo\n", where the recorded client closed`, false},
		{`on`, "", false}, // it leaves early
	} {
		r := replay(tt.input)
		stderr := string(r.stderr)
		if tt.says == "" {
			if r.status != 0 {
				t.Errorf("%s: exit status %d\n%s", tt.input, r.status, stderr)
			}
			continue
		}
		if r.status != 3 || !strings.Contains(stderr, tt.says) || strings.Contains(stderr, "hint: --stream-match length") != tt.hint {
			t.Errorf("%s: exit status %d, want 3\n%s\nwant %s, and a hint: %v", tt.input, r.status, stderr, tt.says, tt.hint)
		}
		if !strings.Contains(stderr, "/attach?") {
			t.Errorf("%s: the request is not named:\n%s", tt.input, stderr)
		}
	}
	if r := replay(`one\nsix\n`, "--stream-match", "length"); r.status != 0 {
		t.Errorf("with the hint followed: exit status %d\n%s", r.status, r.stderr)
	}
}
