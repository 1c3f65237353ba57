// Package pulse has a clock that costs a waiting program nothing.
//
// While one of Go's timers is set, every wait of an idle program is a wait with
// a time-out, which the system sets and takes back: a microsecond each time,
// and several on a virtual machine. A Pulse sleeps in a system call of its own.
package pulse

import "time"

// Pulse beats until it is stopped. Where the system has no such call it uses Go's
// timers.
type Pulse struct {
	every time.Duration
	stop  chan struct{}
	bell  bell
}

// New returns a pulse that beats after every such time.
func New(every time.Duration) *Pulse {
	return &Pulse{every: every, stop: make(chan struct{}), bell: newBell()}
}

// Wait blocks until the next beat, and reports false once the pulse is stopped.
// It is for one goroutine, which calls it until it is false.
func (p *Pulse) Wait() bool {
	if rung, ok := p.bell.sleep(p.every); ok {
		return !rung
	}
	select {
	case <-p.stop:
		return false
	case <-time.After(p.every):
		return true
	}
}

// Stop ends the pulse, and wakes who waits. It is to be called once.
func (p *Pulse) Stop() {
	close(p.stop)
	p.bell.ring()
}
