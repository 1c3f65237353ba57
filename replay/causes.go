package replay

import (
	"cmp"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/product"
	"github.com/wiretape/wiretape/replay/internal/causal"
	"github.com/wiretape/wiretape/replay/internal/index"
	"github.com/wiretape/wiretape/replay/internal/recorded"
	list "github.com/wiretape/wiretape/replay/internal/tape"
)

// causes is the timeline of the cassettes. It is read when the first exchange is
// played that is not plain, so that cassettes of plain ones cost nothing.
type causes struct {
	once     sync.Once
	ready    atomic.Bool // timeline is read
	timeline *causal.Timeline

	// waits are the goroutines that wait, for the gate, until a client has read.
	waits sync.WaitGroup
}

// hasCauses reports whether the interaction at a position waits for others or
// others for it. The first call for one that is not plain reads the timeline.
func (s *Server) hasCauses(pos int32, it *cassettes.Interaction) bool {
	if s.Order == OrderNone || it.Request == nil || !recorded.IsOrdered(it) || recorded.IsPlain(it, s.index.Entry(pos).Method) {
		return false
	}
	c := &s.causes
	c.once.Do(func() {
		c.timeline = s.readTimeline()
		c.ready.Store(true)
	})
	return c.timeline.Has(pos)
}

// readTimeline reads all exchanges.
func (s *Server) readTimeline() *causal.Timeline {
	x := s.index
	var all []causal.Recorded
	list.ReadAll(x.Len(), func(i int) readResult { return readRecorded(x, int32(i)) }, func(_ int, r readResult) {
		switch {
		case r.err != nil:
			s.log.Warn("find out what an interaction waits for", "err", r.err)
		case r.exchange != nil:
			all = append(all, *r.exchange)
		}
	})
	timeout := max(cmp.Or(s.CausalTimeout, DefaultCausalTimeout), 0)
	// Docker's words name no thing elsewhere.
	t := causal.NewTimeline(all, x.Len(), causal.Names(product.Docker.Things), timeout, s.gaveUp)
	t.Go(s.causes.waits.Go)
	return t
}

type readResult struct {
	exchange *causal.Recorded // nil: it can have no part in causes
	err      error
}

// readRecorded reads the exchange at a position.
func readRecorded(x *index.Index, pos int32) readResult {
	if x.Entry(pos).Method == "" {
		return readResult{}
	}
	it, err := x.Item(pos)
	if err != nil || it.Request == nil || !recorded.IsOrdered(it) {
		return readResult{} // the error comes again when the interaction is played
	}
	e, err := causal.Read(it)
	if err != nil {
		return readResult{err: x.ReadError(pos, err)}
	}
	return readResult{exchange: &causal.Recorded{Exchange: e, Pos: pos, Cassette: x.CassetteNumber(pos), Session: it.Session}}
}

// count has an interaction count as played, or no more.
func (c *causes) count(pos int32, played bool) {
	if c.ready.Load() {
		c.timeline.Count(pos, played)
	}
}

// reset forgets what clients have done.
func (c *causes) reset() {
	if c.ready.Load() {
		c.timeline.Reset()
	}
}

// gaveUp reports that a frame was sent although one of its causes had not come.
func (s *Server) gaveUp(u causal.Unmet) {
	wait := Wait{
		Interaction: interactionAt(s.index, u.Pos),
		Read:        u.Read,
		For:         interactionAt(s.index, u.Cause),
		Waited:      max(cmp.Or(s.CausalTimeout, DefaultCausalTimeout), 0),
	}
	wait.Text = fmt.Sprintf("%s waited %v for %s, which had come before it in the recording; went on without it",
		wait.Interaction.exchange(), wait.Waited, wait.For.exchange())
	s.tally.giveUp(wait)
	s.log.Warn(wait.Text)
}
