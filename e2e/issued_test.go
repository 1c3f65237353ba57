package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/wiretape/wiretape/e2e/engine"
)

// uploadFlow is a task that a client gives to a registry. Its requests arrive
// in any order, because layers go up in parallel.
type uploadFlow struct {
	name string
	// before makes the client's side fresh, unrecorded.
	before func(c *uploader)
	do     func(c *uploader) error
}

// uploader is a client with the registry that it speaks to.
type uploader struct {
	*lab
	addr string // the registry's
	repo string
}

func (c *uploader) ref(tag string) string { return c.addr + "/" + c.repo + ":" + tag }

// run runs a command to its end.
func (c *uploader) run(args ...string) error {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = baseEnv()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%q: %w\n%s", args, err, out)
	}
	return nil
}

func (c *uploader) docker(args ...string) error {
	return c.run(append([]string{"docker", "--host", "unix://" + c.lab.docker.Socket}, args...)...)
}

func (c *uploader) crane(args ...string) error {
	return c.run(append([]string{crane(c.t), "--insecure"}, args...)...)
}

func (c *uploader) skopeo(args ...string) error {
	return c.run(append([]string{"skopeo", "--insecure-policy"}, args...)...)
}

var uploadFlows = []uploadFlow{
	{name: "docker-push", before: freshEngine, do: func(c *uploader) error {
		return errors.Join(c.docker("load", "--input", c.file("five.tar")), c.docker("tag", "five:1", c.ref("1")), c.docker("push", c.ref("1")))
	}},
	{name: "docker-pull", before: freshEngine, do: func(c *uploader) error { return c.docker("pull", c.ref("1")) }},
	{name: "skopeo-copy", before: freshSkopeo, do: func(c *uploader) error {
		return c.skopeo("copy", "--dest-tls-verify=false", "docker-archive:"+c.file("five.tar"), "docker://"+c.ref("1"))
	}},
	{name: "crane-push", do: func(c *uploader) error { return c.crane("push", c.file("five.tar"), c.ref("1")) }},
	{name: "crane-pull", do: func(c *uploader) error { return c.crane("pull", c.ref("1"), filepath.Join(folder(c.t), "i.tar")) }},
	{name: "crane-copy", do: func(c *uploader) error { return c.crane("copy", c.ref("1"), c.addr+"/copied/here:1") }},
	{name: "crane-push-two", do: func(c *uploader) error {
		return together(
			func() error { return c.crane("push", c.file("five.tar"), c.ref("a")) },
			func() error { return c.crane("push", c.file("other.tar"), c.ref("b")) })
	}},
}

// freshEngine starts an engine that has seen no image yet.
func freshEngine(c *uploader) { c.startDocker(filepath.Base(folder(c.t))) }

// freshSkopeo makes skopeo forget the places where it has seen blobs: they
// decide which requests it sends. As root it keeps them in one folder, which
// belongs to the sandbox here.
func freshSkopeo(c *uploader) {
	const known = "/var/lib/containers/cache"
	hideKnown.Do(func() {
		c.t.Helper()
		if err := os.MkdirAll(known, 0o755); err != nil {
			c.t.Fatal(err)
		}
		succeeds(c.t, "mount", "-t", "tmpfs", "none", known)
	})
	if err := os.RemoveAll(filepath.Join(known, "blob-info-cache-v1.boltdb")); err != nil {
		c.t.Fatal(err)
	}
}

var hideKnown sync.Once

// makeLayers makes images of five layers each.
func (l *lab) makeLayers() {
	for i, name := range []string{"five", "other"} {
		dir := filepath.Join(l.dir, name)
		file := "FROM base:1\n"
		for n := range 5 {
			layer := fmt.Sprintf("%s-%d", name, n)
			file += "COPY " + layer + " /" + layer + "\n"
			data := noise(20_000 + 30_000*n + i)
			if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, layer), data[i:], 0o644)); err != nil {
				l.t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(file), 0o644); err != nil {
			l.t.Fatal(err)
		}
		l.must("build", "--tag", name+":1", dir)
		l.must("save", "--output", l.file(name+".tar"), name+":1")
	}
}

// takes returns the number of replays: some, more in CI, most in the long form.
func takes(some, more, most int) int {
	n := some
	if full() {
		n = more
	}
	if long() {
		n = most
	}
	if given, err := strconv.Atoi(os.Getenv("WIRETAPE_TAKES")); err == nil {
		n = given
	}
	return n
}

// TestUploads records clients of a real registry and replays them to fresh
// clients, on another port than the recorded one, through a proxy that delays
// their bytes at random. There may be no miss and no leftover.
func TestUploads(t *testing.T) {
	needEngines(t)
	if err := engine.Need("skopeo"); err != nil {
		skip(t, err)
	}
	l := startLab(t)
	l.makeLayers()
	cassettes := map[string]string{}
	for _, f := range uploadFlows {
		t.Run("record/"+f.name, func(t *testing.T) { cassettes[f.name] = f.record(t, l.as(t)) })
	}
	l.registry.Stop()
	if t.Failed() {
		t.FailNow()
	}
	for _, f := range uploadFlows {
		t.Run("replay/"+f.name, func(t *testing.T) {
			failed := 0
			for n := range takes(1, 2, 50) {
				lab := l.as(t)
				if err := f.take(t, lab, cassettes[f.name]); err != nil {
					failed++
					t.Errorf("take %d: %v", n+1, err)
				}
				if lab.docker != l.docker {
					lab.docker.Stop()
				}
			}
			t.Logf("%d takes failed", failed)
		})
	}
}

func (f uploadFlow) record(t *testing.T, l *lab) (cassette string) {
	cassette = filepath.Join(folder(t), "c.yaml")
	repo := f.name
	if strings.HasSuffix(f.name, "-pull") || strings.HasSuffix(f.name, "-copy") && f.name != "skopeo-copy" {
		c := &uploader{lab: l, addr: registryAddr, repo: repo}
		if err := c.crane("push", c.file("five.tar"), c.ref("1")); err != nil {
			t.Fatal(err)
		}
	}
	r := serve(t, command("record"), "--upstream", "tcp://"+registryAddr, "--listen", "tcp://127.0.0.1:0", "--cassette", cassette)
	c := &uploader{lab: l, addr: strings.TrimPrefix(r.addr, "tcp://"), repo: repo}
	if f.before != nil {
		f.before(c)
	}
	if err := f.do(c); err != nil {
		t.Fatal(err)
	}
	if status := r.stop(); status != 0 {
		t.Fatalf("record exited %d:\n%s", status, r.stderr.String())
	}
	return cassette
}

func (f uploadFlow) take(t *testing.T, l *lab, cassette string) error {
	r := serve(t, command("replay"), cassette, "--listen", "tcp://127.0.0.1:0", "--strict", "--causal-timeout", "1h")
	c := &uploader{lab: l, addr: strings.TrimPrefix(startSlow(t, r.addr), "tcp://"), repo: f.name}
	if f.before != nil {
		f.before(c)
	}
	err := f.do(c)
	if status := r.stop(); status != 0 {
		err = errors.Join(err, fmt.Errorf("replay exited %d:\n%s", status, r.stderr.String()))
	}
	return err
}
