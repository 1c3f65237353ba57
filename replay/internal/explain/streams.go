package explain

import (
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
