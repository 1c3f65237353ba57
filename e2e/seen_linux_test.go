package e2e

import (
	"archive/tar"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestSeen records client programs that use several connections of a real engine
// in one process, or read a socket below their own buffers, and replays each many
// times with the engine gone.
func TestSeen(t *testing.T) {
	needEngines(t)
	l := startEngine(t)
	l.importShell()
	p := programs{dir: folder(t)}
	if err := p.build(); err != nil {
		t.Fatal(err)
	}
	var filmed []*film
	networks := []variant{{name: "unix"}, {name: "tcp", tcp: true}}
	for i, v := range networks {
		for n, sc := range p.scenes() {
			if !plays(i, len(networks), n) {
				continue
			}
			t.Run("record/"+v.name+"/"+sc.name, func(t *testing.T) {
				filmed = append(filmed, shoot(t, l.as(t), v, sc))
			})
		}
	}
	l.stop()
	t.Run("replay", func(t *testing.T) {
		for _, f := range filmed {
			t.Run(f.variant.name+"/"+f.scene.name, f.replay)
		}
	})
}

// programs are the clients of TestSeen.
type programs struct {
	dir string
}

// build builds the client programs.
func (p programs) build() error {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	file := []byte("FROM " + shellImage + "\nRUN echo built; sleep 0.1; echo late\nCMD echo hi\n")
	err := w.WriteHeader(&tar.Header{Name: "Dockerfile", Mode: 0o644, Size: int64(len(file)), ModTime: madeAt})
	_, werr := w.Write(file)
	err = errors.Join(err, werr, w.Close(), os.WriteFile(p.context(), b.Bytes(), 0o644))
	return errors.Join(err, goBuild(".", p.watch(), []string{"CGO_ENABLED=0"}, "./testdata/clients/watch"))
}

func (p programs) context() string { return filepath.Join(p.dir, "context.tar") }
func (p programs) watch() string   { return filepath.Join(p.dir, "watch") }

// stepwise is the script of a container that a client watches. Its steps are far apart.
const stepwise = "sleep 0.3; echo one; sleep 0.3; echo two; sleep 0.3; exit 3"

// created prepares a container that runs script once it is started.
func created(script string) func(func(args ...string), string) {
	return func(docker func(args ...string), prefix string) {
		docker(with([]string{"create", "--name", prefix}, sh(script)...)...)
	}
}

// scenes returns a scene for each use of each program that is there.
func (p programs) scenes() (all []scene) {
	add := func(name string, before func(func(args ...string), string), program string, args func(prefix string) []string) {
		// A program behind a proxy may read later than the proxy, which is all that
		// replay can see.
		all = append(all, scene{name: name, before: before, direct: true, play: func(s *set) {
			s.actor(program, args(s.prefix)...).start().wait()
		}})
	}
	add("go-select", created(stepwise), p.watch(), func(prefix string) []string { return []string{prefix} })
	if exec.Command(python, "-c", "import docker").Run() == nil {
		for _, mode := range []string{"plain", "demux", "tty", "socket", "events", "threads"} {
			before := running
			if mode == "threads" {
				before = created(stepwise)
			}
			add("docker-py-"+mode, before, python, func(prefix string) []string {
				return []string{"-B", "testdata/clients/docker_py.py", mode, prefix}
			})
		}
	}
	if node, err := exec.LookPath("node"); err == nil && exec.Command(node, "-e", `require("./clients/node_modules/dockerode")`).Run() == nil {
		for _, mode := range []string{"attach-wait", "exec", "build"} {
			var before func(func(args ...string), string)
			if mode == "exec" {
				before = running
			}
			add("dockerode-"+mode, before, node, func(prefix string) []string {
				return []string{"clients/dockerode.js", mode, prefix, p.context()}
			})
		}
	}
	return all
}
