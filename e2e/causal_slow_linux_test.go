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

// startSlow starts a proxy before addr that passes what clients send on up to
// 20 ms late, each piece by chance, and what they get at once. It returns its
// address, and ends with the test.
func startSlow(t *testing.T, addr string) string {
	t.Helper()
	l, err := net.Listen("unix", socketPath())
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
			running.Go(func() { passSlowly(client, strings.TrimPrefix(addr, "unix://")) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		running.Wait()
	})
	return "unix://" + l.Addr().String()
}

func passSlowly(client net.Conn, path string) {
	defer client.Close()
	server, err := net.Dial("unix", path)
	if err != nil {
		return
	}
	defer server.Close()
	var answers sync.WaitGroup
	answers.Go(func() {
		io.Copy(client, server)
		client.(*net.UnixConn).CloseWrite()
	})
	buf := make([]byte, 32<<10)
	for {
		n, err := client.Read(buf)
		time.Sleep(rand.N(20 * time.Millisecond))
		if _, werr := server.Write(buf[:n]); werr != nil || err != nil {
			break
		}
	}
	server.(*net.UnixConn).CloseWrite()
	answers.Wait()
}
