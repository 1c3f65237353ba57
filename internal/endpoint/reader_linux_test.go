//go:build linux && !386 && !s390x

package endpoint

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A proxy has read and forwarded all that the client sent when the server
// resets: the client must see a reset as well.
func TestReaderPassesResetOn(t *testing.T) {
	for _, tt := range []struct {
		name   string
		writes []int
		buf    int
	}{
		{"one byte", []int{1}, 4096},
		{"small", []int{100}, 4096},
		{"small by one-byte reads", []int{10}, 1},
		{"two", []int{100, 200}, 4096},
		{"exactly the buffer", []int{4096}, 4096},
		{"at the limit", []int{holdSmall}, 64 << 10},
		{"just over the limit", []int{holdSmall + 1}, 64 << 10},
		{"one more", []int{holdSmall + 2}, 64 << 10},
		{"large", []int{100_000}, 64 << 10},
		{"large then small", []int{100_000, 1}, 64 << 10},
		{"large, small reads", []int{100_000}, 5000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, server := unixPair(t)
			r := NewReader(server)
			r.Busy(always())
			for _, n := range tt.writes {
				write(t, client, strings.Repeat("x", n))
				readN(t, r, n, tt.buf)
			}
			if err := Reset(server); err != nil {
				t.Fatal(err)
			}
			if _, err := client.Read(make([]byte, 1)); !IsReset(err) {
				t.Errorf("the client read %v, want a reset", err)
			}
		})
	}
}

// The same over both hops of a proxy, with what each end of a connection may
// do: the other end must see just that.
func TestReaderInProxy(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(server net.Conn)
		want error
	}{
		"reset":      {func(c net.Conn) { Reset(c) }, syscall.ECONNRESET},
		"close":      {func(c net.Conn) { c.Read(make([]byte, 9)); c.Close() }, io.EOF},
		"half-close": {func(c net.Conn) { c.Read(make([]byte, 9)); CloseWrite(c) }, io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			client, front := unixPair(t)
			back, server := unixPair(t)
			in, out := NewReader(front), NewReader(back)
			write(t, client, "ask")
			forwarded := make([]byte, 3)
			io.ReadFull(in, forwarded)
			back.Write(forwarded)

			tt.end(server)
			_, err := out.Read(make([]byte, 1))
			switch {
			case IsReset(err):
				Reset(front)
			case err == io.EOF && HungUp(back):
				in.Release()
				front.Close()
			case err == io.EOF:
				CloseWrite(front)
			}
			if _, err := client.Read(make([]byte, 1)); !errors.Is(err, tt.want) {
				t.Errorf("the client read %v, want %v", err, tt.want)
			}
			if got, want := HungUp(client), name != "half-close"; got != want {
				t.Errorf("hung up is %v, want %v", got, want)
			}
		})
	}
}

func readN(t *testing.T, r io.Reader, n, buf int) {
	t.Helper()
	for b := make([]byte, buf); n > 0; {
		m, err := r.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		n -= m
	}
	if n < 0 {
		t.Fatalf("read %d bytes too many", -n)
	}
}

func TestReaderCleanClose(t *testing.T) {
	t.Run("after Release", func(t *testing.T) {
		client, server := unixPair(t)
		r := NewReader(server)
		r.Busy(always())
		write(t, client, "ask")
		wantRead(t, r, "ask")
		r.Release()
		server.Close()
		wantEnd(t, client, io.EOF)
		r.Release() // of a closed connection: nothing
	})
	t.Run("after the end", func(t *testing.T) {
		client, server := unixPair(t)
		r := NewReader(server)
		r.Busy(always())
		write(t, client, "ask")
		wantRead(t, r, "ask")
		CloseWrite(client)
		wantEnd(t, r, io.EOF)
		wantEnd(t, r, io.EOF)
		write(t, server, "answer")
		wantRead(t, client, "answer")
		server.Close()
		wantEnd(t, client, io.EOF)
	})
	t.Run("released while reading", func(t *testing.T) {
		client, server := unixPair(t)
		r := NewReader(server)
		r.Busy(always())
		write(t, client, "ask")
		wantRead(t, r, "ask")
		done := make(chan error)
		go func() {
			_, err := r.Read(make([]byte, 1))
			done <- err
		}()
		r.Release()
		server.Close()
		if err := <-done; !errors.Is(err, net.ErrClosed) {
			t.Errorf("read of a closed connection: %v, want ErrClosed", err)
		}
		wantEnd(t, client, io.EOF)
	})
}

func TestReaderSeesReset(t *testing.T) {
	client, server := unixPair(t)
	r := NewReader(server)
	r.Busy(always())
	write(t, client, "ask")
	wantRead(t, r, "ask")
	write(t, server, "never read")
	client.Close()
	if _, err := r.Read(make([]byte, 1)); !IsReset(err) {
		t.Errorf("got %v, want a reset", err)
	}
	if !HungUp(server) {
		t.Error("a reset connection does not count as hung up")
	}
}

func TestReaderDeadline(t *testing.T) {
	client, server := unixPair(t)
	r := NewReader(server)
	r.Busy(always())
	write(t, client, "ask")
	wantRead(t, r, "ask")
	server.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	_, err := r.Read(make([]byte, 1))
	if ne := net.Error(nil); !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &ne) || !ne.Timeout() {
		t.Errorf("got %v, want a timeout", err)
	}
	server.SetReadDeadline(time.Time{})
	write(t, client, "more")
	wantRead(t, r, "more")
}

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

