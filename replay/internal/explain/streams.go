package explain

import (
	"fmt"
	"strings"

	"github.com/wiretape/wiretape/replay/internal/index"
	"github.com/wiretape/wiretape/replay/internal/stream"
)

// NearestStreams returns the recorded connections that began most like one that is
// not HTTP and begins with sent, best first, at most three.
func NearestStreams(x *index.Index, sent []byte) (best []*index.Opening) {
	list := x.Streams.All()
	for i := range list[:min(len(list), lookMax)] {
		o := &list[i]
		if o.Greets {
			continue
		}
		at := len(best)
		for at > 0 && nearer(x, sent, o, best[at-1]) {
			at--
		}
		if at < nearestMax {
			best = append(best[:at], append([]*index.Opening{o}, best[at:]...)...)
			best = best[:min(len(best), nearestMax)]
		}
	}
	return best
}

// nearer reports whether a is more like a connection that begins with sent
// than b, or as much, and not played yet.
func nearer(x *index.Index, sent []byte, a, b *index.Opening) bool {
	m, n := stream.CommonPrefix(a.Client, sent), stream.CommonPrefix(b.Client, sent)
	return m > n || m == n && !x.Played(a.Pos) && x.Played(b.Pos)
}

// StreamName names a recorded connection that is not HTTP.
func StreamName(x *index.Index, pos int32) string {
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

// Stream returns the text of a miss of a connection that is not HTTP and begins with
// sent. Request is how the text calls the connection. It names the nearest recorded
// ones.
func Stream(x *index.Index, request string, sent []byte) string {
	var b strings.Builder
	b.WriteString("wiretape: no recorded connection answers " + request)
	near := NearestStreams(x, sent)
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
	return Printable(b.String())
}
