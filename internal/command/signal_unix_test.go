//go:build unix

package command

import (
	"context"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestTerminationIsPassedOnToCommand(t *testing.T) {
	out := &watch{want: "ready", seen: func() {
		if err := unix.Kill(os.Getpid(), unix.SIGTERM); err != nil {
			t.Error(err)
		}
	}}
	c := Cmd{Args: []string{"sh", "-c", "trap 'echo told; exit 9' TERM; echo ready; while :; do sleep 0.01; done"}, Addr: "unix:///x", Stdout: out}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	status, err := c.Run(ctx)
	if status != 9 || err != nil || ctx.Err() != nil {
		t.Errorf("got status %d, error %v, output %q", status, err, out.b.String())
	}
}
