package record

import (
	"fmt"
	"net"
	"runtime/debug"
	"time"
)

// settle is how long a finished exchange waits for the close that may belong
// to it before it is stored. With two beats more it is on disk before the
// second has passed.
const settle = 200 * time.Millisecond

// tidy does what is to be done all the time, until the recorder is closed.
func (r *Recorder) tidy() {
	var conns []*conn
	for r.pulse.Wait() {
		conns = r.all(conns[:0])
		for _, c := range conns {
			c.beat()
		}
		r.tidyAll(conns)
		clear(conns)
		if err := r.Cassette.Flush(); err != nil {
			r.fail(err)
		}
	}
}

// tidyAll takes in what waits, and stores what has settled.
func (r *Recorder) tidyAll(conns []*conn) {
	r.taking.Lock()
	defer r.taking.Unlock()
	r.takeIn()
	for _, c := range conns {
		c.tidy()
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

// append writes x to the cassette, or anew where it is there already.
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
		err = r.Cassette.Append(&x.item)
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
// appearance, or 0 where there is none to ask. r.mu is held.
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
