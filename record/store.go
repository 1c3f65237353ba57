package record

import (
	"fmt"
	"net"
	"runtime/debug"
	"time"

	"github.com/wiretape/wiretape/internal/ticker"
)

// settle is how long a finished exchange waits for the close that may belong
// to it before it is stored. With two beats more it is on disk before the
// second has passed.
const settle = 200 * time.Millisecond

// beat has readers look at how long they have held something, and sees to it that
// what waits is stored, until the recorder is closed. It waits for no disk.
func (r *Recorder) beat(t *ticker.Ticker, due chan<- struct{}) {
	defer close(due)
	var conns []*conn
	for t.Wait() {
		conns = r.life.Open(conns[:0])
		for _, c := range conns {
			c.beat()
		}
		clear(conns)
		select {
		case due <- struct{}{}:
		default:
		}
	}
}

// tidy stores what waits when that is due.
func (r *Recorder) tidy(due <-chan struct{}) {
	var conns []*conn
	for range due {
		conns = r.life.Open(conns[:0])
		r.tidyAll(conns)
		clear(conns)
		r.flush()
	}
}

// tidyAll takes in what waits, and queues what has settled.
func (r *Recorder) tidyAll(conns []*conn) {
	r.taking.Lock()
	r.takeIn()
	for _, c := range conns {
		c.tidy()
	}
	r.release()
}

// flush writes what is queued.
func (r *Recorder) flush() {
	if err := r.Cassette.Flush(); err != nil {
		r.fail(err)
	}
}

// storeDone appends the exchanges that nothing comes to any more to the
// cassette.
func (r *Recorder) storeDone() {
	for i, x := range r.done {
		r.append(x)
		x.item.Release()
		x.free()
		r.done[i] = nil
	}
	r.done = r.done[:0]
}

// append queues x for the cassette, or anew where it is there already.
func (r *Recorder) append(x *exchange) {
	defer func() {
		if v := recover(); v != nil {
			r.fail(fmt.Errorf("bug in record: storing an exchange: %v\n%s", v, debug.Stack()))
		}
	}()
	if !x.keep {
		return
	}
	err := x.seal() // closes files, in any case
	// What had ended when the recording did is stored all the same.
	if r.failed.Load() != nil && !x.complete() || x.item.Request == nil && x.item.Turns == nil {
		return
	}
	if err == nil {
		var full bool
		full, err = r.Cassette.Queue(&x.item)
		r.full = r.full || full
	}
	if err != nil {
		r.fail(err)
		return
	}
	if !x.counted {
		x.counted = true
		r.items.Add(1)
	}
}

// fail ends the recording, loudly; traffic goes on.
func (r *Recorder) fail(err error) {
	if r.failed.CompareAndSwap(nil, &failure{err}) {
		r.Log.Error("recording ended, traffic goes on", "err", err)
	}
}

// peer returns the number of the process at the other end, from 1 in order of
// appearance, or 0 where there is none to ask.
func (r *Recorder) peer(client net.Conn) int {
	pid, ok := r.Peer(client)
	if !ok {
		return 0
	}
	n, ok := r.peers[pid]
	if !ok {
		n = len(r.peers) + 1
		r.peers[pid] = n
	}
	return n
}
