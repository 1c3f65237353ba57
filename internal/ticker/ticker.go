// Package ticker has a ticker that costs a waiting program nothing.
//
//	t := ticker.New(100 * time.Millisecond)
//	go func() {
//		for t.Wait() {
//			…
//		}
//	}()
//	…
//	t.Stop()
//
// While one of Go's timers is set, every wait of an idle program is a wait with
// a time-out. The system sets the time-out and takes it back, which costs a
// microsecond each time, and several on a virtual machine. A Ticker sleeps in a
// system call of its own.
package ticker

import "time"

// Ticker beats until it is stopped. On systems other than Linux it uses Go's timers.
type Ticker struct {
	every   time.Duration
	stop    chan struct{}
	eventfd eventfd
}

// New returns a ticker that beats at the interval every.
func New(every time.Duration) *Ticker {
	return &Ticker{every: every, stop: make(chan struct{}), eventfd: newEventfd()}
}

// Wait blocks until the next beat, and reports false once the ticker is stopped.
// It is for one goroutine, which calls it until it is false.
func (p *Ticker) Wait() bool {
	if rung, ok := p.eventfd.sleep(p.every); ok {
		return !rung
	}
	select {
	case <-p.stop:
		return false
	case <-time.After(p.every):
		return true
	}
}

// Stop ends the ticker and has Wait return false. Call it once.
func (p *Ticker) Stop() {
	close(p.stop)
	p.eventfd.ring()
}
