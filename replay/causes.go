package replay

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/causal"
	"github.com/wiretape/wiretape/internal/product"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// causes is what the cassettes tell of causes across connections. It is read
// from them when the first exchange is played that is more than a question
// with an answer, so that cassettes of such cost nothing.
type causes struct {
	once  sync.Once
	ready atomic.Bool // once is over
	gate  *causal.Gate
	// number is the gate's number of each position, -1 where it has none, and
	// position the other way round; base is what is added to the numbers of
	// reads, by number: those of different recordings do not compare.
	number   []int32
	position []int32
	base     []int64
}

// part is an exchange's part in what its recording says of causes.
type part struct {
	*causal.Part
	base int64
}

// newPart returns the part of an exchange that is going to be played.
func (s *Server) newPart(number int32) *part {
	return &part{s.causes.gate.Part(int(number)), s.causes.base[number]}
}

// numberOf returns the gate's number of an exchange, or -1 where it is plain.
func (s *Server) numberOf(pos int32, it *cassettes.Interaction) int32 {
	if s.Order == OrderNone || it.Request == nil || !recorded.IsOrdered(it) || recorded.IsPlain(it, s.index.entry(pos).Method) {
		return -1
	}
	c := &s.causes
	c.once.Do(func() {
		s.readCauses(c)
		c.ready.Store(true)
	})
	return c.number[pos]
}

// recordedExchange is one on the way to its place among all.
type recordedExchange struct {
	causal.Exchange
	pos     int32
	session [2]int // cassette and recording
	plain   bool
	err     error
}

// readCauses reads all exchanges.
func (s *Server) readCauses(c *causes) {
	x := s.index
	var all []recordedExchange
	inOrder(x.len(), x.readExchange, func(_ int, e *recordedExchange) {
		switch {
		case e == nil:
		case e.err != nil:
			s.log.Warn("find out what an interaction waits for", "err", e.err)
		default:
			all = append(all, *e)
		}
	})
	c.place(all)
	markLone(all)
	c.numberRest(all, x.len())
	graph := make([]causal.Exchange, len(all))
	for i := range all {
		graph[i] = all[i].Exchange
	}
	// Docker's words name no thing elsewhere.
	c.gate = causal.NewGate(causal.NewGraph(graph, causal.Names(product.Docker.Things)))
	c.gate.Timeout = max(cmp.Or(s.CausalTimeout, DefaultCausalTimeout), 0)
	c.gate.GaveUp = s.gaveUp
}

// readExchange reads an exchange, if the item at that position is one that can
// have a part in causes.
func (x *index) readExchange(i int) *recordedExchange {
	pos := int32(i)
	if x.entry(pos).Method == "" {
		return nil
	}
	it, err := x.item(pos)
	if err != nil || it.Request == nil || !recorded.IsOrdered(it) {
		return nil // an error is reported when it is played
	}
	e, err := newExchange(it)
	if err != nil {
		err = x.readError(pos, err)
	}
	return &recordedExchange{e, pos, [2]int{x.cassetteOf(pos), it.Session}, recorded.IsPlain(it, e.Method), err}
}

// place moves the recordings apart, one after the other, with their exchanges in
// the order of their beginnings.
func (c *causes) place(all []recordedExchange) {
	slices.SortStableFunc(all, func(a, b recordedExchange) int {
		return cmp.Or(cmp.Compare(a.session[0], b.session[0]), cmp.Compare(a.session[1], b.session[1]), cmp.Compare(a.Begin, b.Begin))
	})
	var base, end int64
	for i := range all {
		e := &all[i]
		if i > 0 && e.session != all[i-1].session {
			base = end + 1
		}
		e.shift(base)
		end = max(end, e.End)
		c.position = append(c.position, e.pos)
		c.base = append(c.base, base)
	}
}

// markLone marks exchanges that none but plain ones went on beside: they wait
// for nothing, nothing waits for them, and they are as cheap as plain ones.
func markLone(all []recordedExchange) {
	last, end, beside := -1, int64(0), true
	for i := range all {
		e := &all[i]
		if e.plain {
			continue
		}
		overlaps := last >= 0 && e.Begin <= end
		if !beside && !overlaps {
			all[last].Lone = true
		}
		last, end, beside = i, max(end, e.End), overlaps
	}
	if !beside {
		all[last].Lone = true
	}
}

// numberRest gives the exchanges that have a part in causes their numbers.
func (c *causes) numberRest(all []recordedExchange, positions int) {
	c.number = make([]int32, positions)
	for i := range c.number {
		c.number[i] = -1
	}
	for i := range all {
		if e := &all[i]; !e.plain && !e.Lone {
			c.number[e.pos] = int32(i)
		}
	}
}

// count has an interaction count as played, or no more.
func (c *causes) count(pos int32, played bool) {
	switch {
	case !c.ready.Load() || c.number[pos] < 0:
	case played:
		c.gate.Done(int(c.number[pos]))
	default:
		c.gate.Undo(int(c.number[pos]))
	}
}

func (e *recordedExchange) shift(by int64) {
	e.Begin += by
	e.End += by
	for i := range e.Client {
		e.Client[i].Seq += by
	}
}

// gaveUp notes that a wait was given up.
func (s *Server) gaveUp(w causal.Wait) {
	wait := Wait{
		Interaction: s.index.name(s.causes.position[w.Exchange]),
		Read:        w.Seq - s.causes.base[w.Exchange],
		For:         s.index.name(s.causes.position[w.Cause]),
		Waited:      s.causes.gate.Timeout,
	}
	wait.Text = fmt.Sprintf("%s waited %v for %s, which had come before it in the recording; went on without it",
		wait.Interaction.exchange(), wait.Waited, wait.For.exchange())
	s.tally.giveUp(wait)
	s.log.Warn(wait.Text)
}
