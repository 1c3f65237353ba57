//go:build linux && !386 && !s390x

package endpoint

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A byte that is held must not stop a sender, however small its send buffer.
func TestReaderStopsNoSender(t *testing.T) {
	for _, sndbuf := range []int{0, 1, 4 << 10, 10 << 10, 32 << 10, 64 << 10} {
		for _, piece := range []int{1, 2000, 5000, 32 << 10, 256 << 10} {
			client, server := unixPair(t)
			if sndbuf > 0 {
				client.(*net.UnixConn).SetWriteBuffer(sndbuf)
			}
			total := min(2<<20, 2000*piece)
			go func() {
				b := make([]byte, piece)
				for n := 0; n < total; n += len(b) {
					b = b[:min(len(b), total-n)]
					client.Write(b)
				}
				client.Close()
			}()
			server.SetReadDeadline(time.Now().Add(20 * time.Second))
			r := NewReader(server)
			r.Busy(always())
			r.hold.long = 50 * time.Millisecond
			if sndbuf == 0 { // the default needs no more than the short one
				r.hold.long = time.Hour
			}
			n, err := io.Copy(io.Discard, r)
			if err != nil || n != int64(total) {
				t.Errorf("send buffer %d, writes of %d: read %d of %d, %v", sndbuf, piece, n, total, err)
			}
			server.Close()
		}
	}
}

// The bytes of several small reads are let go of after a while but for one, with
// which a reset still is one.
func TestReaderKeepsOneByte(t *testing.T) {
	client, server := unixPair(t)
	r := NewReader(server)
	r.Busy(always())
	r.hold.long, r.hold.many = time.Hour, 10*time.Millisecond
	const size = heldSafe + 1
	write(t, client, strings.Repeat("x", size))
	readN(t, r, size, 4096)
	go r.Read(make([]byte, 1))
	waitUntilHeld(t, r, 1, func() {})
	Reset(server)
	if _, err := client.Read(make([]byte, 1)); !IsReset(err) {
		t.Errorf("the client read %v, want a reset", err)
	}
}

// waitUntilHeld calls f until r holds n bytes.
func waitUntilHeld(t *testing.T, r *Reader, n int, f func()) {
	t.Helper()
	held := func() int {
		r.hold.mu.Lock()
		defer r.hold.mu.Unlock()
		return r.hold.held
	}
	for deadline := time.Now().Add(10 * time.Second); held() != n; f() {
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes are held, want %d", held(), n)
		}
		time.Sleep(time.Millisecond)
	}
}

// The same at once after a write, where the reads are several; the byte may then
// stay long.
func TestReaderTrims(t *testing.T) {
	client, server := unixPair(t)
	r := NewReader(server)
	r.Busy(always())
	r.ExpectBeats()
	ask := strings.Repeat("x", heldSafe)
	for range trimReads - 1 {
		write(t, client, ask)
		wantRead(t, r, ask)
	}
	next := make(chan struct{})
	go func() {
		defer close(next)
		r.Read(make([]byte, 4096))
		r.Read(make([]byte, 4096))
	}()
	waits := func() bool {
		r.hold.mu.Lock()
		defer r.hold.mu.Unlock()
		return r.hold.waiting
	}
	for !waits() {
		time.Sleep(time.Millisecond)
	}
	r.Trim()
	waitUntilHeld(t, r, len(ask)*(trimReads-1), func() {})
	write(t, client, ask)
	waitUntilHeld(t, r, len(ask)*trimReads, func() {})
	waitUntilHeld(t, r, 1, r.Trim)
	for range 5 {
		r.Beat()
	}
	Reset(server)
	<-next
	r.Trim() // of a closed connection: nothing
	if _, err := client.Read(make([]byte, 1)); !IsReset(err) {
		t.Errorf("the client read %v, want a reset", err)
	}
}

// A sender that asks for room before it writes has none from a quarter of its send
// buffer on.
func TestReaderStopsNoSenderThatPolls(t *testing.T) {
	client, server := unixPair(t)
	const total = 3000
	go func() {
		for range total {
			for poll(client, unix.POLLOUT)&unix.POLLOUT == 0 {
				time.Sleep(100 * time.Microsecond)
			}
			client.Write([]byte("x"))
		}
		client.Close()
	}()
	server.SetReadDeadline(time.Now().Add(20 * time.Second))
	r := NewReader(server)
	r.Busy(always())
	r.hold.long = time.Hour
	n, err := io.Copy(io.Discard, r)
	if err != nil || n != total {
		t.Errorf("read %d of %d, %v", n, total, err)
	}
}

// A byte is held back for a while, and, once a reset is known to come, until it
// does.
func TestReaderKeeps(t *testing.T) {
	for _, tt := range []struct {
		name  string
		said  int
		keep  func(*Reader)
		reset bool
	}{
		{"small", 10, func(*Reader) {}, false},
		{"small, kept", 10, func(r *Reader) { r.Keep(false) }, true},
		{"large, kept", 2 * holdSmall, func(r *Reader) { r.Keep(false) }, false},
		{"large and the last, kept", 2 * holdSmall, func(r *Reader) { r.Keep(true) }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, server := unixPair(t)
			r := NewReader(server)
			r.Busy(always())
			r.hold.long, r.hold.short = time.Millisecond, time.Millisecond
			write(t, client, strings.Repeat("x", tt.said))
			io.ReadFull(r, make([]byte, tt.said))
			tt.keep(r)
			server.SetReadDeadline(time.Now().Add(30 * time.Millisecond))
			if n, err := r.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("read %d bytes, %v, want none", n, err)
			}
			Reset(server)
			if _, err := client.Read(make([]byte, 1)); IsReset(err) != tt.reset {
				t.Errorf("the client read %v; want a reset: %v", err, tt.reset)
			}
		})
	}
}

// A reader whose connection was closed under it is done.
func TestReaderStopsItsTimer(t *testing.T) {
	client, server := unixPair(t)
	r := NewReader(server)
	r.hold.long, r.hold.short = 20*time.Millisecond, 20*time.Millisecond
	write(t, client, "1")
	wantRead(t, r, "1")
	go func() {
		time.Sleep(5 * time.Millisecond)
		client.Write([]byte("2"))
	}()
	wantRead(t, r, "2") // after a wait, for which the timer was set
	Reset(server)
	r.Release()
	time.Sleep(100 * time.Millisecond)
	r.hold.mu.Lock()
	defer r.hold.mu.Unlock()
	if r.hold.tick != 0 {
		t.Error("the timer still runs")
	}
}

// Beats let go of bytes held long, without a timer.
func TestReaderBeats(t *testing.T) {
	client, server := unixPair(t)
	r := NewReader(server)
	r.ExpectBeats()
	r.hold.long = 3 * BeatInterval
	write(t, client, "1")
	wantRead(t, r, "1")
	server.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if n, err := r.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("read %d bytes, %v, want none", n, err)
	}
	for beat := range 4 {
		if r.hold.held != 1 || r.hold.tick != 0 {
			t.Fatalf("before beat %d: %d bytes are held, the timer runs for %v", beat, r.hold.held, r.hold.tick)
		}
		r.Beat()
	}
	if r.hold.held != 0 {
		t.Error("it is still held")
	}
}
