package replay

import (
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
)

// TestEveryEnd leaves 1,000 connections in every way and looks for leaks: goleak
// looks for goroutines when all tests have ended.
func TestEveryEnd(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) { testEveryEnd(t, network) })
	}
}

func testEveryEnd(t *testing.T, network string) {
	long := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	it := item(t, in(1, get("/long")), in(2, long, "5\r\nhello\r\n"))
	it.Response.End = cassettes.NoEnd
	p := play(t, network, it, saying(t, get("/a"), "0"), upgrade(t, says(client, "x"), says(server, "y")))
	p.dial(t).Close()
	before := descriptors(t)
	for i := range 500 {
		c, err := net.Dial(p.l.Addr().Network(), p.l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		switch i % 8 {
		case 0:
			send(t, c, get("/long")[:i%20])
		case 1:
			send(t, c, get("/long"))
		case 2:
			send(t, c, get("/a")+get("/long"))
			endpoint.Reset(c)
		case 3:
			closeWrite(t, c)
			io.Copy(io.Discard, c)
		case 4:
			send(t, c, get("/a"))
			io.ReadFull(c, make([]byte, 10))
		case 5:
			send(t, c, post("/none", "x")[:40])
		case 6:
			send(t, c, attach)
			io.ReadFull(c, make([]byte, 10))
			endpoint.Reset(c)
		case 7:
			send(t, c, attach+"x")
			closeWrite(t, c)
			io.ReadFull(c, make([]byte, 10))
		}
		c.Close()
	}
	for end := time.Now().Add(10 * time.Second); descriptors(t) > before || len(p.life.Open(nil)) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d descriptors are open, %d were before; %d connections are left", descriptors(t), before, len(p.life.Open(nil)))
		}
	}
	if err := p.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// descriptors returns the number of this process's open ones; 0 where it cannot
// be told.
func descriptors(t *testing.T) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil && runtime.GOOS == "linux" {
		t.Fatal(err)
	}
	return len(entries)
}
