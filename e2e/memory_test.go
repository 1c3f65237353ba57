package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// maxRSS is the peak memory allowed to record and replay, whatever passes.
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
		{"uploaded length", hugeBody{size: length, uploaded: true}},
		{"uploaded chunks of 60", hugeBody{size: chunks, chunk: 60, uploaded: true}},
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
	want := body.fetch(t, r.addr)
	if want.wire < body.size && !body.uploaded {
		t.Fatalf("%d bytes came through record, want more than %d", want.wire, body.size)
	}
	report(t, "record", r, want)
	if status := r.stop(); status != 0 {
		t.Fatalf("record exited %d:\n%s", status, r.stderr.String())
	}
	p := serve(t, plain("replay"), cassette)
	got := body.fetch(t, p.addr)
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
	t.Logf("%s: peak RSS %.1f MiB, %.0f MiB/s", name, float64(rss)/(1<<20), float64(f.sent+f.wire)/(1<<20)/f.took.Seconds())
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

// hugeBody is a body, of a response or uploaded: sized, or in chunks of chunk
// bytes.
type hugeBody struct {
	size, chunk int64
	uploaded    bool
}

// serveOnce answers one request and closes.
func (b hugeBody) serveOnce(l net.Listener) {
	c, err := l.Accept()
	if err != nil {
		return
	}
	defer c.Close()
	request, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return
	}
	if b.uploaded {
		n, err := io.Copy(io.Discard, request.Body)
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n%d bytes, %v", n, err)
		return
	}
	io.WriteString(c, "HTTP/1.1 200 OK\r\n")
	b.write(c)
}

// write writes the fields that frame the body, and the body. It returns the
// number of bytes.
func (b hugeBody) write(w io.Writer) (n int64) {
	if b.chunk == 0 {
		n, _ := fmt.Fprintf(w, "Content-Length: %d\r\nConnection: close\r\n\r\n", b.size)
		return int64(n) + repeat(w, []byte("0123456789abcdef"), b.size)
	}
	head, _ := io.WriteString(w, "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
	chunk := fmt.Appendf(nil, "%x\r\n%s\r\n", b.chunk, bytes.Repeat([]byte("x"), int(b.chunk)))
	n = int64(head) + repeat(w, chunk, b.size/b.chunk*int64(len(chunk)))
	last, _ := io.WriteString(w, "0\r\n\r\n")
	return n + int64(last)
}

// repeat writes total bytes made of unit, and returns the number written.
func repeat(w io.Writer, unit []byte, total int64) (written int64) {
	block := bytes.Repeat(unit, 64<<10/len(unit))
	for written < total {
		n, err := w.Write(block[:min(total-written, int64(len(block)))])
		written += int64(n)
		if err != nil {
			break
		}
	}
	return written
}

// fetched holds the bytes of an exchange on the wire.
type fetched struct {
	sent, wire int64
	sum        uint32
	took       time.Duration
}

// fetch asks once, with the body in an upload, and reads to the end.
func (b hugeBody) fetch(t *testing.T, addr string) fetched {
	t.Helper()
	at := dialAddr(addr)
	c, err := net.Dial(at.Net, at.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Minute))
	start := time.Now()
	var sent int64
	if b.uploaded {
		io.WriteString(c, "PUT /huge HTTP/1.1\r\nHost: x\r\n")
		if sent = b.write(c); sent < b.size {
			t.Fatalf("only %d bytes were taken", sent)
		}
	} else if _, err := io.WriteString(c, "GET /huge HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	n, err := io.CopyBuffer(sum, struct{ io.Reader }{c}, make([]byte, 256<<10))
	if err != nil {
		t.Fatalf("after %d bytes: %v", n, err)
	}
	return fetched{sent, n, sum.Sum32(), time.Since(start)}
}
