package record

import (
	"bytes"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wiretape/wiretape/internal/http1"
)

// TestLogAsksToBeProcessed adds small reads that nobody processes.
func TestLogAsksToBeProcessed(t *testing.T) {
	for _, size := range []int{1, 100, maxCopied} {
		var l readLog
		add := func() urgency { return l.add(entry{side: http1.Client, data: make([]byte, size)}, time.Now()) }
		var n [processNow + 1]int
		for l.size < 2*blockAt {
			n[add()]++
		}
		if n[processLater] == 0 || n[processSoon] == 0 || n[processNow] == 0 {
			t.Errorf("reads of %d: %d later, %d soon, %d now", size, n[processLater], n[processSoon], n[processNow])
		}
		if got := len(l.take()); got != n[processLater]+n[processSoon]+n[processNow] {
			t.Errorf("%d entries, want %v", got, n)
		}
		if add() != processLater {
			t.Error("still too much")
		}
		if l.total() != [2]int64{int64(size * (n[processLater] + n[processSoon] + n[processNow] + 1)), 0} {
			t.Errorf("%d bytes counted", l.total())
		}
	}
	var l readLog
	if l.add(entry{data: make([]byte, maxCopied+1)}, time.Now()) != processNow {
		t.Error("a large read is not processed at once")
	}
}

// TestFullLogStopsReads has nobody process the log while a client sends: its bytes stop
// passing before much memory is taken, and go on when the log is processed.
func TestFullLogStopsReads(t *testing.T) {
	tp := record(t, "unix", func(r *Recorder) { r.Protocol = ProtocolRaw })
	client, server := tp.connect()
	var sent []byte
	for i := range 4 * blockAt / 1000 {
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
	tp.rec.processing.Lock()
	n := 0
	for ; n < len(sent); n += 1000 {
		if client.Write(sent[n : n+1000]); !passes(int64(n + 1000)) {
			break
		}
	}
	if n < blockAt/2 || n > blockAt {
		t.Errorf("%d bytes of %d have passed", n, len(sent))
	}
	tp.rec.reads.mu.Lock()
	if n := tp.rec.reads.size; n < blockAt || n > blockAt+2000 {
		t.Errorf("the log takes %d bytes", n)
	}
	tp.rec.reads.mu.Unlock()
	go func() {
		client.Write(sent[min(n+1000, len(sent)):])
		client.Close()
	}()
	tp.rec.processing.Unlock()
	if all := <-received; !bytes.Equal(all, sent) {
		t.Errorf("%d bytes were received of %d, or others", len(all), len(sent))
	}
	server.Close()
	tp.settled()
	if stored := rebuild(t, tp.items()); !bytes.Equal(stored[http1.Client], sent) {
		t.Errorf("%d bytes were stored of %d, or others", len(stored[http1.Client]), len(sent))
	}
}

// TestTakenEntriesKeepTheirBytes adds reads while earlier ones are processed.
func TestTakenEntriesKeepTheirBytes(t *testing.T) {
	var l readLog
	for round := range 3 {
		b := []byte{0}
		for i := range 200 {
			b[0] = byte(i)
			l.add(entry{data: b}, time.Now())
		}
		entries := l.take()
		l.add(entry{data: []byte("later")}, time.Now())
		for i, n := range entries[len(entries)-200:] {
			if len(n.data) != 1 || n.data[0] != byte(i) {
				t.Fatalf("round %d: entry %d has % x", round, i, n.data)
			}
		}
	}
}
