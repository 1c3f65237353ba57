package index

import (
	"runtime"
	"slices"
	"sync"
	"testing"
)

// TestClaimWaitsForEarlierEffects: an interaction that is told to be unplayed again
// may be claimed before that is told. The claim must not end before: its owner would
// be told of an end that was not its own.
func TestClaimWaitsForEarlierEffects(t *testing.T) {
	var mu sync.Mutex
	var order []string
	note := func(s string) {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, s)
	}
	var s bindings
	var claims sync.WaitGroup
	s.options.Marked = func(int32, bool) {
		claims.Go(func() {
			s.mu.Lock()
			s.unlock()
			note("claimed")
		})
		for range 1000 {
			runtime.Gosched()
		}
		note("told")
	}
	s.mu.Lock()
	s.effects = append(s.effects, effect{pos: 1, mark: true})
	s.unlock()
	claims.Wait()
	if want := []string{"told", "claimed"}; !slices.Equal(order, want) {
		t.Errorf("the order is %q, want %q", order, want)
	}
}
