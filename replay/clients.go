package replay

import (
	"sync"
	"sync/atomic"

	"github.com/wiretape/wiretape/replay/internal/causal"
)

// liveClient is a client with a connection, and what its connections share.
type liveClient struct {
	peer  peer
	reads atomic.Int64  // from all its connections
	seen  causal.Client // what was written to it, for the gate
	conns int           // guarded by the mutex of clients
}

// clients are the clients that have a connection.
type clients struct {
	// mu is taken while the server's life-cycle is locked, never the other way
	// round; no other lock is taken while it is held.
	mu   sync.Mutex
	live map[peer]*liveClient
}

// enter returns the client of a new connection.
func (c *clients) enter(p peer) *liveClient {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.live[p]
	if l == nil {
		l = &liveClient{peer: p}
		if c.live == nil {
			c.live = map[peer]*liveClient{}
		}
		c.live[p] = l
	}
	l.conns++
	return l
}

// leave takes back a call of enter, and forgets a client without connections: the
// next one with its process or address may be another.
func (c *clients) leave(l *liveClient) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.conns--; l.conns == 0 {
		delete(c.live, l.peer)
	}
}
