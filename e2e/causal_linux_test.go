package e2e

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCausality records scenes of clients that use several connections of a
// real engine at once, and replays each many times with the engine gone.
// Output, by stream, and exit status must be the same, no wait may time out,
// and everything must be played.
func TestCausality(t *testing.T) {
	needEngines(t)
	l := startEngine(t)
	l.importShell()
	var filmed []*film
	for _, s := range mine(stagings(t)) {
		t.Run("record/"+s.variant.name+"/"+s.scene.name, func(t *testing.T) {
			filmed = append(filmed, shoot(t, l.as(t), s.variant, s.scene))
		})
	}
	l.stop()
	t.Run("replay", func(t *testing.T) {
		for _, f := range filmed {
			t.Run(f.variant.name+"/"+f.scene.name, f.replay)
		}
	})
}

// staging is a client that plays a scene.
type staging struct {
	variant variant
	scene   scene
}

// stagings returns the scenes, each with every client that plays it: a rare one
// with one, and over TCP in the long form alone.
func stagings(t *testing.T) (all []staging) {
	clients := dockerVariants(t)
	for n, sc := range scenes {
		for i, v := range clients {
			if plays(i, len(clients), n) && (!sc.rare || !full() || i == 0) {
				all = append(all, staging{v, sc})
			}
		}
		if last := clients[len(clients)-1]; long() && !sc.rare && !sc.direct {
			all = append(all, staging{variant{name: last.name + "-tcp", cli: last.cli, tcp: true}, sc})
		}
	}
	return all
}

// shellImage has a shell and the programs that scenes call in it.
const shellImage = "shell:1"

// importShell makes the image of busybox.
func (l *lab) importShell() {
	l.t.Helper()
	busybox, err := os.ReadFile("/bin/busybox")
	if err != nil {
		skip(l.t, fmt.Errorf("need a busybox that is linked statically: %w", err))
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	headers := []tar.Header{{Name: "bin/busybox", Mode: 0o755, Size: int64(len(busybox)), ModTime: madeAt}}
	for _, name := range []string{"sh", "cat", "echo", "sleep", "seq", "head", "tail"} {
		headers = append(headers, tar.Header{Name: "bin/" + name, Typeflag: tar.TypeSymlink, Linkname: "busybox", Mode: 0o777, ModTime: madeAt})
	}
	for _, h := range headers {
		err = errors.Join(err, w.WriteHeader(&h))
		if h.Typeflag != tar.TypeSymlink {
			_, werr := w.Write(busybox)
			err = errors.Join(err, werr)
		}
	}
	path := l.file("shell.tar")
	if err := errors.Join(err, w.Close(), os.WriteFile(path, b.Bytes(), 0o644)); err != nil {
		l.t.Fatal(err)
	}
	l.must("import", path, shellImage)
}

// film is a recorded scene.
type film struct {
	variant variant
	scene   scene
	dir     string
	left    map[string]string // what its clients left
}

func (f *film) cassette() string { return filepath.Join(f.dir, "c.yaml") }

// shoot records a scene.
func shoot(t *testing.T, l *lab, v variant, sc scene) *film {
	t.Helper()
	f := &film{variant: v, scene: sc, dir: folder(t)}
	prefix := sc.name + "-" + strings.ReplaceAll(v.name, ".", "-")
	if sc.before != nil {
		sc.before(func(args ...string) { l.must(args...) }, prefix)
	}
	r := serve(t, with([]string{command("record"), "--upstream", "unix://" + l.docker.Socket, "--cassette", f.cassette()}, v.listen()...)...)
	s := newSet(t, v, r.addr, prefix, true)
	sc.play(s)
	f.left = s.leave()
	if status := r.stop(); status != 0 {
		t.Fatalf("record exited %d:\n%s", status, r.stderr.String())
	}
	for name, output := range f.left {
		if strings.Contains(output, "Error") || strings.Contains(output, "Cannot connect") {
			t.Errorf("%s is %q", name, output)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
	return f
}

// manner is a way to replay a scene.
type manner struct {
	name  string
	slow  bool // what clients send comes late, by chance
	tight bool // replay has one processor, and with WIRETAPE_LONG not to itself
	takes int
}

// manners are the ways to replay a scene, each with its number of takes, which
// WIRETAPE_TAKES changes.
func manners() []manner {
	return []manner{
		{name: "plain", takes: takes(1, 2, 100)},
		{name: "slow", slow: true, takes: takes(1, 1, 20)},
		{name: "tight", tight: true, takes: takes(1, 1, 20)},
	}
}

// replay plays the scene again and again, and counts the differences.
func (f *film) replay(t *testing.T) {
	for _, m := range manners() {
		if m.slow && f.scene.direct {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			if m.tight && long() {
				keepBusy(t)
			}
			if f.variant.tcp {
				m.takes = fewer(m.takes)
			}
			f.takes(t, m, nil)
			if f.variant.tcp {
				return // whose processes are not known: all clients keep company
			}
			m.takes = fewer(m.takes)
			for _, part := range f.scene.parts {
				f.takes(t, m, part)
			}
		})
	}
}

func fewer(takes int) int { return (takes + 4) / 5 }

// takes replays the scene, or a part of it, m's number of times.
func (f *film) takes(t *testing.T, m manner, part []int) {
	failed := 0
	for n := range m.takes {
		if err := f.take(t, m, part); err != nil {
			failed++
			t.Errorf("clients %v, take %d: %v", part, n+1, err)
		}
	}
	t.Logf("clients %v: %d of %d takes failed", part, failed, m.takes)
}

// keepBusy keeps two processors busy until the test has ended.
func keepBusy(t *testing.T) {
	for range 2 {
		cmd := exec.Command("sh", "-c", "while :; do :; done")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			cmd.Process.Kill()
			cmd.Wait()
		})
	}
}

// take replays the scene, or a part of it, once.
func (f *film) take(t *testing.T, m manner, part []int) error {
	report := filepath.Join(folder(t), "report.json")
	args := with([]string{command("replay"), f.cassette(), "--causal-timeout", "1h", "--report", report}, f.variant.listen()...)
	if part == nil {
		args = append(args, "--strict")
	}
	if m.tight {
		args = append([]string{"env", "GOMAXPROCS=1"}, args...)
	}
	r := serve(t, args...)
	addr := r.addr
	if m.slow {
		addr = startSlow(t, addr)
	}
	s := newSet(t, f.variant, addr, f.scene.name+"-"+strings.ReplaceAll(f.variant.name, ".", "-"), false)
	s.part = part
	f.scene.play(s)
	left := s.leave()
	var errs []error
	if status := r.stop(); status != 0 {
		errs = append(errs, fmt.Errorf("replay exited %d:\n%s", status, r.stderr.String()))
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		if left[name] != f.left[name] {
			errs = append(errs, fmt.Errorf("%s: %w", name, sameBytes([]byte(f.left[name]), []byte(left[name]), 0)))
		}
	}
	return errors.Join(append(errs, playedWell(report))...)
}
