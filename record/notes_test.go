package record

import (
	"bytes"
	"sync/atomic"
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

// TestTooMuchWaits has nobody take notes in while a client sends: its bytes stop
// passing before much memory is taken, and go on when notes are taken in.
func TestTooMuchWaits(t *testing.T) {
	tp := record(t, "unix", func(r *Recorder) { r.Protocol = ProtocolRaw })
	client, server := tp.connect()
	var sent []byte
	for i := range 4 * tooMuch / 1000 {
		sent = append(sent, bytes.Repeat([]byte{byte(i)}, 1000)...)
	}
	var got atomic.Int64
	received := make(chan []byte)
	go func() {
		var all []byte
		b := make([]byte, 64<<10)
		for {
			n, err := server.Read(b)
			all = append(all, b[:n]...)
			got.Store(int64(len(all)))
			if err != nil {
				received <- all
				return
			}
		}
	}()
	passes := func(n int64) bool {
		for end := time.Now().Add(time.Second / 2); got.Load() < n; time.Sleep(10 * time.Microsecond) {
			if time.Now().After(end) {
				return false
			}
		}
		return true
	}
	tp.rec.taking.Lock()
	n := 0
	for ; n < len(sent); n += 1000 {
		if client.Write(sent[n : n+1000]); !passes(int64(n + 1000)) {
			break
		}
	}
	if n < tooMuch/2 || n > tooMuch {
		t.Errorf("%d bytes of %d have passed", n, len(sent))
	}
	tp.rec.notes.mu.Lock()
	if n := tp.rec.notes.size; n < tooMuch || n > tooMuch+2000 {
		t.Errorf("notes take %d bytes", n)
	}
	tp.rec.notes.mu.Unlock()
	go func() {
		client.Write(sent[min(n+1000, len(sent)):])
		client.Close()
	}()
	tp.rec.taking.Unlock()
	if all := <-received; !bytes.Equal(all, sent) {
		t.Errorf("%d bytes were received of %d, or others", len(all), len(sent))
	}
	server.Close()
	tp.settled()
	if stored := rebuild(t, tp.items()); !bytes.Equal(stored[http1.Client], sent) {
		t.Errorf("%d bytes were stored of %d, or others", len(stored[http1.Client]), len(sent))
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
