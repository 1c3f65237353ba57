// Package engine starts the real daemons that the tests record.
package engine

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// process is a daemon with its log.
type process struct {
	cmd   *exec.Cmd
	log   string
	ended chan struct{}
}

// start starts a daemon that writes to name.log in dir, and waits until ready
// returns nil.
func start(dir, name string, args []string, ready func() error) (*process, error) {
	out, err := os.Create(filepath.Join(dir, filepath.Base(name)+".log"))
	if err != nil {
		return nil, err
	}
	defer out.Close()
	p := &process{cmd: exec.Command(name, args...), log: out.Name(), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = out, out
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.cmd.Wait()
		close(p.ended)
	}()
	if err := p.await(ready); err != nil {
		p.Stop()
		return nil, fmt.Errorf("%s did not come up: %w; its log is %s", name, err, p.log)
	}
	return p, nil
}

func (p *process) await(ready func() error) error {
	deadline := time.Now().Add(30 * time.Second)
	for {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("it ended: %v", p.cmd.ProcessState)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return err
		}
	}
}

// Stop ends the daemon, by force after 15 seconds, and waits for it.
func (p *process) Stop() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(15 * time.Second):
		p.cmd.Process.Kill()
		<-p.ended
	}
}
