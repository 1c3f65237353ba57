package replay

import (
	"cmp"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/wiretape/wiretape/internal/endpoint"
)

// A client that has asked for, or said, what nobody did when it was recorded
// does not go on as the recorded one did. Its streams may then never end: their
// recorded client was the one to close them, or each side waits for the other.
// Docker's engine, for one, closes the session of a BuildKit build that it
// refuses, and the client waits for that. So the streams of such a client end
// when nothing has happened on them for a while, which is less than
// CausalTimeout, or what waits for the client's other doings would be given up
// one by one.

// strays are the clients that have gone astray and have a connection. Their mutex
// is taken while the server's life-cycle is locked, never the other way round.
type strays struct {
	mu      sync.Mutex
	watched bool
	peers   map[peer]bool
}

// peer is a client: the process at the other end, or the address where the
// process is not known, as on TCP.
type peer struct {
	pid  int
	addr netip.Addr
}

// strayed notes that c's client has gone another way than the recorded one.
func (s *Server) strayed(c *conn) {
	after := cmp.Or(s.CausalTimeout, DefaultCausalTimeout)
	if after < 0 {
		return
	}
	if s.strays.add(c.who) {
		s.life.Go(func() { s.watchStrays(after) })
	}
}

// add adds p, and reports whether it is the first client ever.
func (s *strays) add(p peer) (first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.peers == nil {
		s.peers = map[peer]bool{}
	}
	s.peers[p] = true
	first, s.watched = !s.watched, true
	return first
}

// strayTicks is how often in CausalTimeout one looks; a stream ends after one
// less without a move.
const strayTicks = 4

// watchStrays ends streams until the server is closed.
func (s *Server) watchStrays(after time.Duration) {
	tick := time.NewTicker(max(after/strayTicks, time.Millisecond))
	defer tick.Stop()
	idle := map[*conn]idleness{}
	for {
		select {
		case <-s.life.Stopping():
			return
		case <-tick.C:
			idle = s.endStrays(idle)
		}
	}
}

// idleness is for how many ticks a connection has been where it is.
type idleness struct {
	moves int64
	ticks int
}

// endStrays ends the streams of strays that have not moved.
func (s *Server) endStrays(were map[*conn]idleness) map[*conn]idleness {
	now := map[*conn]idleness{}
	for _, c := range s.life.Open(nil) {
		if !c.streams.Load() || !s.isStray(c) || c.ending.Load() {
			continue
		}
		is := idleness{moves: c.moves.Load()}
		if was, ok := were[c]; ok && was.moves == is.moves {
			is.ticks = was.ticks + 1
		}
		if is.ticks < strayTicks-1 {
			now[c] = is
			continue
		}
		s.tally.note("a stream stood still after its client had gone another way than the recorded one, and was ended")
		c.linger()
	}
	return now
}

// isStray reports whether c's client has gone astray.
func (s *Server) isStray(c *conn) bool {
	s.strays.mu.Lock()
	defer s.strays.mu.Unlock()
	return s.strays.peers[c.who]
}

// leave forgets a stray that has no connection left among those open: what comes
// after may be another client.
func (s *Server) leave(p peer, open map[*conn]struct{}) {
	s.strays.mu.Lock()
	defer s.strays.mu.Unlock()
	if !s.strays.peers[p] {
		return
	}
	for c := range open {
		if c.who == p {
			return
		}
	}
	delete(s.strays.peers, p)
}

// resetStrays forgets who has gone astray.
func (s *Server) resetStrays() {
	s.strays.mu.Lock()
	defer s.strays.mu.Unlock()
	clear(s.strays.peers)
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
