package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// maxRSS is what record and replay may grow to, whatever passes.
const maxRSS = 64 << 20

// TestMemory sends bodies far larger than memory through record and gets them
// back from replay.
func TestMemory(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		skip(t, err)
	}
	length, chunks := int64(256<<20), int64(64<<20)
	if long() {
		length, chunks = 4<<30, 1<<30
	}
	for _, c := range []struct {
		name string
		body hugeBody
	}{
		{"length", hugeBody{size: length}},
		{"chunks of 60", hugeBody{size: chunks, chunk: 60}},
	} {
		t.Run(c.name, func(t *testing.T) { testMemory(t, c.body) })
	}
}

func testMemory(t *testing.T, body hugeBody) {
	l, err := net.Listen("unix", socketPath())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go body.serveOnce(l)
	dir := folder(t)
	defer os.RemoveAll(dir)
	cassette := filepath.Join(dir, "c.yaml")
	plain := func(name string) string { return filepath.Join(scratch, "plain", name) }

	r := serve(t, plain("record"), "--upstream", "unix://"+l.Addr().String(), "--cassette", cassette)
	want := fetch(t, r.addr)
	if want.wire < body.size {
		t.Fatalf("%d bytes came through record, want more than %d", want.wire, body.size)
	}
	report(t, "record", r, want)
	if status := r.stop(); status != 0 {
		t.Fatalf("record exited %d:\n%s", status, r.stderr.String())
	}
	p := serve(t, plain("replay"), cassette)
	got := fetch(t, p.addr)
	report(t, "replay", p, got)
	if got.wire != want.wire || got.sum != want.sum {
		t.Errorf("replay sent %d bytes with sum %x, want %d with %x", got.wire, got.sum, want.wire, want.sum)
	}
	if status := p.stop(); status != 0 {
		t.Errorf("replay exited %d:\n%s", status, p.stderr.String())
	}
}

// report fails the test where the process has been larger than allowed.
func report(t *testing.T, name string, s *server, f fetched) {
	t.Helper()
	rss := peakRSS(t, s.cmd.Process.Pid)
	t.Logf("%s: peak RSS %.1f MiB, %.0f MiB/s", name, float64(rss)/(1<<20), float64(f.wire)/(1<<20)/f.took.Seconds())
	if rss > maxRSS {
		t.Errorf("%s grew to %d MiB, want at most %d", name, rss>>20, maxRSS>>20)
	}
}

// peakRSS returns VmHWM of a process, in bytes.
func peakRSS(t *testing.T, pid int) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		var kB int64
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kB); err == nil {
			return kB << 10
		}
	}
	t.Fatalf("no VmHWM in\n%s", status)
	return 0
}

// hugeBody is a response body: sized, or in chunks of chunk bytes.
type hugeBody struct{ size, chunk int64 }

// serveOnce answers one request and closes.
func (b hugeBody) serveOnce(l net.Listener) {
	c, err := l.Accept()
	if err != nil {
		return
	}
	defer c.Close()
	in := bufio.NewReader(c)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		if line == "\r\n" {
			break
		}
	}
	if b.chunk == 0 {
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n", b.size)
		repeat(c, []byte("0123456789abcdef"), b.size)
		return
	}
	io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
	chunk := fmt.Appendf(nil, "%x\r\n%s\r\n", b.chunk, bytes.Repeat([]byte("x"), int(b.chunk)))
	repeat(c, chunk, b.size/b.chunk*int64(len(chunk)))
	io.WriteString(c, "0\r\n\r\n")
}

// repeat writes total bytes made of unit.
func repeat(w io.Writer, unit []byte, total int64) {
	block := bytes.Repeat(unit, 64<<10/len(unit))
	for total > 0 {
		n, err := w.Write(block[:min(total, int64(len(block)))])
		if err != nil {
			return
		}
		total -= int64(n)
	}
}

// fetched is what came back of a GET, on the wire.
type fetched struct {
	wire int64
	sum  uint32
	took time.Duration
}

// fetch asks once and reads to the end.
func fetch(t *testing.T, addr string) fetched {
	t.Helper()
	at := dialAddr(addr)
	c, err := net.Dial(at.Net, at.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Minute))
	start := time.Now()
	if _, err := io.WriteString(c, "GET /huge HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	n, err := io.CopyBuffer(sum, struct{ io.Reader }{c}, make([]byte, 256<<10))
	if err != nil {
		t.Fatalf("after %d bytes: %v", n, err)
	}
	return fetched{n, sum.Sum32(), time.Since(start)}
}
