package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/wiretape/wiretape/e2e/sandbox"
)

// recording is a running record.
type recording struct {
	l        *library
	cmd      *exec.Cmd
	cassette string
	socket   string // it listens here
}

// start starts record.
func (l *library) start(name, upstream, api string, flags ...string) (*recording, error) {
	path, err := l.path(name)
	if err != nil {
		return nil, err
	}
	r := &recording{l: l, cassette: path, socket: filepath.Join(sandbox.Dir(), "record.sock")}
	args := append([]string{"--upstream", upstream, "--listen", "unix://" + r.socket, "--cassette", path, "--overwrite", "--api", api}, flags...)
	r.cmd = exec.Command(filepath.Join(l.bin, "record"), args...)
	r.cmd.Stderr = os.Stderr
	stdout, err := r.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "listening ") {
		r.cmd.Process.Kill()
		return nil, fmt.Errorf("record %s printed %q in place of its address: %w", name, line, errors.Join(err, r.cmd.Wait()))
	}
	return r, nil
}

// finish ends record and has the cassette verified.
func (r *recording) finish() error {
	r.cmd.Process.Signal(syscall.SIGINT)
	if err := r.cmd.Wait(); err != nil {
		return fmt.Errorf("record %s: %w", r.cassette, err)
	}
	return r.l.verify(r.cassette)
}

func (l *library) verify(path string) error {
	if out, err := exec.Command(filepath.Join(l.bin, "cassette"), "verify", path).CombinedOutput(); err != nil {
		return fmt.Errorf("cassette verify %s: %w\n%s", path, err, out)
	}
	return nil
}
