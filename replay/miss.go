package replay

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/target"
)

// drainMax is how much of the body of a request that nothing answers is read
// before it is refused with a close.
const drainMax = 1 << 20

// miss answers a request that no interaction answers.
func (c *conn) miss(x *exchange) {
	text := c.srv.index.explain(x.request)
	c.srv.tally.miss(Miss{Request: x.request, Text: text})
	c.log.Warn("no recorded answer", "request", x.request, "nearest", text)
	c.fail(x, text)
}

// fail answers a request with 501 and the reason. A client that waits for a
// 100 Continue gets it at once, and the connection is closed, because it may
// or may not send its body.
func (c *conn) fail(x *exchange, text string) {
	x.missed, x.reason = true, text
	x.close = x.close || x.expect && !x.live.whole
	c.settle(x, nil, failure(text, x.close))
	if x.close && x.expect && !x.queued {
		c.enqueue(x)
	}
}

// refuse answers a request whose body is too long to be waited for.
func (c *conn) refuse(x *exchange) {
	x.close = true
	x.answer = failure(x.reason, true)
	c.enqueue(x)
}

// failure returns the answer to a request that cannot be answered.
func failure(text string, closes bool) *answer {
	body, _ := json.Marshal(map[string]string{"message": text}) // strings always marshal
	body = append(body, '\n')
	head := "HTTP/1.1 501 Not Implemented\r\nContent-Type: application/json\r\nWiretape-Miss: true\r\nContent-Length: " +
		strconv.Itoa(len(body)) + "\r\n"
	if closes {
		head += "Connection: close\r\n"
	}
	return &answer{writes: [][]byte{append([]byte(head+"\r\n"), body...)}}
}

// nearestMax is the number of interactions that a miss names, and lookMax of
// those that are looked at to find them.
const (
	nearestMax = 3
	lookMax    = 100_000
)

// explain says what a request was nearest to.
func (x *index) explain(request string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "wiretape: no recorded interaction answers %s", request)
	near := x.nearest(request)
	if len(near) == 0 {
		b.WriteString(": the cassette has no requests")
	}
	for i, pos := range near {
		e := x.entry(pos)
		lead := "; nearest: "
		if i > 0 {
			lead = ", "
		}
		fmt.Fprintf(&b, "%s%d %s %s", lead, e.ID, e.Method, pathAndQuery(e.URL))
		if x.played[pos].Load() {
			b.WriteString(" (already played)")
		}
	}
	return b.String()
}

// nearest returns the interactions whose requests are most like a request,
// best first, one of each kind.
func (x *index) nearest(request string) []int32 {
	type scored struct {
		pos   int32
		score int
	}
	var best []scored
	method, tgt, _ := strings.Cut(request, " ")
	for i := range x.groups[:min(len(x.groups), lookMax)] {
		pos := x.groups[i].unplayedOrLast(x)
		s := scored{pos, likeness(method, tgt, x.entry(pos))}
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

// unplayedOrLast returns a group's first unplayed interaction, or its last.
func (g *group) unplayedOrLast(x *index) int32 {
	if pos, ok := x.peek(g); ok {
		return pos
	}
	if g.more != nil {
		return g.more.all[len(g.more.all)-1]
	}
	return g.first
}

// likeness counts what a request has in common with a recorded one: the
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

// pathAndQuery returns a target without its authority.
func pathAndQuery(url string) string {
	authority, path, query := target.Cut(url)
	switch {
	case path == "":
		return authority
	case query == "":
		return path
	}
	return path + "?" + query
}
