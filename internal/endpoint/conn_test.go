package endpoint

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// kinds are the ways to get both ends of a connection.
var kinds = map[string]func(testing.TB) (client, server net.Conn){"unix": unixPair, "tcp": tcpPair}

func write(t testing.TB, c net.Conn, s string) {
	t.Helper()
	if _, err := io.WriteString(c, s); err != nil {
		t.Fatal(err)
	}
}

func wantRead(t testing.TB, r io.Reader, want string) {
	t.Helper()
	b := make([]byte, len(want))
	n, err := io.ReadFull(r, b)
	if err != nil || string(b) != want {
		t.Fatalf("read %q, %v, want %q", b[:n], err, want)
	}
}

func wantEnd(t testing.TB, r io.Reader, want error) {
	t.Helper()
	if n, err := r.Read(make([]byte, 1)); n != 0 || !errors.Is(err, want) {
		t.Fatalf("read %d bytes, %v, want %v", n, err, want)
	}
}

func TestDialUnreachable(t *testing.T) {
	path := socketPath(t)
	for a, want := range map[Addr]string{
		{"unix", path}:         "dial unix://" + path + ": connect: no such file or directory",
		{"tcp", "127.0.0.1:1"}: "dial tcp://127.0.0.1:1: connect: connection refused",
	} {
		if _, err := Dial(context.Background(), a); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestCloseWrite(t *testing.T) {
	for kind, pair := range kinds {
		t.Run(kind, func(t *testing.T) {
			client, server := pair(t)
			write(t, client, "ask")
			if err := CloseWrite(client); err != nil {
				t.Fatal(err)
			}
			wantRead(t, server, "ask")
			wantEnd(t, server, io.EOF)
			write(t, server, "answer")
			wantRead(t, client, "answer")
		})
	}
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	if err := CloseWrite(client); !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "net.pipe") {
		t.Errorf("half-close of a pipe: %v, want ErrUnsupported", err)
	}
}

func TestReset(t *testing.T) {
	for kind, pair := range kinds {
		t.Run(kind, func(t *testing.T) {
			client, server := pair(t)
			write(t, client, "unread")
			if err := Reset(server); err != nil {
				t.Fatal(err)
			}
			_, err := client.Read(make([]byte, 1))
			if !IsReset(err) {
				t.Errorf("the peer read %v, want a reset", err)
			}
		})
	}
}

func TestIsReset(t *testing.T) {
	client, server := unixPair(t)
	server.Close()
	_, err := client.Write([]byte("x"))
	if IsReset(err) || !errors.Is(err, syscall.EPIPE) {
		t.Errorf("write to a closed connection: %v, want EPIPE and no reset", err)
	}
	if IsReset(nil) || IsReset(io.EOF) || IsReset(net.ErrClosed) {
		t.Error("nil, EOF and ErrClosed are no resets")
	}
}

func TestHungUp(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux can tell")
	}
	client, server := unixPair(t)
	if HungUp(server) {
		t.Error("an open connection counts as hung up")
	}
	CloseWrite(client)
	wantEnd(t, server, io.EOF)
	if HungUp(server) {
		t.Error("a half-closed connection counts as hung up")
	}
	client.Close()
	if !HungUp(server) {
		t.Error("a closed connection does not count as hung up")
	}

	client, server = tcpPair(t)
	client.Close()
	wantEnd(t, server, io.EOF)
	if HungUp(server) {
		t.Error("TCP cannot tell, but does")
	}
	server.Close()
	if HungUp(server) {
		t.Error("our own close counts as hung up")
	}
}

// Bytes written before a reset are read before it.
func TestDrainThenReset(t *testing.T) {
	for kind, pair := range kinds {
		t.Run(kind, func(t *testing.T) {
			client, server := pair(t)
			write(t, client, "unread")
			answer := strings.Repeat("answer ", 10_000)
			write(t, server, answer)
			Drain(server, time.Minute)
			Reset(server)
			time.Sleep(10 * time.Millisecond) // a RST has long arrived
			wantRead(t, client, answer)
			if _, err := client.Read(make([]byte, 1)); !IsReset(err) {
				t.Errorf("the peer read %v, want a reset", err)
			}
		})
	}
}

func TestDrainIsBounded(t *testing.T) {
	client, server := tcpPair(t)
	server.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
	for err := error(nil); err == nil; { // until both systems' buffers are full
		_, err = server.Write(make([]byte, 1<<20))
	}
	const limit = 30 * time.Millisecond
	start := time.Now()
	Drain(server, limit)
	if d := time.Since(start); runtime.GOOS == "linux" && d < limit {
		t.Errorf("Drain returned after %v, with data under way", d)
	}
	time.AfterFunc(limit, func() { io.Copy(io.Discard, client) })
	start = time.Now()
	Drain(server, time.Minute)
	if d := time.Since(start); d > 30*time.Second {
		t.Errorf("Drain returned after %v, though all was read", d)
	}
	server.Close()
	Drain(server, time.Minute) // a closed connection has nothing under way
}

func TestPeerPID(t *testing.T) {
	_, server := unixPair(t)
	if pid, ok := PeerPID(server); ok != (runtime.GOOS == "linux") || ok && pid != os.Getpid() {
		t.Errorf("got %d, %v, want %d", pid, ok, os.Getpid())
	}
	server.Close()
	if pid, ok := PeerPID(server); ok {
		t.Errorf("a closed connection has the peer %d", pid)
	}
	client, _ := tcpPair(t)
	if pid, ok := PeerPID(client); ok {
		t.Errorf("a TCP connection has the peer %d", pid)
	}
}
