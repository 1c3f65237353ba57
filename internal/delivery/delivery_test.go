package delivery

import (
	"io"
	"net"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// pairs are the kinds of connections on which the kernel tells.
var pairs = map[string]func(testing.TB) (client, server net.Conn){
	"unix": func(t testing.TB) (net.Conn, net.Conn) { return pair(t, "unix", filepath.Join(t.TempDir(), "s")) },
	"tcp4": func(t testing.TB) (net.Conn, net.Conn) { return pair(t, "tcp", "127.0.0.1:0") },
	"tcp6": func(t testing.TB) (net.Conn, net.Conn) { return pair(t, "tcp", "[::1]:0") },
}

func pair(t testing.TB, network, address string) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	if client, err = net.Dial(network, l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

func eachPair(t *testing.T, f func(t *testing.T, client, server net.Conn)) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells")
	}
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			client, server := pair(t)
			f(t, client, server)
		})
	}
}

func want(t *testing.T, c net.Conn, s State) {
	t.Helper()
	if got := Of(c); got != s {
		t.Errorf("got %v, want %v", got, s)
	}
}

func TestReadIsSeen(t *testing.T) {
	eachPair(t, func(t *testing.T, client, server net.Conn) {
		want(t, server, Read)
		for range 3 {
			io.WriteString(server, "hello")
			want(t, server, Unread)
			io.ReadFull(client, make([]byte, 4))
			want(t, server, Unread) // a byte is left
			io.ReadFull(client, make([]byte, 1))
			want(t, server, Read)
			io.WriteString(client, "hello") // the other direction does not count
			want(t, server, Read)
		}
	})
}

func TestAwaitEndsWithTheRead(t *testing.T) {
	eachPair(t, func(t *testing.T, client, server net.Conn) {
		io.WriteString(server, "hello")
		read := make(chan struct{})
		time.AfterFunc(20*time.Millisecond, func() {
			close(read)
			client.Read(make([]byte, 10))
		})
		if s := Await(server, time.Minute); s != Read {
			t.Errorf("got %v, want Read", s)
		}
		select {
		case <-read:
		default:
			t.Error("Await returned before the read")
		}
	})
}

func TestAwaitIsBounded(t *testing.T) {
	eachPair(t, func(t *testing.T, client, server net.Conn) {
		io.WriteString(server, "hello")
		if s := Await(server, 5*time.Millisecond); s != Unread {
			t.Errorf("got %v, want Unread", s)
		}
	})
}

func TestClosedCountsAsRead(t *testing.T) {
	eachPair(t, func(t *testing.T, client, server net.Conn) {
		io.WriteString(server, "hello")
		client.Close()
		if s := Await(server, time.Second); s == Unread {
			t.Error("what a client that closed has not read counts as unread")
		}
		server.Close()
		want(t, server, Read)
	})
}

// A client that half-closed goes on reading.
func TestHalfClosedIsSeen(t *testing.T) {
	eachPair(t, func(t *testing.T, client, server net.Conn) {
		client.(interface{ CloseWrite() error }).CloseWrite()
		io.WriteString(server, "hello")
		want(t, server, Unread)
		io.ReadFull(client, make([]byte, 5))
		want(t, server, Read)
	})
}

func TestOtherConnectionsAreUnknown(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	want(t, a, Unknown)
	if s := Await(a, time.Minute); s != Unknown {
		t.Errorf("got %v, want Unknown", s)
	}
}

func BenchmarkOf(b *testing.B) {
	for name, pair := range pairs {
		b.Run(name, func(b *testing.B) {
			_, server := pair(b)
			for b.Loop() {
				Of(server)
			}
		})
	}
}
