package replay

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wiretape/wiretape/internal/enum"
	"github.com/wiretape/wiretape/internal/target"
	"github.com/wiretape/wiretape/matchers"
	"github.com/wiretape/wiretape/replay/internal/index"
)

// Report counts the interactions that were played, and lists everything that
// departed from the recording. A Reset does not begin another: it is of all that the
// Server has done.
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
	return fmt.Sprintf("#%d %s %s of %s", i.ID, i.Method, target.PathAndQuery(i.URL), i.Cassette)
}

// exchange returns "GET /path (#3)".
func (i Interaction) exchange() string {
	return fmt.Sprintf("%s %s (#%d)", i.Method, target.PathAndQuery(i.URL), i.ID)
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
	r.Misses = listOf(s.tally.misses)
	r.Proxied = listOf(s.tally.asked)
	r.Answers, r.AnswersCut = s.tally.answers(s.index), s.tally.notGiven
	r.GaveUp = listOf(s.tally.gaveUp)
	r.Guesses = listOf(s.tally.guesses)
	r.Notes = []Note{}
	for _, text := range slices.Sorted(maps.Keys(s.tally.notes)) {
		r.Notes = append(r.Notes, Note{text, s.tally.notes[text]})
	}
	return r
}

// listOf returns a copy of list. An empty one is [] in JSON, not null.
func listOf[T any](list []T) []T { return append([]T{}, list...) }

// How says how a request was answered.
type How int

// Ways in which requests are answered.
const (
	// HowEqual: the recorded request is equal as the rule says.
	HowEqual How = iota
	// HowBound: it is equal but for values that the client has made up, or values
	// that the client holds stand in the answer in place of the recorded ones.
	HowBound
	// HowSwapped: it is equal after two clients swapped their recordings.
	HowSwapped
	// HowOtherOrder: it is equal, but may have been recorded in another state than
	// the one that the client has made.
	HowOtherOrder
	// HowRepeat: it is equal and was played before.
	HowRepeat
	// HowLive: a live server answered.
	HowLive
	// HowMiss: nothing answered.
	HowMiss
)

var hows = enum.Names{"equal", "bound", "swapped", "other order", "repeat", "live", "miss"}

// String returns the way as reports have it: "equal", "other order".
func (h How) String() string { return hows.Text(int(h)) }

// MarshalText returns what String does. A value without a name is an error.
func (h How) MarshalText() ([]byte, error) { return hows.Marshal(int(h)) }

// UnmarshalText sets h to the way that text names, as String has it.
func (h *How) UnmarshalText(text []byte) error { return enum.Unmarshal(hows, h, text) }

// Answer says how one request, or one connection that is not HTTP, was answered.
type Answer struct {
	How How `json:"how"`
	// Recording is the interaction that answered; of a miss and of a live answer,
	// the nearest one. It is nil where there is none.
	Recording *Interaction `json:"recording,omitempty"`
	// Request is the one of a miss or of a live answer, secrets masked.
	Request string `json:"request,omitempty"`
	// Differences are the places where a miss differs from Recording, at most
	// DifferencesMax of them; Cut is the number of the others.
	Differences []matchers.Difference `json:"differences,omitempty"`
	Cut         int                   `json:"cut,omitempty"`
	// Unlike are the header fields in which an answered request differs from
	// Recording, where these fields tell other recordings apart.
	Unlike []string `json:"unlike,omitempty"`
	// Order says, of HowOtherOrder, after which change Recording was asked and
	// after which one the client asked.
	Order string `json:"order,omitempty"`
}

// Limits on the Answers of a Report.
const (
	AnswersMax     = 100_000
	DifferencesMax = 10
)

// given is an Answer as it is kept: small, because there are many.
type given struct {
	pos  int32
	how  How
	more *Answer // beyond How and Recording; or nil
}

// count keeps account of a claim.
func (m *matcher) count(cl index.Claim) {
	if m.srv.verbose {
		e := m.srv.index.Entry(cl.Pos)
		m.log.Debug("play", "interaction", e.ID, "method", e.Method, "url", e.URL, "repeat", cl.Repeat)
	}
	m.srv.tally.give(givenBy(cl))
	for note := range cl.Notes() {
		m.srv.tally.note(note)
	}
	if cl.Repeat {
		m.srv.tally.repeats.Add(1)
		return
	}
	m.srv.tally.played.Add(1 + m.srv.index.PlayLeftover(cl.Pos))
}

func givenBy(cl index.Claim) given {
	g := given{pos: cl.Pos}
	switch {
	case cl.Order != "":
		g.how = HowOtherOrder
	case cl.Repeat:
		g.how = HowRepeat
	case cl.Swapped:
		g.how = HowSwapped
	case cl.Rewritten, cl.Invented:
		g.how = HowBound
	}
	if cl.Order != "" || len(cl.Unlike) > 0 {
		g.more = &Answer{Order: cl.Order, Unlike: cl.Unlike}
	}
	return g
}

// give adds an answer.
func (t *tally) give(g given) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.addGiven(g)
}

// addGiven adds an answer. The tally is locked.
func (t *tally) addGiven(g given) {
	if len(t.given) == AnswersMax {
		t.notGiven++
		return
	}
	t.given = append(t.given, g)
}

// answerOf returns how a miss was answered, by a live server or not at all.
func answerOf(m *Miss, how How) given {
	a := &Answer{Request: m.Request}
	if len(m.Nearest) > 0 {
		near := &m.Nearest[0]
		a.Recording, a.Differences = &near.Interaction, near.Differences
		if n := len(a.Differences) - DifferencesMax; n > 0 {
			a.Differences, a.Cut = a.Differences[:DifferencesMax], n
		}
	}
	return given{how: how, more: a}
}

// answers returns the answers that were given. The tally is locked.
func (t *tally) answers(x *index.Index) []Answer {
	all := make([]Answer, len(t.given))
	for i, g := range t.given {
		if g.more != nil {
			all[i] = *g.more
		}
		if all[i].How = g.how; g.how < HowLive {
			at := interactionAt(x, g.pos)
			all[i].Recording = &at
		}
	}
	return all
}
