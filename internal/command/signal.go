package command

import (
	"os"
	"os/signal"
	"syscall"
)

// signals are the signals that reached this process.
type signals chan os.Signal

// catch catches signals until stop is called. A signal that this process was
// started to ignore, by nohup say, stays ignored, and the command inherits that:
// catching it would undo both.
func catch() signals {
	s := make(signals, 8)
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(sig) {
			signal.Notify(s, sig)
		}
	}
	return s
}

// stop ends catching and passing on.
func (s signals) stop() {
	signal.Stop(s)
	close(s)
}
