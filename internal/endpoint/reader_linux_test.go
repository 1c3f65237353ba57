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

// File descriptors sent along end a read.
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
