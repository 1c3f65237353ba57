package replay

import (
	"fmt"
	"sort"
	"sync"
	"sync/atomic"
)

// Report says what was played.
type Report struct {
	// Played and Unplayed add up to the number of interactions.
	Played, Unplayed int
	// Repeats counts answers that were given again.
	Repeats int
	Misses  []Miss
	// GaveUp says, one line each, what waited for another connection's client
	// until CausalTimeout had passed; it was sent then.
	GaveUp []string
	// Notes say, one line each and in order, what was not served as it had
	// been recorded, and how often.
	Notes []string
}

// Miss is a request that no interaction answered.
type Miss struct {
	Request string // method and target
	Text    string // the explanation, as the client got it
}

// maxMissText is the number of misses whose explanations are kept.
const maxMissText = 1000

// tally counts what a server has played. The zero value is ready to use.
type tally struct {
	played, repeats atomic.Int64

	mu     sync.Mutex
	misses []Miss
	gaveUp []string
	notes  map[string]int
}

// miss adds a miss.
func (t *tally) miss(m Miss) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.misses) >= maxMissText {
		m.Text = ""
	}
	t.misses = append(t.misses, m)
}

// giveUp adds a wait that was given up.
func (t *tally) giveUp(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.gaveUp = append(t.gaveUp, text)
}

// note counts something that was not served as it had been recorded.
func (t *tally) note(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.notes == nil {
		t.notes = map[string]int{}
	}
	t.notes[what]++
}

// Report returns what was played so far. It may be called at any time.
func (s *Server) Report() Report {
	r := Report{Repeats: int(s.tally.repeats.Load())}
	if s.init() == nil {
		r.Played = int(s.tally.played.Load())
		r.Unplayed = s.index.len() - r.Played
	}
	s.tally.mu.Lock()
	defer s.tally.mu.Unlock()
	r.Misses = append(r.Misses, s.tally.misses...)
	r.GaveUp = append(r.GaveUp, s.tally.gaveUp...)
	for what, n := range s.tally.notes {
		r.Notes = append(r.Notes, fmt.Sprintf("%s: %d times", what, n))
	}
	sort.Strings(r.Notes)
	return r
}
