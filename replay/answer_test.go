package replay

import (
	"sync/atomic"
	"testing"
)

// TestKeepForgetsTheOldest checks that answers are kept up to keepMax bytes.
func TestKeepForgetsTheOldest(t *testing.T) {
	k := keep{answers: make([]atomic.Pointer[answer], 4)}
	third := func() *answer { return &answer{writes: [][]byte{make([]byte, keepMax/3)}} }
	for pos := range int32(4) {
		k.store(pos, third())
	}
	for pos, want := range []bool{false, true, true, true} {
		if got := k.load(int32(pos)) != nil; got != want {
			t.Errorf("answer %d is kept: %v, want %v", pos, got, want)
		}
	}
	k.store(0, third())
	if k.load(0) == nil || k.load(1) != nil {
		t.Error("the oldest is to go when the one that went comes back")
	}
}
