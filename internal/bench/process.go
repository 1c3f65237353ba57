package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a contender that listens.
type process struct {
	cmd  *exec.Cmd
	addr string
	out  *os.File
}

// start runs a contender and waits until it prints that it listens.
func start(addr, name string, args ...string) (*process, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = w, os.Stderr
	err = cmd.Start()
	w.Close()
	if err != nil {
		r.Close()
		return nil, err
	}
	p := &process{cmd: cmd, addr: addr, out: r}
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "listening") {
		p.stop()
		return nil, fmt.Errorf("%s did not listen: %q", filepath.Base(name), line)
	}
	return p, nil
}

// stop ends the contender with SIGTERM and waits for it. It does nothing where
// the contender has ended.
func (p *process) stop() error {
	if p.cmd.ProcessState != nil {
		return nil
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	err := p.cmd.Wait()
	p.out.Close()
	if exit, ok := err.(*exec.ExitError); ok && exit.Sys().(syscall.WaitStatus).Signaled() {
		return nil
	}
	return err
}

// cpu returns the processor time of the stopped contender.
func (p *process) cpu() time.Duration {
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

// peakRSS returns the peak memory of the contender so far, in MiB.
func (p *process) peakRSS() float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if v, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.ParseFloat(strings.Fields(v)[0], 64)
			return kib / 1024
		}
	}
	return 0
}

// proxies are the contenders of the recording measurements, by name.
var proxies = []string{"copy", "tee", "record"}

// startProxy starts a proxy in front of upstream, with an empty folder for its
// files. clean removes the folder.
func (b *bench) startProxy(name, upstream string) (p *process, clean func(), err error) {
	dir, err := os.MkdirTemp(b.dir, name)
	if err != nil {
		return nil, nil, err
	}
	clean = func() { os.RemoveAll(dir) }
	sock := filepath.Join(dir, "s")
	switch name {
	case "copy":
		p, err = start(sock, os.Args[0], "serve", "copy", upstream, sock)
	case "tee":
		p, err = start(sock, os.Args[0], "serve", "tee", upstream, filepath.Join(dir, "raw"), sock)
	default:
		p, err = start(sock, filepath.Join(b.bin, "record"), "--quiet", "--upstream", upstream, "--listen", sock, "--cassette", filepath.Join(dir, "c.yaml"))
	}
	if err != nil {
		clean()
	}
	return p, clean, err
}
