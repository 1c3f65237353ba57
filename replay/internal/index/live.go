package index

import (
	"slices"
	"sync"
)

// live is what the clients of a replay have changed so far.
type live struct {
	recorded changes
	unsafe   []int32 // positions of recorded requests of unsafe methods, in order
	on       bool    // some safe request was recorded twice, with a change between

	mu      sync.Mutex
	now     int64 // counts requests
	done    []done
	clients map[any]*Client
}

// done is a change that a client has made.
type done struct {
	pos int32
	by  *Client
}

// Client is a client of a replay, which may have several connections: a process,
// or an address where processes are not known. It stays the same client while it
// has no connection, because many open one for each request: the state that it has
// made is its own when it is back. A process id that the system gives to another
// process within a run is taken for the first one's, as an address is. Only a
// reset forgets clients.
type Client struct {
	open        int // connections
	first, last int64
	changed     bool
	as          map[process]bool // the recorded processes whose parts it has played
}

// Join returns the client that key stands for, which has one connection more until
// Leave.
func (x *Index) Join(key any) *Client {
	l := &x.live
	if !l.on {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.clients[key]
	if c == nil {
		if l.clients == nil {
			l.clients = map[any]*Client{}
		}
		c = &Client{as: map[process]bool{}}
		l.clients[key] = c
	}
	c.open++
	return c
}

// Leave takes back a Join.
func (x *Index) Leave(c *Client) {
	if c == nil {
		return
	}
	x.live.mu.Lock()
	defer x.live.mu.Unlock()
	c.open--
}

// ask notes that a client has sent a request.
func (l *live) ask(c *Client) {
	if !l.on || c == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now++
	if c.first == 0 {
		c.first = l.now
	}
	c.last = l.now
}

// add notes that a client was answered with the interaction at pos.
func (l *live) add(pos int32, c *Client) {
	if !l.on {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, changes := slices.BinarySearch(l.unsafe, pos)
	if changes {
		l.done = append(l.done, done{pos, c})
	}
	if c != nil {
		c.changed = c.changed || changes
		c.as[l.recorded.processOf(pos)] = true
	}
}

// drop takes back an add.
func (l *live) drop(pos int32) {
	if !l.on {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(l.done) - 1; i >= 0; i-- {
		if l.done[i].pos == pos {
			l.done = slices.Delete(l.done, i, i+1)
			return
		}
	}
}

// swap has the clients that made two changes be taken for each other.
func (l *live) swap(a, b int32) {
	if !l.on {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.done {
		switch l.done[i].pos {
		case a:
			l.done[i].pos = b
		case b:
			l.done[i].pos = a
		}
	}
}

// reset forgets what clients have done, and those without a connection.
func (l *live) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done = nil
	for key, c := range l.clients {
		if c.open == 0 {
			delete(l.clients, key)
			continue
		}
		*c = Client{open: c.open, as: map[process]bool{}}
	}
}

// unsafeBefore returns the number of unsafe requests recorded before pos.
func (l *live) unsafeBefore(pos int32) int {
	at, _ := slices.BinarySearch(l.unsafe, pos)
	return at
}

// sees reports whether a client can have seen a change: it made it, or the one
// that did has ended, or stood still while it ran.
func (c *Client) sees(d *done) bool {
	return c == nil || d.by == nil || d.by == c || d.by.open == 0 || d.by.last < c.first
}

// isSeveral reports whether a client stands for several recorded processes that ran
// while the process by did, as a proxy does through which they all come. Then its
// own order does not tell which of them asks. The mutex is held.
func (l *live) isSeveral(c *Client, by process) bool {
	if c == nil {
		return false
	}
	for other := range c.as {
		if other != by && other.cassette == by.cassette && (l.recorded.overlap(other, by) || l.recorded.overlap(by, other)) {
			return true
		}
	}
	return false
}

// asking returns the state in which a client asks, as the recording at pos would
// see it: changes that could have come before or after that do not count.
func (l *live) asking(c *Client, pos int32) askedIn {
	l.mu.Lock()
	defer l.mu.Unlock()
	by := l.recorded.processOf(pos)
	a := askedIn{own: unchanged, all: unchanged, related: unchanged, ended: unchanged, several: l.isSeveral(c, by), changed: c != nil && c.changed}
	own, all, ended := undone{}, undone{}, undone{}
	topic := topicOf(l.recorded.tape.Entry(pos).URL)
	for i := len(l.done) - 1; i >= max(0, len(l.done)-viewMax); i-- {
		d := &l.done[i]
		at, ok := l.recorded.at[d.pos]
		if !ok {
			continue // it failed
		}
		ch := &l.recorded.list[at]
		if d.by == c && own.counts(ch) {
			a.own.add(ch.pos)
		}
		if !c.sees(d) {
			continue
		}
		concurrent := (a.several || d.by != c) && l.recorded.isConcurrent(ch, pos)
		if a.several && !concurrent && ch.by != by && ended.counts(ch) {
			a.ended.add(ch.pos)
		}
		if d.by != c && concurrent {
			continue
		}
		if all.counts(ch) {
			a.all.add(ch.pos)
			if ch.topic == topic {
				a.related.add(ch.pos)
			}
		}
	}
	return a
}
