package replay

import (
	"strings"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/enum"
	"github.com/wiretape/wiretape/matchers"
	"github.com/wiretape/wiretape/replay/internal/explain"
	"github.com/wiretape/wiretape/replay/internal/index"
)

// How says how a request was answered.
type How int

// Ways in which requests are answered.
const (
	// HowEqual: the recorded request is equal as the rule says.
	HowEqual How = iota
	// HowBound: it is equal, and values that the client holds stand in the answer
	// in place of the recorded ones.
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
	if len(cl.Unlike) > 0 {
		m.srv.tally.note("answered although " + strings.Join(cl.Unlike, " and ") + " differ from the recording, and tell recordings apart")
	}
	if cl.Order != "" {
		m.srv.tally.note("answered out of recorded order: " + cl.Order)
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
	case cl.Rewritten:
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
func (s *Server) answers() []Answer {
	all := make([]Answer, len(s.tally.given))
	for i, g := range s.tally.given {
		if g.more != nil {
			all[i] = *g.more
		}
		if all[i].How = g.how; g.how < HowLive {
			at := interactionAt(s.index, g.pos)
			all[i].Recording = &at
		}
	}
	return all
}

// refused puts the recording that a refusal is about first among those that came
// near, with the reason.
func (s *Server) refused(why *explain.Miss, r *index.Refusal) {
	if r == nil {
		return
	}
	at := interactionAt(s.index, r.Pos)
	c := explain.Candidate{Cassette: at.Cassette, ID: at.ID, Method: at.Method, URL: at.URL, Played: s.index.Played(r.Pos)}
	var lines []string
	for _, d := range r.Fields {
		lines = append(lines, d.String())
		c.Differences = append(c.Differences, matchers.Difference{Where: "header " + d.Field, Got: d.Got, Want: strings.Join(d.Want, " or ")})
	}
	if r.Unsure != "" {
		lines = append(lines, "it would be answered out of recorded order, or on a guess: "+r.Unsure)
		c.Differences = append(c.Differences, matchers.Difference{Where: "state", Got: r.Unsure})
	}
	c.Text = strings.Join(lines, "\n")
	near := []explain.Candidate{c}
	for _, other := range why.Nearest {
		if other.ID != c.ID || other.Cassette != c.Cassette {
			near = append(near, other)
		}
	}
	why.Nearest, why.Remedy, why.Repeat, why.Helped = near[:min(len(near), 3)], cassettes.Match{}, false, 0
}
