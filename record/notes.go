package record

import (
	"sync"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

const (
	// maxCopied is the size up to which a read is copied into the notes. What
	// is larger stays where it was read, until it is taken in.
	maxCopied = 4 << 10
	// enough is how many bytes of memory notes have when they are taken in.
	// Many at a time take less time than one by one: what that works with is
	// at hand then.
	enough = 32 << 10
	// tooMuch is how many they have when who adds more waits until they are.
	tooMuch = 1 << 20
	// noteSize is how many a note has beside its bytes.
	noteSize = 96
)

// note is what one side of a connection did: a read of its bytes, how it
// closed, or the connection's end.
type note struct {
	c    *conn
	side http1.Side
	seq  int64 // counts reads and marks of all connections
	at   time.Duration
	data []byte
	mark cassettes.Mark
	end  cassettes.End // of the connection, if set
}

// notes are what happened on all connections, in order, until it is taken in.
// To add to them is all that is done before a small read is passed on, unless too
// much waits.
type notes struct {
	mu    sync.Mutex
	list  []note
	data  []byte   // copies of reads
	size  int      // bytes of memory that the list has
	seq   int64    // of the last note
	bytes [2]int64 // by side, so far

	// spare is what the list and data will be when these are taken.
	spare     []note
	spareData []byte
}

// urgency says when notes are to be taken in.
type urgency int

const (
	later urgency = iota
	soon          // once the read is passed on, unless someone is at it
	now           // before that: it is not copied, or too much waits
)

// add adds n. Its data is not used after add returns, or where notes are to be
// taken in now, after that.
func (ns *notes) add(n note, start time.Time) urgency {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	if n.end == "" {
		ns.seq++
		n.seq = ns.seq
	}
	n.at = time.Since(start)
	ns.bytes[n.side] += int64(len(n.data))
	ns.size += noteSize + len(n.data)
	large := len(n.data) > maxCopied
	if !large {
		ns.data = append(ns.data, n.data...)
		n.data = ns.data[len(ns.data)-len(n.data):]
	}
	ns.list = append(ns.list, n)
	switch {
	case large || ns.size > tooMuch:
		return now
	case ns.size > enough:
		return soon
	}
	return later
}

// take returns the notes so far; they are valid until the next call.
func (ns *notes) take() []note {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	list := ns.list
	ns.list, ns.spare = ns.spare[:0], list
	ns.data, ns.spareData = ns.spareData[:0], ns.data
	ns.size = 0
	return list
}

// total returns the number of bytes read so far, by side.
func (ns *notes) total() [2]int64 {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	return ns.bytes
}

// note notes that side sent b, or m, before b is passed on. It returns when the
// caller is to have notes taken in.
func (c *conn) note(side http1.Side, b []byte, m cassettes.Mark) urgency {
	return c.r.notes.add(note{c: c, side: side, data: b, mark: m}, c.r.start)
}

// catchUp takes in the notes so far.
func (r *Recorder) catchUp() {
	r.taking.Lock()
	r.takeIn()
	r.release()
}

// tryCatchUp does it unless someone is at it.
func (r *Recorder) tryCatchUp() {
	if r.taking.TryLock() {
		r.takeIn()
		r.release()
	}
}

// release lets go of r.taking, and only then waits for the disk, if that is due.
func (r *Recorder) release() {
	full := r.full
	r.full = false
	r.taking.Unlock()
	if full {
		r.flush()
	}
}

// takeIn takes in the notes so far. r.taking is held.
func (r *Recorder) takeIn() {
	list := r.notes.take()
	for i := range list {
		n := &list[i]
		if n.end == "" {
			n.c.observe(n)
		} else {
			n.c.finish(n.end)
		}
		r.storeDone()
		*n = note{}
	}
}
