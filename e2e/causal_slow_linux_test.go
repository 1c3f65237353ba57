package e2e

import (
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// startSlow starts a proxy before addr. It delays each piece from a client at
// random by up to 20 ms, and passes the server's bytes at once. It returns its
// address, and ends with the test.
func startSlow(t *testing.T, addr string) string {
	t.Helper()
	network, target, _ := strings.Cut(addr, "://")
	at := socketPath()
	if network == "tcp" {
		at = "127.0.0.1:0"
	}
	l, err := net.Listen(network, at)
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { passSlowly(client, network, target) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		running.Wait()
	})
	return network + "://" + l.Addr().String()
}

func passSlowly(client net.Conn, network, addr string) {
	defer client.Close()
	server, err := net.Dial(network, addr)
	if err != nil {
		return
	}
	defer server.Close()
	var answers sync.WaitGroup
	answers.Go(func() {
		io.Copy(client, server)
		client.(interface{ CloseWrite() error }).CloseWrite()
	})
	buf := make([]byte, 32<<10)
	for {
		n, err := client.Read(buf)
		time.Sleep(rand.N(20 * time.Millisecond))
		if _, werr := server.Write(buf[:n]); werr != nil || err != nil {
			break
		}
	}
	server.(interface{ CloseWrite() error }).CloseWrite()
	answers.Wait()
}
