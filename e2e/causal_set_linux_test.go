package e2e

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// set is the place of a scene: a server, and the clients that use it.
type set struct {
	t       *testing.T
	variant variant
	addr    string
	prefix  string // of containers' names
	live    bool   // it is the real engine
	part    []int  // the clients that take part, by number; nil: all
	actors  []*actor
}

func newSet(t *testing.T, v variant, addr, prefix string, live bool) *set {
	return &set{t: t, variant: v, addr: addr, prefix: prefix, live: live}
}

// actor is a client.
type actor struct {
	set    *set
	name   string
	cmd    *exec.Cmd
	stdout lockedBuffer
	stderr lockedBuffer
	term   terminal
	ended  chan struct{}
	absent bool // it takes no part
}

// hangs is the time after which a client counts as hanging.
const hangs = 20 * time.Second

// docker starts a client.
func (s *set) docker(args ...string) *actor { return s.dockerReading(nil, args...) }

// dockerReading starts a client that reads stdin.
func (s *set) dockerReading(stdin []byte, args ...string) *actor {
	a := s.actor(s.variant.cli, args...)
	if stdin != nil {
		a.cmd.Stdin = bytes.NewReader(stdin)
	}
	return a.start()
}

// observe starts a client that follows a container's logs and waits for it.
func (s *set) observe() *actor {
	a := s.actor(python, "-B", "testdata/clients/observe.py", strings.TrimPrefix(s.addr, "unix://"), s.prefix)
	a.name = "observe"
	return a.start()
}

// dockerOnTerminal starts a client on a terminal of its own.
func (s *set) dockerOnTerminal(args ...string) *actor {
	a := s.actor(s.variant.cli, args...)
	if a.absent {
		return a
	}
	var err error
	if a.term, err = startOn(a.cmd); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		buf := make([]byte, 4<<10)
		for {
			n, err := a.term.Read(buf)
			a.stdout.Write(buf[:n])
			if err != nil {
				a.reap()
				return
			}
		}
	}()
	return a
}

func (s *set) actor(program string, args ...string) *actor {
	a := &actor{set: s, ended: make(chan struct{})}
	a.name = fmt.Sprintf("%d (%s)", len(s.actors), strings.Join(args, " "))
	a.cmd = exec.Command(program, args...)
	a.cmd.Env = append(append(baseEnv(), "DOCKER_HOST="+s.addr), s.variant.env()...)
	if s.part != nil && !slices.Contains(s.part, len(s.actors)) {
		a.absent = true
		close(a.ended)
	}
	s.actors = append(s.actors, a)
	return a
}

func (a *actor) start() *actor {
	if a.absent {
		return a
	}
	a.cmd.Stdout, a.cmd.Stderr = &a.stdout, &a.stderr
	if err := a.cmd.Start(); err != nil {
		a.set.t.Fatal(err)
	}
	go a.reap()
	return a
}

func (a *actor) reap() {
	_ = a.cmd.Wait() // its status is read from its state
	close(a.ended)
}

// wait waits until the client has ended.
func (a *actor) wait() *actor {
	select {
	case <-a.ended:
	case <-time.After(hangs):
		a.set.t.Errorf("%s did not end; so far %q, %q", a.name, a.stdout.String(), a.stderr.String())
		a.cmd.Process.Kill()
		<-a.ended
	}
	return a
}

// until waits until the client has printed text.
func (a *actor) until(text string) {
	for end := time.Now().Add(hangs); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if strings.Contains(a.stdout.String(), text) {
			return
		}
		select {
		case <-a.ended:
			return
		default:
		}
	}
	a.set.t.Errorf("%s did not print %q; so far %q, %q", a.name, text, a.stdout.String(), a.stderr.String())
}

// holds checks that the client runs on and has printed no more than text: the
// cause of its next line has not come.
func (a *actor) holds(text string) {
	if a.absent {
		return
	}
	if got := a.stdout.String(); !strings.HasPrefix(text, got) {
		a.set.t.Errorf("%s printed %q, before what causes more than %q", a.name, got, text)
	}
	select {
	case <-a.ended:
		a.set.t.Errorf("%s ended before what ends it", a.name)
	default:
	}
}

// types types text, one key at a time.
func (a *actor) types(text string) {
	for i := range len(text) {
		time.Sleep(time.Duration(30+rand.IntN(51)) * time.Millisecond)
		if _, err := a.term.Write([]byte{text[i]}); err != nil {
			a.set.t.Errorf("type to %s: %v", a.name, err)
			return
		}
	}
}

func (a *actor) interrupt() *actor {
	if a.absent {
		return a
	}
	a.cmd.Process.Signal(syscall.SIGINT)
	return a.wait()
}

// later lets time pass. While recording it is long enough for all activity to
// end. In a replay it is shorter or nothing, which must make no difference.
func (s *set) later() {
	if s.live {
		time.Sleep(700 * time.Millisecond)
		return
	}
	time.Sleep(time.Duration(rand.IntN(4)) * 15 * time.Millisecond)
}

// leave waits for all clients and returns their results.
func (s *set) leave() map[string]string {
	left := map[string]string{}
	for _, a := range s.actors {
		if a.absent {
			continue
		}
		a.wait()
		if a.term.File != nil {
			a.term.Close()
		}
		left[a.name+" stdout"] = s.stable(a.stdout.String())
		left[a.name+" stderr"] = s.stable(a.stderr.String())
		left[a.name+" status"] = fmt.Sprint(a.cmd.ProcessState.ExitCode())
	}
	return left
}

// stable returns the part of an output that is the same each time. Below API
// 1.25 the CLI removes a container itself, and does not wait for the answer
// once an event of the engine has reported the end: half of all runs on the
// engine itself end with an error about that.
func (s *set) stable(output string) string {
	if s.variant.api == "" {
		return output
	}
	var lines []string
	for line := range strings.Lines(output) {
		if !strings.Contains(line, "error removing container: Delete") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}
