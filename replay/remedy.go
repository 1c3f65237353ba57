package replay

import (
	"fmt"
	"strings"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/matchers"
	"github.com/wiretape/wiretape/replay/internal/explain"
)

// Miss is a request, or a stream, that no interaction answered.
type Miss struct {
	// Request is the method and the target, secrets masked, or says how a
	// connection that is not HTTP began. Method and Target are "" for that.
	Request string `json:"request"`
	Method  string `json:"method,omitempty"` // as it came
	Target  string `json:"target,omitempty"` // secrets masked
	// Nearest are the recorded requests most like it, best first, at most three.
	Nearest []Near `json:"nearest,omitempty"`
	// Remedy says how one of Nearest would have answered.
	Remedy Remedy `json:"remedy,omitzero"`
	// Text is the explanation that the client got and the log has: several
	// lines. Of very many misses the later ones have neither Nearest nor Text.
	Text string `json:"text"`
}

// String returns Text.
func (m Miss) String() string { return m.Text }

// Near is a recorded request that comes near to one that nothing answered.
type Near struct {
	Interaction
	// Played says that every interaction with this request was played.
	Played bool `json:"played,omitempty"`
	// Differences are the places where the two differ; none where the request
	// was recorded and has been played as often as it was.
	Differences []matchers.Difference `json:"differences,omitempty"`
}

// Remedy is the change to a Server's options with which a near interaction would
// have answered. It was tried. The zero value means that none was found.
type Remedy struct {
	// Match is what Server.Match needs besides.
	Match cassettes.Match `json:"match,omitzero"`
	// Repeat and StreamMatch, where they are not zero, are the values that the
	// options need.
	Repeat      Repeat      `json:"repeat,omitempty"`
	StreamMatch StreamMatch `json:"stream_match,omitempty"`
	// Answers is the number in Miss.Nearest of the interaction that answers
	// then.
	Answers int `json:"answers,omitempty"`
}

// IsZero reports whether no remedy was found.
func (r Remedy) IsZero() bool { return r.String() == "" }

// String returns the options as they are set in Go, separated by semicolons:
// `Match.IgnoreQuery = []string{"since"}`.
func (r Remedy) String() string {
	var set []string
	list := func(field string, values []string) {
		if len(values) > 0 {
			set = append(set, fmt.Sprintf("Match.%s = %#v", field, values))
		}
	}
	if r.Repeat == RepeatLast {
		set = append(set, "Repeat = replay.RepeatLast")
	}
	list("IgnoreQuery", r.Match.IgnoreQuery)
	if r.Match.APIVersion != "" {
		set = append(set, fmt.Sprintf("Match.APIVersion = %q", r.Match.APIVersion))
	}
	list("IgnorePath", r.Match.IgnorePath)
	list("IgnoreHeader", r.Match.IgnoreHeader)
	list("By", r.Match.By)
	list("IgnoreForm", r.Match.IgnoreForm)
	list("IgnoreJSON", r.Match.IgnoreJSON)
	if r.StreamMatch == MatchLength {
		set = append(set, "StreamMatch = replay.MatchLength")
	}
	return strings.Join(set, "; ")
}

// hint words a remedy for the readers of misses.
func (s *Server) hint(r Remedy) string {
	switch {
	case r.IsZero():
		return ""
	case s.Hint != nil:
		return s.Hint(r)
	}
	return "in replay.Server set " + r.String()
}

// explained returns the miss that an explanation speaks of.
func (s *Server) explained(why explain.Miss) Miss {
	m := Miss{Request: why.Method + " " + why.Target, Method: why.Method, Target: why.Target}
	for _, c := range why.Nearest {
		at := Interaction{c.Cassette, c.ID, c.Method, c.URL}
		m.Nearest = append(m.Nearest, Near{at, c.Played, c.Differences})
	}
	m.Remedy = Remedy{Match: why.Remedy, Answers: why.Helped}
	if why.Repeat {
		m.Remedy.Repeat = RepeatLast
	}
	m.Text = why.Text(s.hint(m.Remedy))
	return m
}
