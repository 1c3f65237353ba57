package replay

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
)

// Report says what was played.
type Report struct {
	// Played and Unplayed add up to the number of interactions, less the
	// unplayed connections on which nobody had said anything: a client that
	// connects ahead of its requests does so by chance. After a Reset, Unplayed
	// counts what any of the runs left out, but for those that played nothing.
	Played   int `json:"played"`
	Unplayed int `json:"unplayed"`
	// Repeats counts answers that were given again.
	Repeats int    `json:"repeats"`
	Misses  []Miss `json:"misses"`
	// Proxied are the requests that Server.OnMiss answered instead.
	Proxied []Miss `json:"proxied"`
	// GaveUp says, one line each, what waited for another connection's client
	// until CausalTimeout had passed; it was sent then.
	GaveUp []string `json:"gave_up"`
	// Exchanges counts how often clients exchanged what they were issued, and
	// Guesses name, one each, the interactions that were played upon an exchange
	// that could not be told to be right.
	Exchanges int      `json:"exchanges"`
	Guesses   []string `json:"guesses"`
	// Notes say, one line each and in order, what was not served as it had
	// been recorded, and how often.
	Notes []string `json:"notes"`
}

// Miss is a request that no interaction answered.
type Miss struct {
	Request string `json:"request"` // method and target
	Text    string `json:"text"`    // the explanation, as the client got it
}

// Interaction names an interaction of a cassette.
type Interaction struct {
	Cassette string `json:"cassette"`
	ID       int    `json:"id"`
	Method   string `json:"method,omitempty"` // "" where it is no exchange
	URL      string `json:"url,omitempty"`
}

// String returns "#3 GET /path of pull.yaml".
func (i Interaction) String() string {
	if i.Method == "" {
		return fmt.Sprintf("#%d, no HTTP, of %s", i.ID, i.Cassette)
	}
	return fmt.Sprintf("#%d %s %s of %s", i.ID, i.Method, pathAndQuery(i.URL), i.Cassette)
}

// Unplayed returns the interactions that were not played so far, in order, but
// for connections on which nobody had said anything: see Report.
func (s *Server) Unplayed() []Interaction {
	if s.init() != nil {
		return nil
	}
	var all []Interaction
	for _, pos := range s.left() {
		if s.index.streams.isSilent(pos) {
			continue
		}
		c, i := s.index.locate(pos)
		e := c.Entry(i)
		all = append(all, Interaction{c.Name, e.ID, e.Method, e.URL})
	}
	return all
}

// left returns the positions of what a run has not played, in order.
func (s *Server) left() []int32 {
	s.tally.mu.Lock()
	ended, left := s.tally.ended, maps.Clone(s.tally.left)
	s.tally.mu.Unlock()
	if ended && s.tally.played.Load() == 0 {
		return slices.Sorted(maps.Keys(left))
	}
	if left == nil {
		left = map[int32]bool{}
	}
	for _, pos := range s.index.unplayed() {
		left[pos] = true
	}
	return slices.Sorted(maps.Keys(left))
}

// endRun ends a run, if anything was played in it.
func (s *Server) endRun() {
	if s.tally.played.Load() == 0 {
		return
	}
	left := s.index.unplayed()
	s.tally.mu.Lock()
	defer s.tally.mu.Unlock()
	s.tally.ended = true
	if s.tally.left == nil {
		s.tally.left = map[int32]bool{}
	}
	for _, pos := range left {
		s.tally.left[pos] = true
	}
}

// unplayed returns the positions of what is not played, in order.
func (x *index) unplayed() (all []int32) {
	for pos := range x.played {
		if !x.played[pos].Load() {
			all = append(all, int32(pos))
		}
	}
	return all
}

// maxMissText is the number of misses whose explanations are kept.
const maxMissText = 1000

// tally counts what a server has played. The zero value is ready to use.
type tally struct {
	played, repeats, exchanges atomic.Int64

	mu      sync.Mutex
	misses  []Miss
	asked   []Miss // of a live server
	gaveUp  []string
	guesses []string
	notes   map[string]int
	ended   bool           // a run has
	left    map[int32]bool // positions that runs which have ended did not play
}

// miss adds a miss.
func (t *tally) miss(m Miss) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.misses = addMiss(t.misses, m)
}

// proxy adds a request that was put to a live server.
func (t *tally) proxy(m Miss) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked = addMiss(t.asked, m)
}

func addMiss(to []Miss, m Miss) []Miss {
	if len(to) >= maxMissText {
		m.Text = ""
	}
	return append(to, m)
}

// giveUp adds a wait that was given up.
func (t *tally) giveUp(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.gaveUp = append(t.gaveUp, text)
}

// guess adds an interaction that was played upon a guess.
func (t *tally) guess(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.guesses = append(t.guesses, name)
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
	r := Report{Repeats: int(s.tally.repeats.Load()), Exchanges: int(s.tally.exchanges.Load())}
	if s.init() == nil {
		left := s.left()
		r.Played = s.index.len() - len(left)
		r.Unplayed = len(slices.DeleteFunc(left, s.index.streams.isSilent))
	}
	s.tally.mu.Lock()
	defer s.tally.mu.Unlock()
	r.Misses = append(r.Misses, s.tally.misses...)
	r.Proxied = append(r.Proxied, s.tally.asked...)
	r.GaveUp = append(r.GaveUp, s.tally.gaveUp...)
	r.Guesses = append(r.Guesses, s.tally.guesses...)
	for what, n := range s.tally.notes {
		r.Notes = append(r.Notes, fmt.Sprintf("%s: %d times", what, n))
	}
	sort.Strings(r.Notes)
	return r
}
