package explain

import (
	"strings"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/matchers"
	"github.com/wiretape/wiretape/replay/internal/index"
)

// Refuse puts the recording that a refusal is about first among those that came
// near, with the reason. R may be nil.
func (e *Explainer) Refuse(m *Miss, r *index.Refusal) {
	if r == nil {
		return
	}
	of, i := e.Index.Locate(r.Pos)
	at := of.Entry(i)
	c := Candidate{Cassette: of.Name, ID: at.ID, Method: at.Method, URL: at.URL, Played: e.Index.Played(r.Pos)}
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
	near := []Candidate{c}
	for _, other := range m.Nearest {
		if other.ID != c.ID || other.Cassette != c.Cassette {
			near = append(near, other)
		}
	}
	m.Nearest, m.Remedy, m.Repeat, m.Helped = near[:min(len(near), nearestMax)], cassettes.Match{}, false, 0
}
