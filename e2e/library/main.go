// Command library makes the cassettes that come with wiretape: it records
// them from a real engine with a real registry, through the built record, and
// plays the transcripts of engines that cannot be had any more.
//
//	go run ./library -bin DIR -out ../cassettes/library
//
// It runs as root on Linux, in a sandbox: no name and no address of the
// machine gets into a cassette.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/wiretape/wiretape/e2e/engine"
	"github.com/wiretape/wiretape/e2e/sandbox"
)

func main() {
	bin := flag.String("bin", "../bin", "folder of the built commands")
	out := flag.String("out", "../cassettes/library", "folder to write to")
	flag.Parse()
	if err := run(*bin, *out); err != nil {
		fmt.Fprintln(os.Stderr, "library: error:", err)
		os.Exit(1)
	}
}

func run(bin, out string) error {
	if err := engine.Need("dockerd", "docker-registry", "docker", filepath.Join(bin, "record"), filepath.Join(bin, "cassette")); err != nil {
		return err
	}
	if err := sandbox.Enter(buildProbe, nil); err != nil {
		return err
	}
	l := &library{bin: bin, out: out}
	return errors.Join(l.recordEngine(), l.transcribe())
}

// library writes cassettes into out with the commands in bin.
type library struct{ bin, out string }

// path returns the path of the cassette docker/v1.24/pull, say.
func (l *library) path(name string) (string, error) {
	path := filepath.Join(l.out, name+".yaml")
	return path, os.MkdirAll(filepath.Dir(path), 0o755)
}
