// Package peek lets a caller look at the next element of a sequence before
// taking it.
package peek

import "iter"

// Sequence is a sequence of elements or errors with one element of lookahead.
// The zero value is empty. Stop a Sequence that New returned.
type Sequence[T any] struct {
	next   func() (T, error, bool)
	stop   func()
	loaded bool // head and err are the next ones
	head   T
	err    error
}

// New returns the sequence of seq.
func New[T any](seq iter.Seq2[T, error]) Sequence[T] {
	next, stop := iter.Pull2(seq)
	return Sequence[T]{next: next, stop: stop}
}

// Peek returns the next element without taking it. It is valid until the first
// Peek after a Drop. Ok is false at the end of the sequence, and with an error,
// which every Peek returns until the next Drop.
func (s *Sequence[T]) Peek() (v T, ok bool, err error) {
	if s.next == nil {
		return v, false, nil
	}
	if !s.loaded {
		s.head, s.err, s.loaded = s.next()
	}
	return s.head, s.loaded && s.err == nil, s.err
}

// Drop takes the element that Peek returned.
func (s *Sequence[T]) Drop() { s.loaded = false }

// Stop ends the sequence and frees its files and memory. Further calls do nothing.
func (s *Sequence[T]) Stop() {
	if s.stop != nil {
		s.stop()
	}
}