// letGo has r let go of what it holds, as its limit does.
func letGo(r *Reader) {
	r.hold.mu.Lock()
	defer r.hold.mu.Unlock()
	r.hold.raw.Control(r.hold.dropFn)
}

func TestReaderTCP(t *testing.T) {
	client, server := tcpPair(t)
	r := NewReader(server)
	r.Busy(always())
	write(t, client, "ask")
	wantRead(t, r, "ask")
	r.Release()
	CloseWrite(client)
	wantEnd(t, r, io.EOF)
}

// However the bytes are cut, by the writer, the reader and Release, all
// arrive once and in order.
func TestReaderAnySplit(t *testing.T) {
	for seed := range uint64(30) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		size := func() int { return 1 + rnd.IntN([]int{1, 10, 1000, 2 * holdSmall, 100_000}[rnd.IntN(5)]) }
		want := make([]byte, 300_000)
		for i := range want {
			want[i] = byte(rnd.Uint32())
		}
		var cuts, reads []int
		for range 300 {
			cuts, reads = append(cuts, size()), append(reads, size())
		}
		client, server := unixPair(t)
		r := NewReader(server)
		r.Busy(always())
		go func() {
			rest := want
			for i := 0; len(rest) > 0; i++ {
				n := min(cuts[i%len(cuts)], len(rest))
				client.Write(rest[:n])
				rest = rest[n:]
			}
			client.Close()
		}()
		var got []byte
		for i := 0; ; i++ {
			b := make([]byte, reads[i%len(reads)])
			n, err := r.Read(b)
			got = append(got, b[:n]...)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if i%7 == 0 {
				r.Release()
			}
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("seed %d: %d bytes read, %d sent, or others", seed, len(got), len(want))
		}
		server.Close()
	}
}

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

// What several small reads left is let go of after a while but for a byte, with
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
			for poll(client, pollOut)&pollOut == 0 {
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

const pollOut = 0x4

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

// File descriptors sent along cut what one read returns.
func TestReaderWithDescriptors(t *testing.T) {
	client, server := unixPair(t)
	r := NewReader(server)
	r.Busy(always())
	rights := syscall.UnixRights(0)
	for range 3 {
		if _, _, err := client.(*net.UnixConn).WriteMsgUnix([]byte("0123456789"), rights, nil); err != nil {
			t.Fatal(err)
		}
	}
	wantRead(t, r, "012345678901234567890123456789")
	write(t, client, strings.Repeat("x", 3*holdSmall))
	readN(t, r, 3*holdSmall, 64<<10)
	Reset(server)
	if _, err := client.Read(make([]byte, 1)); !IsReset(err) {
		t.Errorf("the client read %v, want a reset", err)
	}
}

func TestReaderAllocates(t *testing.T) {
	client, server := unixPair(t)
	r := NewReader(server)
	r.Busy(always())
	b := make([]byte, 64<<10)
	big := make([]byte, 3*holdSmall)
	if n := testing.AllocsPerRun(100, func() {
		client.Write(b[:10])
		r.Read(b)
		client.Write(big)
		r.Read(b)
		r.Release()
	}); n != 0 {
		t.Errorf("%v allocations a read, want none", n)
	}
}

// BenchmarkReader sends a message back and forth between two goroutines, both
// reading through a Reader or plainly: two reads an operation.
func BenchmarkReader(b *testing.B) {
	for _, size := range []struct {
		name string
		n    int
	}{{"100B", 100}, {"4KiB", 4 << 10}, {"32KiB", 32 << 10}, {"64KiB", 64 << 10}} {
		for kind, reader := range map[string]func(net.Conn) io.Reader{
			"plain":  func(c net.Conn) io.Reader { return c },
			"Reader": func(c net.Conn) io.Reader { return NewReader(c) },
		} {
			b.Run(size.name+"/"+kind, func(b *testing.B) {
				client, server := unixPair(b)
				go func() {
					r, buf := reader(server), make([]byte, size.n)
					for {
						if _, err := io.ReadFull(r, buf); err != nil {
							return
						}
						server.Write(buf)
					}
				}()
				r, buf := reader(client), make([]byte, size.n)
				b.SetBytes(int64(2 * size.n))
				b.ReportAllocs()
				for b.Loop() {
					client.Write(buf)
					if _, err := io.ReadFull(r, buf); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkReaderOneWay reads what a writer sends as fast as it can.
func BenchmarkReaderOneWay(b *testing.B) {
	for kind, reader := range map[string]func(net.Conn) io.Reader{
		"plain":  func(c net.Conn) io.Reader { return c },
		"Reader": func(c net.Conn) io.Reader { return NewReader(c) },
	} {
		b.Run(kind, func(b *testing.B) {
			client, server := unixPair(b)
			go func() {
				buf := make([]byte, 64<<10)
				for {
					if _, err := client.Write(buf); err != nil {
						return
					}
				}
			}()
			r, buf := reader(server), make([]byte, 64<<10)
			b.SetBytes(int64(len(buf)))
			for b.Loop() {
				if _, err := io.ReadFull(r, buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What is held long is let go of by beats, without a timer.
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
