package replay

import (
	"fmt"

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
		nearest = explain.StreamName(s.index, x.pos)
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
	return Miss{Request: request, Nearest: nearRaw(s.index, sent), Text: explain.Stream(s.index, request, sent)}
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
