package command

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// run runs a shell script and returns its output.
func run(t *testing.T, c Cmd, script string) (out string, status int) {
	t.Helper()
	var b bytes.Buffer
	c.Args = []string{"sh", "-c", script}
	c.Stdout, c.Stderr = &b, &b
	status, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), status
}

func TestCommandGetsAddressInEnvironment(t *testing.T) {
	const unix, tcp = "unix:///tmp/wt/s.sock", "tcp://[::1]:2375"
	for _, tt := range []struct {
		addr string
		env  []string
		show string
		want string
	}{
		{unix, nil, "$WIRETAPE_ADDR $DOCKER_HOST", unix + " " + unix},
		{unix, nil, "$DOCKER_TLS_VERIFY-$DOCKER_CERT_PATH-$DOCKER_CONTEXT", "--"},
		{tcp, []string{"DOCKER_HOST"}, "$DOCKER_HOST$DOCKER_CONTEXT", tcp},
		{unix, []string{"X=at {path}"}, "$X $DOCKER_CONTEXT", "at /tmp/wt/s.sock there"},
		{tcp, []string{"X=http://h:{port}/", "Y={host}={addr}"}, "$X $Y", "http://h:2375/ ::1=" + tcp},
		{tcp, []string{"X={a} {}", "X2="}, "$X$X2", "{a} {}"},
	} {
		for _, v := range []string{"DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONTEXT"} {
			t.Setenv(v, "there")
		}
		t.Setenv("DOCKER_HOST", "elsewhere")
		got, status := run(t, Cmd{Addr: tt.addr, Env: tt.env}, `echo "`+tt.show+`"`)
		if got != tt.want+"\n" || status != 0 {
			t.Errorf("%s %q: %s is %q (status %d), want %q", tt.addr, tt.env, tt.show, got, status, tt.want)
		}
	}
}

func TestStatusIsThatOfShells(t *testing.T) {
	for script, want := range map[string]int{"exit 0": 0, "exit 7": 7, "kill -KILL $$": 137, "kill -TERM $$": 143} {
		if _, got := run(t, Cmd{Addr: "tcp://127.0.0.1:1"}, script); got != want {
			t.Errorf("%s: got status %d, want %d", script, got, want)
		}
	}
}

// Check finds most commands that cannot be started, and both return the
// statuses of shells.
func TestCommandThatCannotStartHasStatusOfShells(t *testing.T) {
	dir := t.TempDir()
	plain, odd := filepath.Join(dir, "plain"), filepath.Join(dir, "odd")
	lost := filepath.Join(dir, "lost")
	for path, text := range map[string]string{plain: "words", odd: "\x00\x01 no program", lost: "#!/no/such/interpreter\n"} {
		mode := os.FileMode(0o755)
		if path == plain {
			mode = 0o644
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name, env string
		want      int
		before    bool // Check finds it
	}{
		{"no-such-command", "X", StatusNotFound, true},
		{filepath.Join(dir, "nothing"), "X", StatusNotFound, true},
		{plain, "X", StatusNotExecutable, true},
		{dir, "X", StatusNotExecutable, true},
		{odd, "X", StatusNotExecutable, false},
		{lost, "X", StatusNotFound, false},
		{"sh", "X={port}", StatusFailed, true},
		{"sh", "=x", StatusFailed, true},
	} {
		c := Cmd{Args: []string{tt.name}, Addr: "unix:///x.sock", Env: []string{tt.env}}
		if got, err := c.Run(t.Context()); got != tt.want || err == nil {
			t.Errorf("Run of %s with %s: got status %d, error %v; want status %d and an error", tt.name, tt.env, got, err, tt.want)
		}
		got, err := c.Check()
		if tt.before && (got != tt.want || err == nil) {
			t.Errorf("Check of %s with %s: got status %d, error %v; want status %d and an error", tt.name, tt.env, got, err, tt.want)
		}
	}
	c := Cmd{Args: []string{"sh"}, Addr: "unix:///x.sock"}
	if status, err := c.Check(); status != 0 || err != nil {
		t.Errorf("Check of sh: got status %d, error %v", status, err)
	}
}

func TestCancelledContextTerminatesCommand(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out := &watch{want: "ready", seen: cancel}
	c := Cmd{Args: []string{"sh", "-c", "trap 'echo told; exit 9' TERM; echo ready; while :; do sleep 0.01; done"}, Addr: "unix:///x", Stdout: out}
	status, err := c.Run(ctx)
	if status != 9 || err != nil || !strings.Contains(out.b.String(), "told") {
		t.Errorf("got status %d, error %v, output %q", status, err, out.b.String())
	}
}

// watch calls seen once want has been written to it.
type watch struct {
	b    bytes.Buffer
	want string
	seen func()
}

func (w *watch) Write(p []byte) (int, error) {
	n, err := w.b.Write(p)
	if w.seen != nil && strings.Contains(w.b.String(), w.want) {
		seen := w.seen
		w.seen = nil
		seen()
	}
	return n, err
}
