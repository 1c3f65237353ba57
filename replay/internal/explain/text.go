package explain

import (
	"fmt"
	"strings"

	"github.com/wiretape/wiretape/internal/target"
)

// Text returns a miss as text: the request, the nearest recorded one with its
// differences, a hint where there is one, and the other near ones.
func (m Miss) Text(hint string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "wiretape: no recorded interaction answers %s %s", m.Method, m.Target)
	if len(m.Nearest) == 0 {
		return Printable(b.String() + ": the cassette has no requests")
	}
	nearest := m.Nearest[0]
	fmt.Fprintf(&b, "\nnearest: %s", candidateName(nearest))
	switch {
	case nearest.Text != "":
		b.WriteString("\n  " + strings.ReplaceAll(nearest.Text, "\n", "\n  "))
	case nearest.Played:
		b.WriteString("\n  the same request: it was recorded, and has been played as often as it was")
	}
	if hint != "" {
		b.WriteString("\nhint: " + hint)
		if m.Helped > 0 {
			fmt.Fprintf(&b, " (then #%d answers)", m.Nearest[m.Helped].ID)
		}
	}
	for _, c := range m.Nearest[1:] {
		fmt.Fprintf(&b, "\nalso near: %s", candidateName(c))
	}
	return Printable(b.String())
}

// candidateName returns "#3 GET /path (already played)".
func candidateName(c Candidate) string {
	s := fmt.Sprintf("#%d %s %s", c.ID, c.Method, target.PathAndQuery(c.URL))
	if c.Played {
		s += " (already played)"
	}
	return s
}
