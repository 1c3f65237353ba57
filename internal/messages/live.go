package messages

import (
	"io"
	"os"
	"sync"
	"time"
)

// liveEvery is how often the live line is drawn anew.
const liveEvery = 200 * time.Millisecond

// Live keeps status's text on a line below the messages until stop is called,
// which erases it. Where messages are JSON or do not go to a terminal it does
// nothing.
func (p *Printer) Live(status func() string) (stop func()) {
	if p.json || !isTerminal(p.out.w) {
		return func() {}
	}
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		tick := time.NewTicker(liveEvery)
		defer tick.Stop()
		for {
			p.out.show(status())
			select {
			case <-tick.C:
			case <-done:
				p.out.show("")
				return
			}
		}
	}()
	var once sync.Once
	return func() {
		once.Do(func() { close(done) })
		<-gone
	}
}

// isTerminal reports whether w is a terminal: the one character device,
// besides the null device, that is given as standard error.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
