package peek

import (
	"errors"
	"testing"
)

func TestPeekDoesNotTake(t *testing.T) {
	s := New(func(yield func(int, error) bool) { _ = yield(1, nil) && yield(2, nil) })
	defer s.Stop()
	for _, want := range []int{1, 2} {
		for range 2 {
			if v, ok, err := s.Peek(); v != want || !ok || err != nil {
				t.Fatalf("Peek returned %d, %v, %v, want %d", v, ok, err, want)
			}
		}
		s.Drop()
	}
	if _, ok, err := s.Peek(); ok || err != nil {
		t.Errorf("Peek at the end returned %v, %v", ok, err)
	}
}

func TestZeroValueIsEmpty(t *testing.T) {
	var s Sequence[int]
	defer s.Stop()
	if _, ok, err := s.Peek(); ok || err != nil {
		t.Errorf("Peek returned %v, %v", ok, err)
	}
}

func TestPeekRepeatsAnError(t *testing.T) {
	failed := errors.New("failed")
	s := New(func(yield func(int, error) bool) { yield(0, failed) })
	defer s.Stop()
	for range 2 {
		if _, ok, err := s.Peek(); ok || err != failed {
			t.Errorf("Peek returned %v, %v", ok, err)
		}
	}
}
