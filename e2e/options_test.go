package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/e2e/tap"
)

// curl returns a COMMAND that asks for a path of the server in DOCKER_HOST.
func curl(paths ...string) []string {
	script := `exec curl -sS --fail --unix-socket "${DOCKER_HOST#unix://}"`
	for _, p := range paths {
		script += " 'http://x" + p + "'"
	}
	return []string{"--", "sh", "-c", script}
}

// recordCommand runs record with flags and a COMMAND to its end.
func recordCommand(t *testing.T, upstream, cassette string, more ...string) result {
	t.Helper()
	return runs(t, append([]string{command("record"), "--upstream", upstream, "--cassette", cassette}, more...)...)
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestOnceRecordsThenPlays(t *testing.T) {
	origin := serveOrigin(t, sizedOrExact)
	cassette := filepath.Join(folder(t), "c.yaml")
	first := recordCommand(t, origin, cassette, append([]string{"--once"}, curl("/a/small", "/b/chunked")...)...)
	if first.status != 0 || len(first.stdout) == 0 {
		t.Fatalf("the recording exited %d:\n%s%s", first.status, first.stdout, first.stderr)
	}
	before := read(t, cassette)
	nobody := "unix://" + socketPath()
	second := recordCommand(t, nobody, cassette, append([]string{"--once"}, curl("/a/small", "/b/chunked")...)...)
	if second.status != 0 || !bytes.Equal(second.stdout, first.stdout) {
		t.Errorf("the replay exited %d and printed %q, want 0 and %q\n%s", second.status, second.stdout, first.stdout, second.stderr)
	}
	if read(t, cassette) != before {
		t.Error("playing changed the cassette")
	}
	missed := recordCommand(t, nobody, cassette, append([]string{"--once"}, curl("/other")...)...)
	if missed.status == 0 {
		t.Error("a request that was not recorded went well")
	}
}

func TestOnlyAndSkipLeaveExchangesOut(t *testing.T) {
	origin := serveOrigin(t, sizedOrExact)
	for _, c := range []struct {
		name       string
		flags      []string
		kept, gone []string
	}{
		{"only", []string{"--only", "GET /a/*"}, []string{"/a/small", "/a/chunked"}, []string{"/b/small"}},
		{"skip", []string{"--skip", "/a/**"}, []string{"/b/small"}, []string{"/a/small", "/a/chunked"}},
		{"both", []string{"--only", "/a/*", "--skip", "/*/chunked"}, []string{"/a/small"}, []string{"/a/chunked", "/b/small"}},
		{"neither", nil, []string{"/a/small", "/a/chunked", "/b/small"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			cassette := filepath.Join(folder(t), "c.yaml")
			got := recordCommand(t, origin, cassette, append(c.flags, curl("/a/small", "/b/small", "/a/chunked")...)...)
			if got.status != 0 || bytes.Count(got.stdout, []byte("{")) != 7 {
				t.Errorf("all bytes must pass; curl exited %d and printed %q", got.status, got.stdout)
			}
			text := read(t, cassette)
			for _, path := range c.kept {
				if !strings.Contains(text, path) {
					t.Errorf("%s was left out", path)
				}
			}
			for _, path := range c.gone {
				if strings.Contains(text, path) {
					t.Errorf("%s was stored", path)
				}
			}
			verifies(t, cassette)
		})
	}
}

func TestAppendAddsASession(t *testing.T) {
	origin := serveOrigin(t, sizedOrExact)
	cassette := filepath.Join(folder(t), "c.yaml")
	recordCommand(t, origin, cassette, curl("/first/small", "/first/large")...)
	once := read(t, cassette)
	if got := recordCommand(t, origin, cassette, append([]string{"--append"}, curl("/second/small", "/second/large")...)...); got.status != 0 {
		t.Fatalf("record --append exited %d:\n%s", got.status, got.stderr)
	}
	twice := read(t, cassette)
	if !strings.HasPrefix(twice, once) {
		t.Errorf("the first session changed: %v", sameBytes([]byte(once), []byte(twice), len(twice)))
	}
	if !strings.Contains(twice, "/second/small") || !strings.Contains(twice, "session: 1") {
		t.Errorf("there is no second session in\n%s", twice[len(once):])
	}
	verifies(t, cassette)
	played := runs(t, append([]string{command("replay"), cassette}, curl("/second/large", "/first/large", "/second/small", "/first/small")...)...)
	if played.status != 0 || bytes.Count(played.stdout, []byte("/second/large")) != 8<<10 {
		t.Errorf("replay of both sessions exited %d:\n%s", played.status, played.stderr)
	}

	other := serveOrigin(t, sizedOrExact)
	refused := recordCommand(t, other, cassette, append([]string{"--append"}, curl("/third/small")...)...)
	if refused.status != 125 && refused.status != 1 {
		t.Errorf("another upstream: record exited %d, want a refusal\n%s", refused.status, refused.stderr)
	}
	if read(t, cassette) != twice {
		t.Error("a refused record changed the cassette")
	}
}

func TestOverwriteMustBeAskedFor(t *testing.T) {
	origin := serveOrigin(t, sizedOrExact)
	dir := folder(t)
	cassette := filepath.Join(dir, "c.yaml")
	recordCommand(t, origin, cassette, curl("/first/large")...)
	before := contents(t, dir)
	refused := recordCommand(t, origin, cassette, curl("/second/small")...)
	oneError(t, "record", refused, 125, 1)
	if len(refused.stdout) > 0 {
		t.Errorf("COMMAND ran all the same: %q", refused.stdout)
	}
	sameFiles(t, before, contents(t, dir))
	if got := recordCommand(t, origin, cassette, append([]string{"--overwrite"}, curl("/second/small")...)...); got.status != 0 {
		t.Fatalf("record --overwrite exited %d:\n%s", got.status, got.stderr)
	}
	for name, data := range contents(t, dir) {
		if bytes.Contains(data, []byte("/first/")) {
			t.Errorf("%s holds the old recording", name)
		}
	}
}

func sameFiles(t *testing.T, want, got map[string][]byte) {
	t.Helper()
	for name, data := range got {
		if !bytes.Equal(data, want[name]) {
			t.Errorf("%s was changed or is new", name)
		}
	}
	for name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is gone", name)
		}
	}
}

