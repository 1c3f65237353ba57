package record

import (
	"testing"
	"time"

	"github.com/wiretape/wiretape/internal/http1"
)

// TestNotesAreBounded adds small reads that nobody takes in.
func TestNotesAreBounded(t *testing.T) {
	for _, size := range []int{1, 100, maxCopied} {
		var ns notes
		add := func() urgency { return ns.add(note{side: http1.Client, data: make([]byte, size)}, time.Now()) }
		var n [now + 1]int
		for ns.size < 2*tooMuch {
			n[add()]++
		}
		if n[later] == 0 || n[soon] == 0 || n[now] == 0 {
			t.Errorf("reads of %d: %d later, %d soon, %d now", size, n[later], n[soon], n[now])
		}
		if got := len(ns.take()); got != n[later]+n[soon]+n[now] {
			t.Errorf("%d notes, want %v", got, n)
		}
		if add() != later {
			t.Error("still too much")
		}
		if ns.total() != [2]int64{int64(size * (n[later] + n[soon] + n[now] + 1)), 0} {
			t.Errorf("%d bytes counted", ns.total())
		}
	}
	var ns notes
	if ns.add(note{data: make([]byte, maxCopied+1)}, time.Now()) != now {
		t.Error("a large read is not taken in now")
	}
}

// TestNotesKeepTheirBytes has reads noted while earlier ones are looked at.
func TestNotesKeepTheirBytes(t *testing.T) {
	var ns notes
	for round := range 3 {
		b := []byte{0}
		for i := range 200 {
			b[0] = byte(i)
			ns.add(note{data: b}, time.Now())
		}
		list := ns.take()
		ns.add(note{data: []byte("later")}, time.Now())
		for i, n := range list[len(list)-200:] {
			if len(n.data) != 1 || n.data[0] != byte(i) {
				t.Fatalf("round %d: note %d has % x", round, i, n.data)
			}
		}
	}
}
