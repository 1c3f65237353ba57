package tap_test

import (
	"errors"
	"io"
	"net"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/wiretape/wiretape/e2e/tap"
)

// start puts a tap before a server of one connection.
func start(t *testing.T, network string, serve func(net.Conn)) (client net.Conn, conns func() []*tap.Conn) {
	t.Helper()
	dir := t.TempDir()
	addr := func(name string) tap.Addr {
		if network == "unix" {
			return tap.Addr{Net: "unix", Addr: filepath.Join(dir, name)}
		}
		return tap.Addr{Net: "tcp", Addr: "127.0.0.1:0"}
	}
	at := addr("s")
	l, err := net.Listen(at.Net, at.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	served := make(chan struct{})
	go func() {
		defer close(served)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(10 * time.Second))
		serve(c)
	}()
	log := filepath.Join(dir, "log")
	running, err := tap.Start(addr("t"), tap.Addr{Net: network, Addr: l.Addr().String()}, log)
	if err != nil {
		t.Fatal(err)
	}
	client, err = net.Dial(network, running.Addr())
	if err != nil {
		t.Fatal(err)
	}
	client.SetDeadline(time.Now().Add(10 * time.Second))
	return client, func() []*tap.Conn {
		client.Close()
		<-served
		if err := running.Close(); err != nil {
			t.Error(err)
		}
		conns, err := tap.ReadFile(log)
		if err != nil {
			t.Error(err)
		}
		return conns
	}
}

func networks(t *testing.T, test func(t *testing.T, network string)) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) { test(t, network) })
	}
}

func TestBytesPassAndAreLoggedInOrder(t *testing.T) {
	networks(t, func(t *testing.T, network string) {
		client, conns := start(t, network, func(c net.Conn) {
			buf := make([]byte, 4)
			io.ReadFull(c, buf)
			c.Write([]byte("pong\n\x00"))
		})
		io.WriteString(client, "ping")
		got, err := io.ReadAll(client)
		if err != nil || string(got) != "pong\n\x00" {
			t.Errorf("client read %q, %v", got, err)
		}
		log := conns()
		if len(log) != 1 {
			t.Fatalf("%d connections, want 1", len(log))
		}
		var kinds []string
		for _, e := range log[0].Events {
			kinds = append(kinds, e.Side.String()+" "+string(e.Kind)+" "+string(e.Data))
		}
		want := []string{"client open ", "client data ping", "server data pong\n\x00", "server eof ", "client eof "}
		if !slices.Equal(kinds, want) {
			t.Errorf("log is %q, want %q", kinds, want)
		}
	})
}

func TestHalfCloseStaysHalfClose(t *testing.T) {
	networks(t, func(t *testing.T, network string) {
		client, conns := start(t, network, func(c net.Conn) {
			all, _ := io.ReadAll(c) // ends at the client's half-close
			c.Write(append([]byte("had "), all...))
		})
		io.WriteString(client, "half")
		client.(interface{ CloseWrite() error }).CloseWrite()
		got, err := io.ReadAll(client)
		if err != nil || string(got) != "had half" {
			t.Errorf("client read %q, %v after its half-close", got, err)
		}
		c := conns()[0]
		if got := c.SentAfterEnd(tap.Server); got != len("had half") {
			t.Errorf("SentAfterEnd is %d, want %d", got, len("had half"))
		}
	})
}

func TestResetStaysReset(t *testing.T) {
	client, conns := start(t, "tcp", func(c net.Conn) {
		c.Read(make([]byte, 1))
		c.(*net.TCPConn).SetLinger(0)
	})
	io.WriteString(client, "x")
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("client's read gave %v, want a reset", err)
	}
	if got := conns()[0].End(tap.Server); got != tap.Reset {
		t.Errorf("the log has %q, want %q", got, tap.Reset)
	}
}

func TestUnreachableUpstreamClosesTheClient(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	running, err := tap.Start(tap.Addr{Net: "unix", Addr: filepath.Join(dir, "t")}, tap.Addr{Net: "unix", Addr: filepath.Join(dir, "nobody")}, log)
	if err != nil {
		t.Fatal(err)
	}
	client, err := net.Dial("unix", running.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	client.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := client.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("client's read gave %v, want EOF", err)
	}
	running.Close()
	conns, err := tap.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if got := conns[0].End(tap.Server); got != tap.Unreachable {
		t.Errorf("the log has %q, want %q", got, tap.Unreachable)
	}
}
