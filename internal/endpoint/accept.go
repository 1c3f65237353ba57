package endpoint

import (
	"errors"
	"log/slog"
	"net"
	"slices"
	"time"
)

// AcceptAll accepts connections on l and calls handle with each, until l
// fails or stop is closed; it then returns net.ErrClosed. Where the system is
// short of something (open files, as a rule) it says so and waits.
func AcceptAll(l net.Listener, stop <-chan struct{}, log *slog.Logger, handle func(net.Conn)) error {
	for pause := time.Duration(0); ; {
		c, err := l.Accept()
		if err == nil {
			pause = 0
			handle(c)
			continue
		}
		select {
		case <-stop:
			return net.ErrClosed
		default:
		}
		if !passes(err) {
			return err
		}
		pause = min(max(5*time.Millisecond, 2*pause), time.Second)
		log.Warn("accept a connection", "err", err, "pause", pause)
		select {
		case <-stop:
			return net.ErrClosed
		case <-time.After(pause):
		}
	}
}

// passes reports whether an error of Accept is one that goes by.
func passes(err error) bool {
	return slices.ContainsFunc(passing, func(e error) bool { return errors.Is(err, e) })
}
