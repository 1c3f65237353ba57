package replay

// Reset makes every interaction unplayed again, for the next run of the same
// tests: later requests are answered from the beginning. Exchanges under way go
// on; no client counts any more as one that has had a miss. The Report goes on,
// too, and counts over all runs.
func (s *Server) Reset() {
	if s.init() != nil {
		return
	}
	s.idle.reset()
	s.reset()
}

// reset makes every interaction unplayed again. It may be called with the life-cycle
// locked, which comes before all locks that it takes: see Locks in
// docs/architecture.md.
func (s *Server) reset() {
	s.endRun()
	s.tally.played.Store(0) // before the index: what it gives back later, counts
	s.index.Reset()
	s.causes.reset()
}
