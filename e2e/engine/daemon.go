package engine

import "net"

// Daemon is a running server of any other kind.
type Daemon struct{ *process }

// StartDaemon starts the server that args run, with its log in dir, and waits
// until it takes connections at addr.
func StartDaemon(dir, network, addr string, args ...string) (*Daemon, error) {
	p, err := start(dir, args[0], args[1:], func() error {
		c, err := net.Dial(network, addr)
		if err != nil {
			return err
		}
		return c.Close()
	})
	if err != nil {
		return nil, err
	}
	return &Daemon{p}, nil
}
