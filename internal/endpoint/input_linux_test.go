//go:build linux && !386 && !s390x

package endpoint

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"
)

// A reader that has something held, and that every read of its peer would wake,
// waits for input alone, and then misses nothing.
func TestReaderWaitsForInput(t *testing.T) {
	for name, tt := range map[string]struct {
		then  func(r *Reader, client, server net.Conn)
		want  string
		err   error
		check time.Duration
	}{
		"more": {func(_ *Reader, c, _ net.Conn) { io.WriteString(c, "more") }, "more", nil, time.Hour},
		"more, when nothing is held": {func(r *Reader, c, _ net.Conn) {
			letGo(r)
			io.WriteString(c, "more")
		}, "more", nil, time.Hour},
		"half-close":        {func(_ *Reader, c, _ net.Conn) { CloseWrite(c) }, "", io.EOF, time.Hour},
		"close":             {func(_ *Reader, c, _ net.Conn) { c.Close() }, "", io.EOF, time.Hour},
		"reset by the peer": {func(_ *Reader, c, s net.Conn) { io.WriteString(s, "unread"); c.Close() }, "", syscall.ECONNRESET, time.Hour},
		"released, closed":  {func(r *Reader, _, s net.Conn) { r.Release(); s.Close() }, "", net.ErrClosed, time.Hour},
		"reset":             {func(_ *Reader, _, s net.Conn) { Reset(s) }, "", net.ErrClosed, inputCheck},
		"deadline":          {func(_ *Reader, _, s net.Conn) { s.SetReadDeadline(time.Now()) }, "", os.ErrDeadlineExceeded, inputCheck},
		"nothing held, then closed": {func(r *Reader, _, s net.Conn) {
			letGo(r)
			time.Sleep(2 * inputCheck) // it goes back to the poller
			s.Close()
		}, "", net.ErrClosed, inputCheck},
	} {
		t.Run(name, func(t *testing.T) {
			client, server := unixPair(t)
			r := NewReader(server)
			r.hold.check = tt.check
			write(t, client, "ask")
			wantRead(t, r, "ask")
			b := make([]byte, 9)
			n, done := 0, make(chan error, 1)
			go func() {
				var err error
				n, err = r.Read(b)
				done <- err
			}()
			const most = 10_000 // many of the wake-ups come as one
			answers := func(n int, until func() bool) bool {
				for range n {
					write(t, server, "answer")
					wantRead(t, client, "answer")
					time.Sleep(10 * time.Microsecond)
					if until() {
						return true
					}
				}
				return false
			}
			if !answers(most, func() bool { in, _ := waitsForInput(r); return in }) {
				t.Fatal("it still is woken")
			}
			_, before := waitsForInput(r)
			answers(1000, func() bool { return false })
			if _, after := waitsForInput(r); after-before > 10 {
				t.Errorf("%d attempts at 1,000 answers, want next to none", after-before)
			}
			tt.then(r, client, server)
			select {
			case err := <-done:
				if !errors.Is(err, tt.err) || string(b[:n]) != tt.want {
					t.Errorf("read %q, %v, want %q, %v", b[:n], err, tt.want, tt.err)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("the read has not come back")
			}
			if in, _ := waitsForInput(r); in {
				t.Error("the read is done, and it still waits")
			}
			r.Release()
		})
	}
}

// waitsForInput reports whether r waits for input alone, and how many attempts have
// found nothing.
func waitsForInput(r *Reader) (bool, int) {
	r.hold.mu.Lock()
	defer r.hold.mu.Unlock()
	return r.hold.input != nil, r.hold.wakes
}

// letGo has r consume the bytes it holds, as its limit does.
func letGo(r *Reader) {
	r.hold.mu.Lock()
	defer r.hold.mu.Unlock()
	r.hold.raw.Control(r.hold.allFn)
}
