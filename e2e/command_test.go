package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is the time after which anything counts as hanging.
const patience = 60 * time.Second

// command returns the path of one of the product's commands.
func command(name string) string { return filepath.Join(scratch, "bin", name) }

// result is the output and the status of a process.
type result struct {
	stdout, stderr []byte
	status         int
}

// invocation is a process to run.
type invocation struct {
	args  []string
	env   []string // NAME=VALUE beside those of baseEnv
	stdin []byte
}

// baseEnv is the environment of every process. Of the caller's it holds only
// the path.
func baseEnv() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(scratch, "home"), "DOCKER_CONFIG=" + filepath.Join(scratch, "home"),
		"LC_ALL=C", "TZ=UTC", "TMPDIR=" + scratch, "DOCKER_BUILDKIT=0",
		"GORACE=atexit_sleep_ms=10", // a second, otherwise, for every process
	}
}

// run runs it to its end. A reported data race, a panic, and a process that
// does not end fail the test.
func (i invocation) run(t *testing.T) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, i.args[0], i.args[1:]...)
	cmd.Env = append(baseEnv(), i.env...)
	cmd.Stdin = bytes.NewReader(i.stdin)
	cmd.WaitDelay = time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatalf("%q: %v\n%s", i.args, err, stderr.Bytes())
	}
	if ctx.Err() != nil {
		t.Fatalf("%q did not end\n%s", i.args, stderr.Bytes())
	}
	checkStderr(t, i.args[0], stderr.Bytes())
	return result{stdout.Bytes(), stderr.Bytes(), cmd.ProcessState.ExitCode()}
}

// runs runs args and returns the result.
func runs(t *testing.T, args ...string) result {
	t.Helper()
	return invocation{args: args}.run(t)
}

// succeeds runs args, which must exit 0, and returns its output.
func succeeds(t *testing.T, args ...string) []byte {
	t.Helper()
	r := runs(t, args...)
	if r.status != 0 {
		t.Fatalf("%q exited %d\n%s%s", args, r.status, r.stdout, r.stderr)
	}
	return r.stdout
}

func checkStderr(t *testing.T, name string, stderr []byte) {
	t.Helper()
	for _, bad := range []string{"WARNING: DATA RACE", "panic: ", "fatal error: "} {
		if bytes.Contains(stderr, []byte(bad)) {
			t.Errorf("%s reported %q:\n%s", filepath.Base(name), bad, stderr)
		}
	}
}

// server is a running record or replay.
type server struct {
	t      *testing.T
	cmd    *exec.Cmd
	addr   string // what it printed: unix:///… or tcp://…
	stderr lockedBuffer
	ended  chan struct{}
}

// serve starts one of the commands and waits for its "listening ADDR". The
// test stops it at its own end, if it still runs.
func serve(t *testing.T, args ...string) *server {
	t.Helper()
	s := &server{t: t, ended: make(chan struct{})}
	s.cmd = exec.Command(args[0], args[1:]...)
	s.cmd.Env = baseEnv()
	s.cmd.Stderr = &s.stderr
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			select {
			case first <- lines.Text():
			default:
			}
		}
		s.cmd.Wait()
		close(s.ended)
	}()
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(args[0]), s.stderr.String())
		}
	})
	select {
	case line := <-first:
		addr, ok := strings.CutPrefix(line, "listening ")
		if !ok {
			t.Fatalf("%q printed %q, want a line \"listening ADDR\"", args, line)
		}
		s.addr = addr
	case <-s.ended:
		t.Fatalf("%q ended: %v\n%s", args, s.cmd.ProcessState, s.stderr.String())
	case <-time.After(patience):
		t.Fatalf("%q said nothing", args)
	}
	return s
}

// stop asks for a clean end with SIGINT and returns the exit status.
func (s *server) stop() int {
	s.t.Helper()
	s.cmd.Process.Signal(syscall.SIGINT)
	return s.wait()
}

// wait waits for the end and returns the exit status.
func (s *server) wait() int {
	s.t.Helper()
	select {
	case <-s.ended:
	case <-time.After(patience):
		s.kill()
		s.t.Fatalf("%s did not end after SIGINT\n%s", filepath.Base(s.cmd.Path), s.stderr.String())
	}
	checkStderr(s.t, s.cmd.Path, []byte(s.stderr.String()))
	return s.cmd.ProcessState.ExitCode()
}

// kill ends it with SIGKILL.
func (s *server) kill() {
	s.cmd.Process.Kill()
	<-s.ended
}

// lockedBuffer is a buffer that may be read while a process writes to it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
