package explain

import (
	"strings"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/target"
)

// nearestMax is the number of interactions that a miss names; at most lookMax are
// looked at to find them.
const (
	nearestMax = 3
	lookMax    = 100_000
)

// nearest returns the interactions whose requests are most like a request,
// best first, one of each group.
func (e *Explainer) nearest(method, target string) []int32 {
	type scored struct {
		pos   int32
		score int
	}
	var best []scored
	for pos := range e.Index.Representatives(lookMax) {
		s := scored{pos, likeness(method, target, e.Index.Entry(pos))}
		at := len(best)
		for at > 0 && best[at-1].score < s.score {
			at--
		}
		if at == nearestMax {
			continue
		}
		best = append(best[:at], append([]scored{s}, best[at:]...)...)
		best = best[:min(len(best), nearestMax)]
	}
	var out []int32
	for _, s := range best {
		out = append(out, s.pos)
	}
	return out
}

// likeness counts the parts that a request shares with a recorded one: the
// method, the segments of the path from either end, the pairs of the query.
func likeness(method, tgt string, e cassettes.Entry) int {
	score := 0
	if method == e.Method {
		score += 2
	}
	_, path, query := target.Cut(tgt)
	_, recordedPath, recordedQuery := target.Cut(e.URL)
	score += 4 * common(strings.Split(path, "/"), strings.Split(recordedPath, "/"))
	pairs := strings.Split(recordedQuery, "&")
	for _, p := range strings.Split(query, "&") {
		for _, r := range pairs {
			if p == r {
				score++
				break
			}
		}
	}
	return score
}

// common returns how many elements a and b share at their beginnings and ends.
func common(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	m := 0
	for n+m < len(a) && n+m < len(b) && a[len(a)-1-m] == b[len(b)-1-m] {
		m++
	}
	return n + m
}
