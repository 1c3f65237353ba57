package replay

import (
	"fmt"
	"github.com/wiretape/wiretape/replay/internal/stream"
	"strings"

	"github.com/wiretape/wiretape/matchers"
)

// mismatched reports that the client of x said something else than was recorded.
func (c *conn) mismatched(x *exchange, wrong *stream.Mismatch) {
	at := c.srv.index.name(x.pos)
	e := c.srv.index.entry(x.pos)
	request, nearest := fmt.Sprintf("%s %s", e.Method, pathAndQuery(e.URL)), ""
	if e.Method == "" {
		request = "a connection that is not HTTP"
		nearest = c.srv.index.streamName(x.pos)
	} else {
		nearest = fmt.Sprintf("#%d %s", e.ID, request)
	}
	m := Miss{Request: request, Method: at.Method, Nearest: []Near{{at, true, []matchers.Difference{{Where: "stream", Got: wrong.Text}}}}}
	if at.Method != "" {
		m.Target = pathAndQuery(at.URL)
	}
	if wrong.LengthHelps {
		m.Remedy.StreamMatch = MatchLength
	}
	text := "wiretape: what the client says in the stream of " + request + " was not recorded" +
		"\nnearest: " + nearest + "\n  " + wrong.Text
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
	name := fmt.Sprintf("#%d a connection that begins %s", x.entry(o.pos).ID, stream.Quote(o.Client))
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
			b.WriteString("\n  " + stream.Difference(sent, o.Client))
		}
	}
	return printable(b.String())
}

// nearRaw returns the connections nearest to one that begins with sent.
func (x *index) nearRaw(sent []byte) (near []Near) {
	for _, o := range x.nearestStreams(sent) {
		n := Near{Interaction: x.name(o.pos), Played: x.played[o.pos].Load()}
		if !o.Agrees(sent) {
			n.Differences = []matchers.Difference{{Where: "stream", Got: stream.Difference(sent, o.Client)}}
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
	m, n := stream.CommonPrefix(a.Client, sent), stream.CommonPrefix(b.Client, sent)
	return m > n || m == n && !x.played[a.pos].Load() && x.played[b.pos].Load()
}
