package record

import (
	"fmt"
	"net"
	"runtime/debug"
	"sync"
	"time"
)

// settle is how long a finished exchange waits for the close that may belong
// to it before it is stored. With the half second that the cassette takes, it
// is on disk when the next second begins.
const settle = 200 * time.Millisecond

// Small exchanges are stored several at a time, whichever connections they
// are of, which takes half the time: what that works with is at hand then.
// They wait for batch of them, or maxWeight bytes of bodies, and not long.
const (
	batch     = 8
	maxWeight = 16 << 10
)

// queue holds exchanges that nothing comes to any more until they are stored,
// by whoever has passed on the bytes that it had under way.
type queue struct {
	mu     sync.Mutex
	xs     []*exchange
	weight int64 // of their bodies
}

// add adds xs and reports whether there is enough to be stored.
func (q *queue) add(xs []*exchange) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, x := range xs {
		q.xs = append(q.xs, x)
		q.weight += x.req.size + x.res.size
		xs[i] = nil
	}
	return len(q.xs) >= batch || q.weight >= maxWeight
}

// take appends all to xs.
func (q *queue) take(xs []*exchange) []*exchange {
	q.mu.Lock()
	defer q.mu.Unlock()
	xs = append(xs, q.xs...)
	clear(q.xs)
	q.xs, q.weight = q.xs[:0], 0
	return xs
}

// tidy has stored what waits to be, and has connections store what has
// settled, until the recorder is closed.
func (r *Recorder) tidy() {
	tick := time.NewTicker(settle / 2)
	defer tick.Stop()
	var conns []*conn
	for {
		select {
		case <-r.stop:
			return
		case <-tick.C:
		}
		r.store(r.queue.take(nil))
		conns = r.all(conns[:0])
		for _, c := range conns {
			c.tidy()
		}
		clear(conns)
	}
}

// store appends exchanges that nothing comes to any more to the cassette.
func (r *Recorder) store(xs []*exchange) {
	for i, x := range xs {
		r.append(x)
		xs[i] = nil
		if !x.stored { // else it may be under way to the cassette right now
			x.item.Release()
			x.free()
		}
	}
}

// append writes x to the cassette, or anew where it is there already.
func (r *Recorder) append(x *exchange) {
	x.mu.Lock()
	defer x.mu.Unlock()
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
