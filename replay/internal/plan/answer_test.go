package plan

import "testing"

// TestCacheForgetsTheOldest checks that answers are kept up to cacheMax bytes.
func TestCacheForgetsTheOldest(t *testing.T) {
	c := NewCache(4)
	third := func() *Answer { return &Answer{Writes: [][]byte{make([]byte, cacheMax/3)}} }
	for pos := range int32(4) {
		c.Store(pos, third())
	}
	for pos, want := range []bool{false, true, true, true} {
		if got := c.Load(int32(pos)) != nil; got != want {
			t.Errorf("answer %d is kept: %v, want %v", pos, got, want)
		}
	}
	c.Store(0, third())
	if c.Load(0) == nil || c.Load(1) != nil {
		t.Error("the oldest is to go when the one that went comes back")
	}
}
