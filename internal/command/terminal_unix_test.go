//go:build unix

package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// TestMain runs, where WIRETAPE_TEST_COMMAND is set, that script as a COMMAND
// in place of the tests.
func TestMain(m *testing.M) {
	script, ok := os.LookupEnv("WIRETAPE_TEST_COMMAND")
	if !ok {
		os.Exit(m.Run())
	}
	c := Cmd{Args: []string{"sh", "-c", script}, Addr: "unix:///x", Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	status, err := c.Run(context.Background())
	if err != nil {
		fmt.Println(err)
	}
	os.Exit(status)
}

// An interrupt typed on the terminal reaches the command once, because it is in
// the foreground group with us. A signal to us alone is passed on.
func TestInterruptTypedOnTerminalReachesCommandOnce(t *testing.T) {
	const script = `n=0; trap 'n=$((n+1))' INT; trap 'echo ints=$n; exit 4' TERM; test -t 0 && echo ready; while :; do sleep 0.01; done`
	term, cmd := onTerminal(t, script)
	out := make(chan string, 1)
	ready := make(chan struct{})
	go func() { out <- readAll(term, ready) }()
	<-ready
	if _, err := term.WriteString("\x03"); err != nil {
		t.Fatal(err)
	}
	// The terminal has sent its signal when the write returns; a second one
	// of ours would follow within this time.
	time.Sleep(200 * time.Millisecond)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 4 {
		t.Errorf("got %v, want status 4", err)
	}
	if got := <-out; !strings.Contains(got, "ints=1") {
		t.Errorf("got %q, want one interrupt", got)
	}
}

// readAll reads a terminal to its end, and closes ready when it has read
// "ready".
func readAll(term *os.File, ready chan struct{}) string {
	var all []byte
	buf := make([]byte, 1024)
	for {
		n, err := term.Read(buf)
		all = append(all, buf[:n]...)
		if ready != nil && strings.Contains(string(all), "ready") {
			close(ready)
			ready = nil
		}
		if err != nil { // EIO, when the last process has closed its side
			if ready != nil {
				close(ready)
			}
			return string(all)
		}
	}
}

// onTerminal starts the test binary as a COMMAND's parent on a new terminal,
// and returns the terminal's other end.
func onTerminal(t *testing.T, script string) (*os.File, *exec.Cmd) {
	t.Helper()
	term, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	t.Cleanup(func() { term.Close() })
	defer tty.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "WIRETAPE_TEST_COMMAND="+script)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return term, cmd
}

// Under nohup a hang-up ends neither us nor the command.
func TestHangUpIsIgnoredUnderNohup(t *testing.T) {
	const script = `kill -HUP $PPID; kill -HUP $$; sleep 0.1; echo survived`
	cmd := exec.Command("nohup", os.Args[0])
	cmd.Env = append(os.Environ(), "WIRETAPE_TEST_COMMAND="+script)
	out, err := cmd.Output()
	if err != nil || string(out) != "survived\n" {
		t.Errorf("got %q, %v", out, err)
	}
}
