package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/wiretape/wiretape/e2e/engine"
	"github.com/wiretape/wiretape/e2e/sandbox"
)

var (
	scratch   string // a folder with a short path
	noSandbox error  // why there is no sandbox; nil in one
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if os.Getenv(listVar) != "" {
		return m.Run()
	}
	noSandbox = sandbox.Enter(build, parts)
	scratch = sandbox.Dir()
	if scratch == "" {
		dir, err := os.MkdirTemp("/tmp", "wt-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		scratch = dir
		if err := build(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}

// build builds the commands into dir/bin (under the race detector when the
// tests are), into dir/plain without it, and the program of the test images.
func build(dir string) error {
	if bin := os.Getenv("WIRETAPE_BIN"); bin != "" {
		abs, err := filepath.Abs(bin)
		if err != nil {
			return err
		}
		if err := engine.Need(abs+"/record", abs+"/replay", abs+"/cassette"); err != nil {
			return fmt.Errorf("WIRETAPE_BIN: %w", err)
		}
		for _, name := range []string{"bin", "plain"} {
			if err := os.Symlink(abs, filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	} else {
		if err := goBuild("..", dir+"/plain/", nil, "./cmd/..."); err != nil {
			return err
		}
		if !raceDetector {
			if err := os.Symlink("plain", filepath.Join(dir, "bin")); err != nil {
				return err
			}
		} else if err := goBuild("..", dir+"/bin/", nil, "-race", "./cmd/..."); err != nil {
			return err
		}
	}
	craneError = goBuild("clients", dir+"/crane", nil, "github.com/google/go-containerregistry/cmd/crane")
	return goBuild(".", dir+"/probe", []string{"CGO_ENABLED=0"}, "-trimpath", "-ldflags=-s -w -buildid=", "./testdata/probe")
}

func goBuild(in, out string, env []string, args ...string) error {
	cmd := exec.Command("go", append([]string{"build", "-o", out}, args...)...)
	cmd.Dir = in
	cmd.Env = append(os.Environ(), env...)
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build %q: %w\n%s", args, err, text.Bytes())
	}
	return nil
}

// skip ends a test that this machine cannot run.
func skip(t *testing.T, why error) {
	t.Helper()
	if os.Getenv("WIRETAPE_REQUIRE") != "" {
		t.Fatalf("required, but cannot run here: %v", why)
	}
	t.Skipf("cannot run here: %v", why)
}

// needEngines skips where real daemons cannot be started.
func needEngines(t *testing.T) {
	t.Helper()
	if noSandbox != nil {
		skip(t, noSandbox)
	}
	if err := engine.Need("dockerd", "docker-registry", "docker"); err != nil {
		skip(t, err)
	}
}

// long reports whether the long forms run.
func long() bool { return os.Getenv("WIRETAPE_LONG") != "" }

// full reports whether CI runs the tests: more takes of the same.
func full() bool { return long() || os.Getenv("WIRETAPE_FULL") != "" }

// folder makes a new folder for a test's files.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(scratch, "t")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var sockets atomic.Int64

// socketPath returns a new short path for a socket.
func socketPath() string { return fmt.Sprintf("%s/%d.sock", scratch, sockets.Add(1)) }