// TestRecordingsWithoutTimesAreEqual checks that two recordings of the same
// bytes are the same file.
func TestRecordingsWithoutTimesAreEqual(t *testing.T) {
	var texts []string
	upstream := regexp.MustCompile(`(?m)^  upstream: .*\n`)
	for range 2 {
		s := newStage(t, "--times", "none")
		for _, sc := range []script{
			{client(get), serverSays("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"), serverSays("0\r\n\r\n"), clientEOF, serverEOF},
			{client(get), serverSays("HTTP/1.1 200 OK\r\n\r\nclose"), serverEOF, clientEOF},
		} {
			if err := s.perform(sc); err != nil {
				t.Fatal(err)
			}
		}
		s.finish()
		verifies(t, s.cassette())
		texts = append(texts, upstream.ReplaceAllString(read(t, s.cassette()), ""))
	}
	if texts[0] != texts[1] {
		t.Errorf("two recordings of the same bytes differ: %v", sameBytes([]byte(texts[0]), []byte(texts[1]), 0))
	}
	if m := regexp.MustCompile(`(?m)^.*(times|recorded|duration): [^0\n].*$`).FindString(strings.ReplaceAll(texts[0], "source: recorded", "")); m != "" {
		t.Errorf("there is a time in %q", m)
	}
}

// TestRecordFromCassette checks that a cassette can stand in for the daemon,
// and that the recording of it has the same bytes.
func TestRecordFromCassette(t *testing.T) {
	first := newStage(t)
	sc := script{client(get), serverSays("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n1\r\n!\r\n0\r\n\r\n"), clientEOF}
	if err := first.perform(sc); err != nil {
		t.Fatal(err)
	}
	first.finish()
	copied := filepath.Join(folder(t), "copy.yaml")
	r := serve(t, command("record"), "--upstream", "cassette:"+first.cassette(), "--cassette", copied)
	got, err := play(dialAddr(r.addr), sc.events())
	if err != nil {
		t.Fatal(err)
	}
	if err := sameTraffic(tap.Conns(sc.events()), got, sameServer); err != nil {
		t.Error(err)
	}
	if status := r.stop(); status != 0 {
		t.Errorf("record exited %d:\n%s", status, r.stderr.String())
	}
	verifies(t, copied)
	again := stage{t: t, dir: filepath.Dir(copied)}
	os.Rename(copied, again.cassette())
	again.replays([]script{sc}, sameServer)
}
