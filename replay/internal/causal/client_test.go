package causal

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// line is a connection that is read when a test says so. It notes how frames left
// in all.
type line struct {
	read chan struct{} // closed when all has been read; nil: at once
	gaps []time.Duration
}

func (l *line) AwaitRead(gap time.Duration) {
	l.gaps = append(l.gaps, gap)
	if l.read != nil {
		<-l.read
	}
}

// sight plays frames of exchanges that wait for nothing else.
type sight struct {
	gate *Gate
	mu   sync.Mutex
	left []string
}

func newSight(n int) *sight {
	return &sight{gate: NewGate(NewGraph(make([]Exchange, n), Names{}))}
}

// frame returns a frame that was recorded at a time, and leaves on l.
func (s *sight) frame(name string, seq int64, at time.Duration, l *line) *Frame {
	return &Frame{Seq: seq, Line: l, Time: at, Send: func() *Frame {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.left = append(s.left, name)
		return nil
	}}
}

func (s *sight) want(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(s.left, want) {
		t.Fatalf("left are %q, want %q", s.left, want)
	}
}

func TestFrameWaitsUntilTheOtherLineIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newSight(2), new(Client)
		a := &line{read: make(chan struct{})}
		b := new(line)
		s.gate.Part(0, c).Offer(s.frame("output", 1, 0, a))
		s.gate.Part(1, c).Offer(s.frame("end", 2, 40*time.Millisecond, b))
		s.want(t, "output")
		close(a.read)
		s.want(t, "output", "end")
		if want := []time.Duration{40 * time.Millisecond}; !slices.Equal(a.gaps, want) {
			t.Errorf("waited for gaps of %v, want %v", a.gaps, want)
		}
	})
}

func TestFramesThatMayHaveBeenReadAsOneDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newSight(2), new(Client)
		a, b := new(line), new(line)
		p, q := s.gate.Part(0, c), s.gate.Part(1, c)
		p.Offer(s.frame("a1", 1, 0, a))
		q.Offer(s.frame("b1", 2, together, b))
		p.Offer(s.frame("a2", 3, time.Hour, a)) // b1 is to be read; a1, of the same line, is not
		s.want(t, "a1", "b1", "a2")
		if len(a.gaps) != 0 || len(b.gaps) != 1 {
			t.Errorf("waited %d times for a, %d for b", len(a.gaps), len(b.gaps))
		}
	})
}

func TestFrameApartWaitsForItsOwnLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newSight(1), new(Client)
		a := &line{read: make(chan struct{})}
		p := s.gate.Part(0, c)
		p.Offer(s.frame("head", 1, 0, a))
		turn := s.frame("turn", 2, 0, a)
		turn.Apart = true
		p.Offer(turn)
		s.want(t, "head")
		close(a.read)
		s.want(t, "head", "turn")
	})
}

func TestUnknownTimesWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newSight(2), new(Client)
		a, b := new(line), new(line)
		s.gate.Part(0, c).Offer(s.frame("a", 1, -1, a))
		s.gate.Part(1, c).Offer(s.frame("b", 2, -1, b))
		s.want(t, "a", "b")
		if want := []time.Duration{-1}; !slices.Equal(a.gaps, want) {
			t.Errorf("waited for gaps of %v, want %v", a.gaps, want)
		}
	})
}

// A held frame holds back later ones of its client, and nobody else's.
func TestHeldFramesKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newSight(6), new(Client)
		a := &line{read: make(chan struct{})}
		s.gate.Part(0, c).Offer(s.frame("1", 1, 0, a))
		s.gate.Part(1, c).Offer(s.frame("4", 4, 40*time.Millisecond, new(line)))
		s.gate.Part(2, c).Offer(s.frame("5", 5, together, new(line)))                  // by itself it would not wait
		s.gate.Part(3, c).Offer(s.frame("3", 3, together, new(line)))                  // was before all held ones
		s.gate.Part(4, new(Client)).Offer(s.frame("other", 6, time.Second, new(line))) // another client
		s.gate.Part(5, nil).Offer(s.frame("unknown", 7, time.Second, new(line)))       // nobody's
		s.want(t, "1", "3", "other", "unknown")
		close(a.read)
		s.want(t, "1", "3", "other", "unknown", "4", "5")
	})
}

// A frame that comes while a later one waits goes first, and has to be read, too.
func TestEarlierFrameIsReadFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newSight(3), new(Client)
		a, b := &line{read: make(chan struct{})}, &line{read: make(chan struct{})}
		s.gate.Part(0, c).Offer(s.frame("1", 1, 0, a))
		s.gate.Part(1, c).Offer(s.frame("3", 3, 40*time.Millisecond, new(line)))
		s.gate.Part(2, c).Offer(s.frame("2", 2, together, b))
		s.want(t, "1", "2")
		close(a.read)
		s.want(t, "1", "2")
		close(b.read)
		s.want(t, "1", "2", "3")
	})
}

func TestHeldFrameCanBeCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newSight(3), new(Client)
		a := &line{read: make(chan struct{})}
		s.gate.Part(0, c).Offer(s.frame("1", 1, 0, a))
		p, f := s.gate.Part(1, c), s.frame("2", 2, time.Second, new(line))
		p.Offer(f)
		s.gate.Part(2, c).Offer(s.frame("3", 3, time.Second, new(line)))
		s.want(t, "1")
		p.Cancel(func() *Frame { return f })
		close(a.read)
		s.want(t, "1", "3")
	})
}

func TestOtherRecordingsDoNotCompare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newSight(2), new(Client)
		a := new(line)
		s.gate.Part(0, c).Offer(s.frame("a", 1, 0, a))
		p := s.gate.Part(1, c)
		p.base = 100
		p.Offer(s.frame("b", 101, 0, new(line)))
		s.want(t, "a", "b")
		if want := []time.Duration{-1}; !slices.Equal(a.gaps, want) {
			t.Errorf("waited for gaps of %v, want %v", a.gaps, want)
		}
	})
}
