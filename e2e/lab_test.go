package e2e

import (
	"archive/tar"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wiretape/wiretape/e2e/engine"
)

// registryAddr is where the registry of the tests listens, inside the sandbox.
const registryAddr = "127.0.0.1:5000"

// lab is a real engine, with a real registry where tests need one, and the files
// that flows use.
type lab struct {
	t        *testing.T
	dir      string
	docker   *engine.Docker
	registry *engine.Registry // nil: there is none
}

// startEngine starts an engine that has the image base:1, and no registry.
func startEngine(t *testing.T) *lab {
	t.Helper()
	l := &lab{t: t, dir: folder(t)}
	l.writeFiles()
	l.startDocker("engine")
	l.must("import", l.file("base.tar"), "base:1")
	return l
}

// startLab starts an engine and a registry, makes images and containers, and
// pushes an image.
func startLab(t *testing.T) *lab {
	t.Helper()
	l := startEngine(t)
	var err error
	if l.registry, err = engine.StartRegistry(filepath.Join(l.dir, "registry"), registryAddr); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.registry.Stop)
	l.must("save", "--output", l.file("saved.tar"), "base:1")
	l.must("import", l.file("one.tar"), "one:1")
	l.must("save", "--output", l.file("one-image.tar"), "one:1")
	l.must("rmi", "one:1")
	l.must("build", "--quiet", "--tag", l.image("app:1"), l.file("app"))
	l.must("push", l.image("app:1"))
	l.must("create", "--name", "files", "base:1", "/probe", "say", "out", "err")
	l.must("run", "--name", "talk", "base:1", "/probe", "say", "to stdout", "to stderr")
	l.must("run", "--name", "chatter", "base:1", "/probe", "count", "3000")
	l.must("run", "--detach", "--name", "busy", "base:1", "/probe", "sleep")
	return l
}

func (l *lab) startDocker(name string) {
	l.t.Helper()
	var err error
	if l.docker, err = engine.StartDocker(filepath.Join(l.dir, name), socketPath()); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(l.docker.Stop)
}

// as returns the lab for the use of a subtest.
func (l *lab) as(t *testing.T) *lab {
	sub := *l
	sub.t = t
	return &sub
}

// stop ends the engine and the registry, so that nothing live can answer.
func (l *lab) stop() {
	l.docker.Stop()
	if l.registry != nil {
		l.registry.Stop()
	}
}

// image returns a name in the registry.
func (l *lab) image(name string) string { return registryAddr + "/" + name }

// file returns the path of a file of the lab's.
func (l *lab) file(name string) string { return filepath.Join(l.dir, "files", name) }

// must runs docker on the engine itself, with no recorder between.
func (l *lab) must(args ...string) string {
	l.t.Helper()
	out := succeeds(l.t, append([]string{"docker", "--host", "unix://" + l.docker.Socket}, args...)...)
	return strings.TrimSpace(string(out))
}

// writeFiles writes the build contexts and the file system of the base image.
// Times are fixed, so that one file is one tar entry every time.
func (l *lab) writeFiles() {
	probe, err := os.ReadFile(filepath.Join(scratch, "probe"))
	if err != nil {
		l.t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"app/Dockerfile":   []byte("FROM base:1\nCOPY greeting /greeting\nCOPY noise /noise\nCMD [\"/probe\", \"say\", \"app\", \"\"]\n"),
		"app/greeting":     []byte("hello\n"),
		"app/noise":        noise(300 << 10),
		"ctx/Dockerfile":   []byte("FROM base:1\nCOPY greeting /greeting\nRUN [\"/probe\", \"say\", \"built\", \"with care\"]\nENV A=b\n"),
		"ctx/greeting":     []byte("good day\n"),
		"wrong/Dockerfile": []byte("FROM base:1\nRUN [\"/probe\", \"nonsense\"]\n"),
		"plain.Dockerfile": []byte("FROM base:1\nLABEL from=stdin\n"),
		"upload":           []byte("carried up\n"),
		"base.tar":         tarball(l.t, "probe", probe),
		"one.tar":          tarball(l.t, "data", noise(100<<10)),
	} {
		path := l.file(name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			l.t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			l.t.Fatal(err)
		}
		if err := os.Chtimes(path, madeAt, madeAt); err != nil {
			l.t.Fatal(err)
		}
	}
}

var madeAt = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

// tarball returns an archive of one program.
func tarball(t *testing.T, name string, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(data)), ModTime: madeAt}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// noise returns n bytes that do not compress, the same each time.
func noise(n int) []byte {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x)
	}
	return b
}

// dockerCLI is a docker command.
type dockerCLI struct{ name, path string }

// dockerCLIs returns every docker on the path with a version of its own.
func dockerCLIs(t *testing.T) []dockerCLI {
	t.Helper()
	var clis []dockerCLI
	seen := map[string]bool{}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		path := filepath.Join(dir, "docker")
		if _, err := exec.LookPath(path); err != nil {
			continue
		}
		version := string(succeeds(t, path, "--version"))
		if seen[version] {
			continue
		}
		seen[version] = true
		var major, minor int
		if _, err := fmt.Sscanf(version, "Docker version %d.%d", &major, &minor); err != nil {
			t.Fatalf("%s --version printed %q", path, version)
		}
		clis = append(clis, dockerCLI{fmt.Sprintf("docker%d.%d", major, minor), path})
	}
	return clis
}
