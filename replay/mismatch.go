package replay

import (
	"fmt"
	"strings"

	"github.com/wiretape/wiretape/internal/target"
	"github.com/wiretape/wiretape/matchers"
	"github.com/wiretape/wiretape/replay/internal/explain"
	"github.com/wiretape/wiretape/replay/internal/index"
	"github.com/wiretape/wiretape/replay/internal/stream"
)

// mismatch returns the miss of a client that sent something else in the stream of
// x than was recorded.
func (s *Server) mismatch(x *exchange, wrong *stream.Mismatch) Miss {
	at := interactionAt(s.index, x.pos)
	e := s.index.Entry(x.pos)
	request, nearest := fmt.Sprintf("%s %s", e.Method, target.PathAndQuery(e.URL)), ""
	if e.Method == "" {
		request = "a connection that is not HTTP"
		nearest = streamName(s.index, x.pos)
	} else {
		nearest = fmt.Sprintf("#%d %s", e.ID, request)
	}
	m := Miss{Request: request, Method: at.Method, Nearest: []Near{{at, true, []matchers.Difference{{Where: "stream", Got: wrong.Text}}}}}
	if at.Method != "" {
		m.Target = target.PathAndQuery(at.URL)
	}
	if wrong.LengthHelps {
		m.Remedy.StreamMatch = MatchLength
	}
	text := "wiretape: what the client says in the stream of " + request + " was not recorded" +
		"\nnearest: " + nearest + "\n  " + wrong.Text
	if hint := s.hint(m.Remedy); hint != "" {
		text += "\nhint: " + hint
	}
	m.Text = explain.Printable(text)
	return m
}

// missRaw returns the miss of a connection that begins with sent.
func (s *Server) missRaw(sent []byte) Miss {
	request := "a connection that begins " + stream.Quote(sent)
	return Miss{Request: request, Nearest: nearRaw(s.index, sent), Text: explainRaw(s.index, request, sent)}
}

// streamName names a recorded connection that is not HTTP.
func streamName(x *index.Index, pos int32) string {
	name := fmt.Sprintf("#%d a connection that is not HTTP", x.Entry(pos).ID)
	for _, o := range x.Streams.All() {
		if o.Pos == pos {
			name = openingName(x, &o)
		}
	}
	return name
}

// openingName names a recorded connection by how it began.
func openingName(x *index.Index, o *index.Opening) string {
	name := fmt.Sprintf("#%d a connection that begins %s", x.Entry(o.Pos).ID, stream.Quote(o.Client))
	if o.Greets {
		name = fmt.Sprintf("#%d a connection that the server begins", x.Entry(o.Pos).ID)
	}
	return name
}

// explainRaw names the recorded connections nearest to one that is no HTTP and
// begins with sent.
func explainRaw(x *index.Index, request string, sent []byte) string {
	var b strings.Builder
	b.WriteString("wiretape: no recorded connection answers " + request)
	near := explain.NearestStreams(x, sent)
	if len(near) == 0 {
		b.WriteString(": in the cassette all are HTTP")
	}
	for i, o := range near {
		label := "also near"
		if i == 0 {
			label = "nearest"
		}
		fmt.Fprintf(&b, "\n%s: %s", label, openingName(x, o))
		played := x.Played(o.Pos)
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
	return explain.Printable(b.String())
}

// nearRaw returns the connections nearest to one that begins with sent.
func nearRaw(x *index.Index, sent []byte) (near []Near) {
	for _, o := range explain.NearestStreams(x, sent) {
		n := Near{Interaction: interactionAt(x, o.Pos), Played: x.Played(o.Pos)}
		if !o.Agrees(sent) {
			n.Differences = []matchers.Difference{{Where: "stream", Got: stream.Difference(sent, o.Client)}}
		}
		near = append(near, n)
	}
	return near
}
