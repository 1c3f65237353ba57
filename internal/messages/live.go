package messages

import (
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// liveEvery is how often the live line is redrawn.
const liveEvery = 200 * time.Millisecond

// Live keeps status's text on a line below the messages until stop is called,
// which erases it. It does nothing where messages are JSON or do not go to a
// terminal.
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

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
