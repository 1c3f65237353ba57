package replay

import (
	"errors"
	"io"
	"sync"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/plan"
)

// queueMax is the number of requests that a client may send ahead of their
// answers.
const queueMax = 1000

// enqueue leaves x to the writing goroutine. The client is not read while too
// many exchanges wait.
func (c *conn) enqueue(x *exchange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue) >= queueMax && !c.dead {
		c.moved.Wait()
	}
	x.queued = true
	c.queue = append(c.queue, x)
	if !c.writing {
		c.writing = true
		go c.write()
	}
}

// write answers the exchanges in the queue, in order, until there are none.
func (c *conn) write() {
	for {
		c.mu.Lock()
		if c.ending.Load() {
			c.drop()
		}
		if len(c.queue) == 0 {
			c.queue, c.writing = nil, false
			c.moved.Broadcast()
			c.mu.Unlock()
			return
		}
		x := c.queue[0]
		c.mu.Unlock()
		c.play(x)
		x.show.cancel()
		x.relay.close()
		c.mu.Lock()
		c.queue = c.queue[1:]
		c.moved.Broadcast()
		c.mu.Unlock()
	}
}

// drop ends what will not be played any more. It is called with the mutex
// held, and lets go of it meanwhile.
func (c *conn) drop() {
	for len(c.queue) > 0 {
		queue := c.queue
		c.queue = nil
		c.mu.Unlock()
		for _, x := range queue {
			x.show.cancel()
			x.relay.close()
		}
		c.mu.Lock()
	}
}

// play answers x.
func (c *conn) play(x *exchange) {
	if len(x.prelude) > 0 && !c.put(x.prelude) {
		return
	}
	if !c.await(func() bool { return x.matched }) {
		return
	}
	if x.relay != nil {
		c.carry(x)
		return
	}
	if x.answer != nil {
		if c.await(func() bool { return x.missed || x.live.Whole || x.live.Closed }) && c.give(x) {
			c.over(x)
		}
		return
	}
	if x.stream {
		c.streams.Store(true)
	}
	if x.part != nil {
		c.show(x).run()
		return
	}
	for c.perform(x) {
		continue
	}
}

// show returns the performance of x, begun.
func (c *conn) show(x *exchange) *performance {
	if x.show != nil {
		return x.show
	}
	p := c.newPerformance(x, x.item)
	c.mu.Lock()
	x.show = p
	c.mu.Unlock()
	p.offer()
	return p
}

// perform carries the plan of x out. It reports true where x has become
// another recorded connection meanwhile, which is to be performed from where
// this one stopped.
func (c *conn) perform(x *exchange) (again bool) {
	c.mu.Lock()
	it, pos, served := x.item, x.pos, x.served
	c.mu.Unlock()
	for w, err := range plan.Of(it, x.planOptions(c.srv)) {
		if err != nil {
			c.log.Error("replay an interaction", "err", c.srv.index.ReadError(pos, err))
			c.abort()
			return false
		}
		done := min(served, int64(len(w.Data)))
		w.Data = w.Data[done:]
		if served -= done; w.Empty() {
			continue
		}
		if ok, other := c.due(x, it, w); !ok {
			return other
		}
		if !c.send(w) {
			return false
		}
		if w.Mark != "" {
			c.mark(x, w.Mark)
		}
	}
	c.over(x)
	return false
}

// due waits until w, a step of it, is due in x, and counts it as served. Where
// that will not be, other says that x is no longer it.
func (c *conn) due(x *exchange, it *cassettes.Interaction, w plan.Write) (ok, other bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.dead {
		switch {
		case x.item != it:
			return false, true
		case x.live.Reached(w.After):
			x.served += int64(len(w.Data)) + w.N
			return true, false
		}
		c.moved.Wait()
	}
	return false, false
}

// await waits until ready, which is called with the mutex held. It reports
// false when there is nobody to wait for any more.
func (c *conn) await(ready func() bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !ready() && !c.dead {
		c.moved.Wait()
	}
	return !c.dead
}

// give writes x's answer.
func (c *conn) give(x *exchange) bool {
	for _, b := range x.answer.Writes {
		if !c.put(b) {
			return false
		}
	}
	if x.answer.Mark != "" {
		c.mark(x, x.answer.Mark)
	}
	return true
}

// send writes what a step has.
func (c *conn) send(w plan.Write) bool {
	c.moves.Add(1)
	defer c.moves.Add(1) // it may have taken long
	if len(w.Data) > 0 && !c.put(w.Data) {
		return false
	}
	if w.N == 0 {
		return true
	}
	_, err := copyN(c.nc, w.From, w.N)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		c.log.Error("send a body: its file is shorter than it was", "err", err)
	}
	if err != nil {
		c.lost(err)
	}
	return err == nil
}

// put writes b in one write.
func (c *conn) put(b []byte) bool {
	if _, err := c.nc.Write(b); err != nil {
		c.lost(err)
		return false
	}
	return true
}

// lost is called when the connection cannot be written any more: as a rule,
// its client had seen enough.
func (c *conn) lost(err error) {
	c.log.Debug("write to the client", "err", err)
	c.abort()
}

// over ends x: its answer has been written.
func (c *conn) over(x *exchange) {
	if x.stream {
		return // until the client has closed
	}
	c.mu.Lock()
	x.done = true
	closes := x.close
	c.mu.Unlock()
	if closes && (x.answer != nil || x.relay != nil || x.item.Response != nil) {
		c.linger()
	}
	if c.active.Add(-1) == 0 && c.retired.Load() && !c.ending.Load() {
		c.abort()
	}
}

// closeAfter has the connection closed after x, which may be over already.
func (c *conn) closeAfter(x *exchange) {
	c.mu.Lock()
	x.close = true
	done := x.done
	c.mu.Unlock()
	if done {
		c.linger()
	}
}

// buffers are for copying files to connections that the kernel does not send
// files to.
var buffers = sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}

// copyN copies n bytes. On TCP the kernel sends them from the file.
func copyN(w io.Writer, r io.Reader, n int64) (int64, error) {
	limited := io.LimitedReader{R: r, N: n}
	var copied int64
	var err error
	if rf, ok := w.(io.ReaderFrom); ok {
		copied, err = rf.ReadFrom(&limited)
	} else {
		buf := buffers.Get().(*[]byte)
		defer buffers.Put(buf)
		copied, err = io.CopyBuffer(w, &limited, *buf)
	}
	if err == nil && copied < n {
		err = io.ErrUnexpectedEOF
	}
	return copied, err
}
