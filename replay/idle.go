package replay

import (
	"cmp"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/wiretape/wiretape/internal/endpoint"
)

// After a miss a client does not go on as the recorded one did, and its streams may
// never end: the recorded client was the one to close them, or each side waits for
// the other. Docker's engine, for one, closes the session of a BuildKit build that
// it refuses, and the client waits for that. So the streams of such a client are
// closed when nothing has happened on them for three quarters of CausalTimeout.
// That is before frames that wait for its other requests are given up one by one.

// idleStreams are the clients that have had a miss and still have a connection.
type idleStreams struct {
	// mu is taken while the server's life-cycle is locked, never the other way
	// round.
	mu       sync.Mutex
	watching bool // there is a goroutine that closes their idle streams
	clients  map[peer]bool
}

// peer is a client: the process at the other end, or the address where the
// process is not known, as on TCP.
type peer struct {
	pid  int
	addr netip.Addr
}

// watch has the idle streams of a client closed, which has had a miss.
func (s *Server) watch(client peer) {
	after := cmp.Or(s.CausalTimeout, DefaultCausalTimeout)
	if after >= 0 && s.idle.add(client) {
		s.life.Go(func() { s.watchIdle(after) })
	}
}

// add adds a client, and reports whether it is the first one ever.
func (i *idleStreams) add(client peer) (first bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.clients == nil {
		i.clients = map[peer]bool{}
	}
	i.clients[client] = true
	first, i.watching = !i.watching, true
	return first
}

// idleTicks is the number of looks at the streams in one CausalTimeout. A stream
// is closed after one look less without a move.
const idleTicks = 4

// watchIdle closes idle streams until the server is closed.
func (s *Server) watchIdle(after time.Duration) {
	tick := time.NewTicker(max(after/idleTicks, time.Millisecond))
	defer tick.Stop()
	idle := map[*conn]idleness{}
	for {
		select {
		case <-s.life.Stopping():
			return
		case <-tick.C:
			idle = s.closeIdle(idle)
		}
	}
}

// idleness is for how many looks a connection has not moved.
type idleness struct {
	moves int64
	ticks int
}

// closeIdle closes the streams that have not moved for long enough, and returns
// the idleness of the others.
func (s *Server) closeIdle(before map[*conn]idleness) map[*conn]idleness {
	now := map[*conn]idleness{}
	for _, c := range s.life.Open(nil) {
		if !c.out.streams.Load() || !s.idle.has(c.client) || c.end.ended.Load() {
			continue
		}
		is := idleness{moves: c.out.moves.Load()}
		if was, ok := before[c]; ok && was.moves == is.moves {
			is.ticks = was.ticks + 1
		}
		if is.ticks < idleTicks-1 {
			now[c] = is
			continue
		}
		s.tally.note("a stream of a client that had had a miss was idle, and was closed")
		c.end.linger()
	}
	return now
}

// has reports whether a client has had a miss.
func (i *idleStreams) has(client peer) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.clients[client]
}

// forget forgets the miss of a client that has none of the open connections left:
// the next one with this process or address may be another client.
func (i *idleStreams) forget(client peer, open map[*conn]struct{}) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.clients[client] {
		return
	}
	for c := range open {
		if c.client == client {
			return
		}
	}
	delete(i.clients, client)
}

// reset forgets the misses of all clients.
func (i *idleStreams) reset() {
	i.mu.Lock()
	defer i.mu.Unlock()
	clear(i.clients)
}

// peerOf returns the client at the other end.
func peerOf(nc net.Conn) (p peer) {
	if pid, ok := endpoint.PeerPID(nc); ok {
		return peer{pid: pid}
	}
	if a, ok := nc.RemoteAddr().(*net.TCPAddr); ok {
		p.addr = a.AddrPort().Addr().Unmap()
	}
	return p
}
