package record

import (
	"sync"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

const (
	// maxCopied is the size in bytes up to which a read is copied into the log.
	// A larger read stays in the buffer of its copy, which waits until the log
	// has been processed.
	maxCopied = 4 << 10
	// processAt is the number of bytes at which the log is processed. Batches
	// keep the parser's state in the CPU's cache.
	processAt = 32 << 10
	// blockAt is the number of bytes at which whoever adds an entry waits until
	// the log has been processed.
	blockAt = 1 << 20
	// entrySize is the size of an entry without its data, in bytes.
	entrySize = 96
)

// entry is an event of one side of a connection: a read of its bytes or its
// close. Or it is the end of the connection.
type entry struct {
	c    *conn
	side http1.Side
	seq  int64 // counts reads and marks of all connections
	at   time.Duration
	data []byte
	mark cassettes.Mark
	end  cassettes.End // of the connection, if set
}

// readLog holds the events of all connections, in order, until they are
// processed. Adding an entry is all that delays a small read, unless the log is
// full.
type readLog struct {
	mu      sync.Mutex // the last in the lock order of Recorder
	entries []entry
	data    []byte   // copies of reads
	size    int      // of entries and data, in bytes
	seq     int64    // of the last entry
	bytes   [2]int64 // read so far, by side

	// The spare slices take turns with entries and data, so that adding
	// allocates nothing.
	spare     []entry
	spareData []byte
}

// urgency says when the log is to be processed.
type urgency int

const (
	processLater urgency = iota
	processSoon          // after the read is passed on, unless another goroutine is at it
	processNow           // before that: the read is not copied, or the log is full
)

// add adds e, which happens now. The log keeps a copy of e's data, except at
// processNow: then the data must stay as it is until the log has been processed.
func (l *readLog) add(e entry, start time.Time) urgency {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.end == "" {
		l.seq++
		e.seq = l.seq
	}
	e.at = time.Since(start)
	l.bytes[e.side] += int64(len(e.data))
	l.size += entrySize + len(e.data)
	large := len(e.data) > maxCopied
	if !large {
		// Where append moves l.data, older entries keep the old array alive.
		l.data = append(l.data, e.data...)
		e.data = l.data[len(l.data)-len(e.data):]
	}
	l.entries = append(l.entries, e)
	switch {
	case large || l.size > blockAt:
		return processNow
	case l.size > processAt:
		return processSoon
	}
	return processLater
}

// take empties the log and returns its entries. They are valid until the next
// call.
func (l *readLog) take() []entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	entries := l.entries
	l.entries, l.spare = l.spare[:0], entries
	l.data, l.spareData = l.spareData[:0], l.data
	l.size = 0
	return entries
}

// total returns the number of bytes read so far, by side.
func (l *readLog) total() [2]int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes
}

// logRead logs that side sent b, or closed as m says, before b is passed on. The
// caller then processes the log as the result says.
func (l *link) logRead(side http1.Side, b []byte, m cassettes.Mark) urgency {
	return l.r.reads.add(entry{c: l.conn, side: side, data: b, mark: m}, l.r.start)
}

// process processes the log.
func (r *Recorder) process() {
	r.processing.Lock()
	r.processLog()
	r.release()
}

// tryProcess processes the log unless another goroutine is at it.
func (r *Recorder) tryProcess() {
	if r.processing.TryLock() {
		r.processLog()
		r.release()
	}
}

// release unlocks r.processing and then flushes the cassette if its buffer is
// full. In this order, a slow disk delays one copy and not all of them.
func (r *Recorder) release() {
	full := r.full
	r.full = false
	r.processing.Unlock()
	if full {
		r.flush()
	}
}

// processLog processes the entries so far. r.processing is held.
func (r *Recorder) processLog() {
	entries := r.reads.take()
	for i := range entries {
		e := &entries[i]
		if e.end == "" {
			e.c.process(e)
		} else {
			e.c.finish(e.end)
		}
		r.storeDone()
		*e = entry{} // the spare slice keeps no connection alive
	}
}
