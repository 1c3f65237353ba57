package e2e

import (
	"bufio"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/wiretape/wiretape/e2e/tap"
)

// hugeStream is a stream of size bytes each way, at once.
type hugeStream struct {
	size     int64
	greeting [2]string // what each side says before, the client first
}

// TestStreamMemory sends streams far larger than memory through record, both
// ways at once, and plays both sides with replay.
func TestStreamMemory(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		skip(t, err)
	}
	size := int64(128 << 20)
	if long() {
		size = 1 << 30
	}
	upgrade := "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
	for _, c := range []struct {
		name   string
		stream hugeStream
	}{
		{"upgrade", hugeStream{size, [2]string{"POST /attach HTTP/1.1\r\nHost: x\r\n" + upgrade, "HTTP/1.1 101 UPGRADED\r\n" + upgrade}}},
		{"raw", hugeStream{size, [2]string{"HELLO\n", "hello\n"}}},
	} {
		for _, network := range []string{"unix", "tcp"} {
			t.Run(c.name+"/"+network, func(t *testing.T) { c.stream.test(t, network) })
		}
	}
}

func (h hugeStream) test(t *testing.T, network string) {
	addr, listen := socketPath(), "unix://"+socketPath()
	if network == "tcp" {
		addr, listen = "127.0.0.1:0", "tcp://127.0.0.1:0"
	}
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	heard := make(chan streamed, 1)
	go func() { heard <- h.accept(l) }()
	dir := folder(t)
	defer os.RemoveAll(dir)
	cassette := filepath.Join(dir, "c.yaml")
	plain := func(name string) string { return filepath.Join(scratch, "plain", name) }

	r := serve(t, plain("record"), "--upstream", network+"://"+l.Addr().String(), "--listen", listen, "--cassette", cassette)
	want := h.dial(t, dialAddr(r.addr))
	report(t, "record", r, fetched{wire: 2 * want.n, took: want.took})
	if got := <-heard; got.n != h.size || got.err != nil {
		t.Errorf("the server got %d bytes, %v; want %d", got.n, got.err, h.size)
	}
	if status := r.stop(); status != 0 {
		t.Fatalf("record exited %d:\n%s", status, r.stderr.String())
	}
	p := serve(t, plain("replay"), cassette, "--strict", "--listen", listen)
	got := h.dial(t, dialAddr(p.addr))
	report(t, "replay", p, fetched{wire: 2 * got.n, took: got.took})
	if got.n != want.n || got.sum != want.sum {
		t.Errorf("replay sent %d bytes with sum %x, want %d with %x", got.n, got.sum, want.n, want.sum)
	}
	if status := p.stop(); status != 0 {
		t.Errorf("replay exited %d:\n%s", status, p.stderr.String())
	}
}

// streamed holds the length, checksum and duration of a stream.
type streamed struct {
	n    int64
	sum  uint32
	took time.Duration
	err  error
}

// accept is the server.
func (h hugeStream) accept(l net.Listener) streamed {
	c, err := l.Accept()
	if err != nil {
		return streamed{err: err}
	}
	return h.converse(c, tap.Server)
}

// dial is the client.
func (h hugeStream) dial(t *testing.T, at tap.Addr) streamed {
	t.Helper()
	c, err := net.Dial(at.Net, at.Addr)
	if err != nil {
		t.Fatal(err)
	}
	got := h.converse(c, tap.Client)
	if got.n != h.size || got.err != nil {
		t.Fatalf("the client got %d bytes, %v; want %d", got.n, got.err, h.size)
	}
	return got
}

// converse greets, sends and receives as side, and half-closes.
func (h hugeStream) converse(c net.Conn, side tap.Side) (got streamed) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Minute))
	in := bufio.NewReaderSize(c, 256<<10)
	start := time.Now()
	if side == tap.Client {
		io.WriteString(c, h.greeting[side])
	}
	greeting := make([]byte, len(h.greeting[side.Other()]))
	if _, err := io.ReadFull(in, greeting); err != nil || string(greeting) != h.greeting[side.Other()] {
		return streamed{err: fmt.Errorf("greeted with %q, %v", greeting, err)}
	}
	if side == tap.Server {
		io.WriteString(c, h.greeting[side])
	}
	var sending sync.WaitGroup
	var sendErr error
	sending.Go(func() {
		repeat(c, []byte([]string{"from the client ", "from the server "}[side]), h.size)
		sendErr = c.(interface{ CloseWrite() error }).CloseWrite()
	})
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	n, err := io.Copy(sum, in)
	sending.Wait()
	return streamed{n, sum.Sum32(), time.Since(start), errors.Join(err, sendErr)}
}
