package record

import (
	"fmt"
	"net"
	"runtime/debug"
	"time"

	"github.com/wiretape/wiretape/internal/ticker"
)

// settleTime is how long a finished exchange waits for a close that may belong to
// it before it is stored. With two beats more it is on disk within the second.
const settleTime = 200 * time.Millisecond

// beatLoop calls the readers' Beat and wakes storeLoop, until the recorder is
// closed. It never waits for a disk: a late beat would hold back a sender.
func (r *Recorder) beatLoop(t *ticker.Ticker, due chan<- struct{}) {
	defer close(due)
	var links []*link
	for t.Wait() {
		links = r.life.Open(links[:0])
		for _, l := range links {
			l.beat()
		}
		clear(links)
		select {
		case due <- struct{}{}:
		default:
		}
	}
}

// storeLoop stores settled exchanges at each beat, or as soon as the disk allows.
func (r *Recorder) storeLoop(due <-chan struct{}) {
	var links []*link
	for range due {
		links = r.life.Open(links[:0])
		r.storeSettled(links)
		clear(links) // keeps no connection alive until the next beat
		r.flush()
	}
}

// storeSettled processes the log and queues the exchanges of connections that have
// settled.
func (r *Recorder) storeSettled(links []*link) {
	r.processing.Lock()
	r.processLog()
	for _, l := range links {
		l.conn.storeSettled()
	}
	r.release()
}

// flush writes the queued items to the cassette.
func (r *Recorder) flush() {
	r.fail(r.Cassette.Flush())
}

// storeDone queues the finished exchanges for the cassette. r.processing is held.
func (r *Recorder) storeDone() {
	for i, x := range r.done {
		r.append(x)
		x.item.Release()
		x.free()
		r.done[i] = nil
	}
	r.done = r.done[:0]
}

// append queues x for the cassette. An earlier item with its id is replaced.
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
	// A disk error ends the recording; exchanges that were complete by then are
	// still stored.
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

// fail ends the recording, loudly, unless err is nil; traffic goes on.
func (r *Recorder) fail(err error) {
	if err != nil && r.failed.CompareAndSwap(nil, &failure{err}) {
		r.Log.Error("recording ended, traffic goes on", "err", err)
	}
}

// peer returns the number of the process at the other end, from 1 in order of
// appearance, or 0 if it is unknown.
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
