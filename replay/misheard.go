package replay

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/matchers"
)

// quoteMax is how much of what a side says is quoted, and pastMax of what was
// said before it.
const (
	quoteMax = 40
	pastMax  = 20
)

// quote quotes the beginning of b.
func quote(b []byte) string {
	if len(b) > quoteMax {
		return strconv.Quote(string(b[:quoteMax])) + "…"
	}
	return strconv.Quote(string(b))
}

// tail returns the last bytes of those before and b.
func tail(before, b []byte) []byte {
	if len(b) >= pastMax {
		return append(before[:0], b[len(b)-pastMax:]...)
	}
	n := max(0, len(before)+len(b)-pastMax)
	return append(append(before[:0], before[n:]...), b...)
}

// after returns where in the stream something is.
func after(at int64, past []byte) string {
	if at == 0 {
		return "at byte 0"
	}
	return fmt.Sprintf("at byte %d, after %q", at, past)
}

// follows says what b is, where the recorded client had closed.
func (h *hearing) follows(b []byte) string {
	return fmt.Sprintf("stream: %s follows %s, where the recorded client closed", quote(b), after(h.at, h.past))
}

// differs says where b differs from what is wanted. Nothing is compared after
// that.
func (h *hearing) differs(b []byte) string {
	want := h.wholeTurn(len(b) + quoteMax)
	i := differ(b, want)
	text := difference(b, want, h.at, h.past)
	h.looser = i < len(b) && len(b) == len(want)
	return text
}

// wholeTurn takes all that the recorded client said before the server said
// something, from what is wanted on, but not much more than atLeast bytes.
func (h *hearing) wholeTurn(atLeast int) []byte {
	want := bytes.Clone(h.want)
	for len(want) <= atLeast {
		t, ok, err := h.turns.Peek()
		if err != nil || !ok || t.Side == http1.Server || t.Mark != "" {
			return want
		}
		h.fill()
		want = append(want, h.want...)
	}
	return want
}

// difference says where live begins to differ from recorded, both of which
// begin at byte at of a stream, after past.
func difference(live, recorded []byte, at int64, past []byte) string {
	i := differ(live, recorded)
	where := after(at+int64(i), tail(bytes.Clone(past), live[:i]))
	if i == len(recorded) {
		return fmt.Sprintf("stream: %s instead of the server's turn %s", quote(live[i:]), where)
	}
	return fmt.Sprintf("stream: %s instead of %s %s", quote(live[i:]), quote(recorded[i:]), where)
}

// misheard reports that the client of x said something else than was recorded.
func (c *conn) misheard(x *exchange, wrong string) {
	at := c.srv.index.name(x.pos)
	e := c.srv.index.entry(x.pos)
	request, nearest := fmt.Sprintf("%s %s", e.Method, pathAndQuery(e.URL)), ""
	if e.Method == "" {
		request = "a connection that is not HTTP"
		nearest = c.srv.index.streamName(x.pos)
	} else {
		nearest = fmt.Sprintf("#%d %s", e.ID, request)
	}
	m := Miss{Request: request, Method: at.Method, Nearest: []Near{{at, true, []matchers.Difference{{Where: "stream", Got: wrong}}}}}
	if at.Method != "" {
		m.Target = pathAndQuery(at.URL)
	}
	if x.heard.looser {
		m.Remedy.StreamMatch = MatchLength
	}
	text := "wiretape: what the client says in the stream of " + request + " was not recorded" +
		"\nnearest: " + nearest + "\n  " + wrong
	if hint := c.srv.hint(m.Remedy); hint != "" {
		text += "\nhint: " + hint
	}
	m.Text = printable(text)
	c.missed(m)
}

// streamName names a recorded connection that is not HTTP.
func (x *index) streamName(pos int32) string {
	name := fmt.Sprintf("#%d a connection that is not HTTP", x.entry(pos).ID)
	for i := range x.streams.list {
		if o := &x.streams.list[i]; o.pos == pos {
			name = x.openingName(o)
		}
	}
	return name
}

// openingName names a recorded connection by how it began.
func (x *index) openingName(o *opening) string {
	name := fmt.Sprintf("#%d a connection that begins %s", x.entry(o.pos).ID, quote(o.Client))
	if o.Greets {
		name = fmt.Sprintf("#%d a connection that the server begins", x.entry(o.pos).ID)
	}
	return name
}

// explainRaw says what came nearest to a connection that is no HTTP and begins
// with sent.
func (x *index) explainRaw(request string, sent []byte) string {
	var b strings.Builder
	b.WriteString("wiretape: no recorded connection answers " + request)
	near := x.nearestStreams(sent)
	if len(near) == 0 {
		b.WriteString(": in the cassette all are HTTP")
	}
	for i, o := range near {
		label := "also near"
		if i == 0 {
			label = "nearest"
		}
		fmt.Fprintf(&b, "\n%s: %s", label, x.openingName(o))
		played := x.played[o.pos].Load()
		if played {
			b.WriteString(" (already played)")
		}
		switch {
		case i > 0:
		case o.Agrees(sent) && played:
			b.WriteString("\n  the same connection: it was recorded, and has been played as often as it was")
		case !o.Agrees(sent):
			b.WriteString("\n  " + difference(sent, o.Client, 0, nil))
		}
	}
	return printable(b.String())
}

// nearRaw returns the connections nearest to one that begins with sent.
func (x *index) nearRaw(sent []byte) (near []Near) {
	for _, o := range x.nearestStreams(sent) {
		n := Near{Interaction: x.name(o.pos), Played: x.played[o.pos].Load()}
		if !o.Agrees(sent) {
			n.Differences = []matchers.Difference{{Where: "stream", Got: difference(sent, o.Client, 0, nil)}}
		}
		near = append(near, n)
	}
	return near
}

// nearestStreams returns the connections that began most like one that begins
// with sent, best first.
func (x *index) nearestStreams(sent []byte) []*opening {
	var best []*opening
	list := x.streams.list
	for i := range list[:min(len(list), lookMax)] {
		o := &list[i]
		if o.Greets {
			continue
		}
		at := len(best)
		for at > 0 && x.nearer(sent, o, best[at-1]) {
			at--
		}
		if at < nearestMax {
			best = append(best[:at], append([]*opening{o}, best[at:]...)...)
			best = best[:min(len(best), nearestMax)]
		}
	}
	return best
}

// nearer reports whether a is more like a connection that begins with sent
// than b, or as much, and not played yet.
func (x *index) nearer(sent []byte, a, b *opening) bool {
	m, n := differ(a.Client, sent), differ(b.Client, sent)
	return m > n || m == n && !x.played[a.pos].Load() && x.played[b.pos].Load()
}
