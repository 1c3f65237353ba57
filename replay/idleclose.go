package replay

import (
	"time"

	"github.com/wiretape/wiretape/cassettes"
)

// A server may close a connection without having said so, after a response whose
// end is known. Two kinds of clients see that. One reads until the connection
// ends, and would wait for ever without the close. The other keeps the connection
// for its next request, and loses that request if the close comes just then: the
// recorded client may have waited for minutes, and the live one does not wait.
//
// So the close is held back until the live client stands still: until nothing has
// come from it, on any connection, for a while. It asks again on the connection as
// long as it likes. The while is short where nothing says that the server would
// have taken another request, and long where it said so or did so: then the
// recorded client waited for the server to lose patience, or had gone on.
const (
	silentWait = 30 * time.Millisecond
	keptWait   = time.Second
)

// stillMax is for how many waits in a row the other connections of a client may
// keep an idle one open. On TCP they may be other programs'.
const stillMax = 3

// idleClose is a close that is held back.
type idleClose struct {
	timer  *time.Timer // nil: there is none
	mark   cassettes.Mark
	wait   time.Duration
	own    int64 // reads from the connection, and from its client, when last looked at
	client int64
	looks  int // without a read from the connection
}

// stop forgets the close.
func (i *idleClose) stop() {
	if i.timer != nil {
		i.timer.Stop()
	}
}

// hold has the connection closed as m says once its client stands still for wait.
func (e *ending) hold(m cassettes.Mark, wait time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ended.Load() {
		return
	}
	e.idle.stop()
	e.idle = idleClose{mark: m, wait: wait, own: e.reads.Load(), client: e.client.reads.Load()}
	e.idle.timer = time.AfterFunc(wait, e.lookIdle)
}

// lookIdle carries out the close that is held back, or looks again later.
func (e *ending) lookIdle() {
	e.mu.Lock()
	m := e.idle.mark
	if e.ended.Load() || !e.standsStill() {
		e.mu.Unlock()
		return
	}
	e.mu.Unlock()
	e.carryOut(m)
}

// standsStill reports whether the client has stood still since the last look, and
// has it looked at again where not. The mutex is held.
func (e *ending) standsStill() bool {
	i := &e.idle
	own, client := e.reads.Load(), e.client.reads.Load()
	still := own == i.own && e.active.Load() == 0
	if i.looks++; !still {
		i.looks = 0
	}
	if still && (client == i.client || i.looks >= stillMax) {
		return true
	}
	i.own, i.client = own, client
	i.timer.Reset(i.wait)
	return false
}
