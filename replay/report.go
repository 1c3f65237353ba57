package replay

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wiretape/wiretape/replay/internal/index"
)

// Report counts the interactions that were played, and lists everything that
// departed from the recording.
type Report struct {
	// Played and Unplayed add up to the number of interactions, less the
	// unplayed connections on which nobody had said anything: a client that
	// connects ahead of its requests does so by chance. After a Reset, Unplayed
	// counts what any of the runs left out, but for those that played nothing.
	Played   int `json:"played"`
	Unplayed int `json:"unplayed"`
	// Repeats counts answers that were given again.
	Repeats int `json:"repeats"`
	// Misses are the requests that no recording answered, in order.
	Misses []Miss `json:"misses"`
	// Proxied are the requests that Server.OnMiss answered instead.
	Proxied []Miss `json:"proxied"`
	// GaveUp are the writes that waited for the client of another connection
	// until CausalTimeout had passed, and were sent then.
	GaveUp []Wait `json:"gave_up"`
	// Exchanges counts how often two clients swapped recordings because one used
	// a value that the server had issued to the other. Guesses are interactions
	// that were played after such a swap that may be wrong.
	Exchanges int           `json:"exchanges"`
	Guesses   []Interaction `json:"guesses"`
	// Notes are the ways in which answers departed from the recording, in order
	// of their texts.
	Notes []Note `json:"notes"`
	// Answers say how each request was answered, in the order of the requests'
	// ends, at most AnswersMax of them; AnswersCut is the number of the others.
	Answers    []Answer `json:"answers"`
	AnswersCut int      `json:"answers_cut,omitempty"`
}

// Wait is a write that waited in vain for the client of another connection.
type Wait struct {
	// Interaction is the one whose answer waited, and Read the number of the
	// read (its seq) that the write had been recorded from.
	Interaction Interaction `json:"interaction"`
	Read        int64       `json:"read"`
	// For is the interaction whose client did not come as far as the recorded
	// client had by then.
	For Interaction `json:"for"`
	// Waited is how long the write waited, CausalTimeout; nanoseconds in JSON.
	Waited time.Duration `json:"waited"`
	Text   string        `json:"text"` // what String returns
}

// String returns "POST /start waited 5s for POST /wait, …".
func (w Wait) String() string { return w.Text }

// Note is a way in which answers departed from the recording.
type Note struct {
	Text  string `json:"text"`  // one sentence for people
	Times int    `json:"times"` // number of such answers
}

// String returns "an HTTP/1.0 client got a chunked body …: 3 times".
func (n Note) String() string { return fmt.Sprintf("%s: %d times", n.Text, n.Times) }

// Interaction names an interaction of a cassette.
type Interaction struct {
	Cassette string `json:"cassette"`         // the name it was opened with
	ID       int    `json:"id"`               // in the cassette
	Method   string `json:"method,omitempty"` // "" where it is no exchange
	URL      string `json:"url,omitempty"`    // as recorded; "" where it is no exchange
}

// String returns "#3 GET /path of pull.yaml".
func (i Interaction) String() string {
	if i.Method == "" {
		return fmt.Sprintf("#%d, no HTTP, of %s", i.ID, i.Cassette)
	}
	return fmt.Sprintf("#%d %s %s of %s", i.ID, i.Method, pathAndQuery(i.URL), i.Cassette)
}

// exchange returns "GET /path (#3)".
func (i Interaction) exchange() string {
	return fmt.Sprintf("%s %s (#%d)", i.Method, pathAndQuery(i.URL), i.ID)
}

// Unplayed returns the interactions that were not played so far, in order, but
// for connections on which nobody had said anything: see Report.
func (s *Server) Unplayed() []Interaction {
	if s.init() != nil {
		return nil
	}
	var all []Interaction
	for _, pos := range s.left() {
		if s.index.Streams.IsSilent(pos) {
			continue
		}
		all = append(all, interactionAt(s.index, pos))
	}
	return all
}

// interactionAt names the interaction at a position.
func interactionAt(x *index.Index, pos int32) Interaction {
	c, i := x.Locate(pos)
	e := c.Entry(i)
	return Interaction{c.Name, e.ID, e.Method, e.URL}
}

// left returns the positions of the interactions that no run has played, in order.
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
	for _, pos := range s.index.Unplayed() {
		left[pos] = true
	}
	return slices.Sorted(maps.Keys(left))
}

// endRun ends a run, if anything was played in it.
func (s *Server) endRun() {
	if s.tally.played.Load() == 0 {
		return
	}
	left := s.index.Unplayed()
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

// maxExplained is the number of misses whose explanations are kept.
const maxExplained = 1000

// tally counts a server's answers and misses. The zero value is ready to use.
type tally struct {
	played, repeats, exchanges atomic.Int64

	mu      sync.Mutex
	misses  []Miss
	asked   []Miss // of a live server
	gaveUp  []Wait
	guesses []Interaction
	notes   map[string]int
	ended   bool           // a run has
	left    map[int32]bool // positions that runs which have ended did not play

	given    []given
	notGiven int // answers that are not in given
}

// miss adds a miss.
func (t *tally) miss(m Miss) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.misses = addMiss(t.misses, m)
	t.addGiven(answerOf(&m, HowMiss))
}

// proxy adds a request that was put to a live server.
func (t *tally) proxy(m Miss) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked = addMiss(t.asked, m)
	t.addGiven(answerOf(&m, HowLive))
}

func addMiss(to []Miss, m Miss) []Miss {
	if len(to) >= maxExplained {
		m = Miss{Request: m.Request, Method: m.Method, Target: m.Target}
	}
	return append(to, m)
}

// giveUp adds a wait that was given up.
func (t *tally) giveUp(w Wait) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.gaveUp = append(t.gaveUp, w)
}

// guess adds an interaction that was played after a swap that may be wrong.
func (t *tally) guess(i Interaction) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.guesses = append(t.guesses, i)
}

// note counts an answer that departed from the recording.
func (t *tally) note(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.notes == nil {
		t.notes = map[string]int{}
	}
	t.notes[text]++
}

// Report returns the report so far. It may be called at any time.
func (s *Server) Report() Report {
	r := Report{Repeats: int(s.tally.repeats.Load()), Exchanges: int(s.tally.exchanges.Load())}
	if s.init() == nil {
		left := s.left()
		r.Played = s.index.Len() - len(left)
		r.Unplayed = len(slices.DeleteFunc(left, s.index.Streams.IsSilent))
	}
	s.tally.mu.Lock()
	defer s.tally.mu.Unlock()
	r.Misses = append(r.Misses, s.tally.misses...)
	r.Proxied = append(r.Proxied, s.tally.asked...)
	r.Answers, r.AnswersCut = s.answers(), s.tally.notGiven
	r.GaveUp = append(r.GaveUp, s.tally.gaveUp...)
	r.Guesses = append(r.Guesses, s.tally.guesses...)
	for _, text := range slices.Sorted(maps.Keys(s.tally.notes)) {
		r.Notes = append(r.Notes, Note{text, s.tally.notes[text]})
	}
	return r
}
