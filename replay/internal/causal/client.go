package causal

import (
	"container/heap"
	"slices"
	"time"
)

// together is the time within which frames may have been read as one.
const together = time.Millisecond

// Line is a connection on which frames leave.
type Line interface {
	// AwaitRead waits until the client has read what was written to the
	// connection. It waits for a bounded time: where nobody can tell, for as long
	// as gap, the time that passed in the recording; less than 0 is not known.
	AwaitRead(gap time.Duration)
}

// Client is a live client, which reads all the connections on which its frames
// leave. The zero value is one to which nothing was written. The lock of its one
// gate guards it.
//
// Frames that leave in recorded order are not yet seen in it: a client that reads
// two connections, in threads or an event loop, may find both readable at once and
// handle the later one first. The recorded client had read the first before the
// second existed. So a frame whose causes have come waits until its client has read
// what was recorded over a millisecond before it. Without that, a program that
// attaches and waits for the end sees the end before the output (6 of 10).
type Client struct {
	written []written // by line
	held    frameHeap // frames that wait until something is read, or for one that does
	waits   bool      // a goroutine waits for the first of held
}

// written is the last frame that left on a line, which may not have been read.
type written struct {
	line Line
	base int64 // of its recording
	time time.Duration
	n    int // frames before it on the line
}

// wrote notes that f has left. C may be nil.
func (c *Client) wrote(f *Frame) {
	if c == nil || f.Line == nil {
		return
	}
	is := written{line: f.Line, base: f.part.base, time: f.Time}
	for i := range c.written {
		if w := &c.written[i]; w.line == f.Line {
			is.n = w.n + 1
			*w = is
			return
		}
	}
	c.written = append(c.written, is)
}

// awaits reports whether f waits for w to be read, and the time between them, less
// than 0 where it is not known.
func (w *written) awaits(f *Frame) (gap time.Duration, awaits bool) {
	gap = -1
	if w.base == f.part.base && w.time >= 0 && f.Time >= 0 {
		gap = max(f.Time-w.time, 0)
	}
	if w.line == f.Line {
		return gap, f.Apart
	}
	return gap, gap < 0 || gap > together
}

// unread returns what f waits for.
func (c *Client) unread(f *Frame) (list []written) {
	for _, w := range c.written {
		if _, ok := w.awaits(f); ok {
			list = append(list, w)
		}
	}
	return list
}

// read notes that w, or all that was written on its line after it, was read.
func (c *Client) read(w written) {
	c.written = slices.DeleteFunc(c.written, func(o written) bool { return o.line == w.line && o.n == w.n })
}

// drop drops a held frame, and reports whether f was one. C may be nil.
func (c *Client) drop(f *Frame) bool {
	if c == nil {
		return false
	}
	i := slices.Index(c.held, f)
	if i >= 0 {
		heap.Remove(&c.held, i)
	}
	return i >= 0
}

// hold holds f back if it waits until its client has read, or if a frame that was
// recorded before it does, and reports whether it is held.
func (g *Gate) hold(f *Frame) bool {
	c := f.part.client
	switch {
	case c == nil:
		return false
	case len(c.held) > 0 && c.held[0].Seq < f.Seq:
	case !slices.ContainsFunc(c.written, func(w written) bool { _, ok := w.awaits(f); return ok }):
		return false
	}
	heap.Push(&c.held, f)
	if !c.waits {
		c.waits = true
		g.Go(func() { g.release(c) })
	}
	return true
}

// release lets the held frames of a client go, one after the other, as it reads.
// It waits without the lock, and looks again at which frame is the first: one that
// was recorded before may have come.
func (g *Gate) release(c *Client) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(c.held) > 0 {
		f := c.held[0]
		unread := c.unread(f)
		if len(unread) == 0 {
			heap.Pop(&c.held)
			g.send(f)
			g.run()
			continue
		}
		g.mu.Unlock()
		for i := range unread {
			gap, _ := unread[i].awaits(f)
			unread[i].line.AwaitRead(gap)
		}
		g.mu.Lock()
		for _, w := range unread {
			c.read(w)
		}
	}
	c.waits = false
}
