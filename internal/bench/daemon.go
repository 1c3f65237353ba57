package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"
)

// startDaemon starts a daemon on a Unix socket, in a process of its own as
// real daemons: client and daemon in one process would share the threads that
// wait for input.
func startDaemon(sock string) (*process, error) {
	os.Remove(sock) // a killed daemon leaves it
	return start(sock, os.Args[0], "serve", "daemon", sock)
}

// daemon answers the requests of the measurements: small answers, n chunks
// (/chunks?n=), a body of n bytes (/bulk?n=), uploads (POST), n chunks with
// pauses (/paced?n=) and n bytes both ways (/attach?n=).
func daemon(l net.Listener) error { return each(l, answer) }

// answer answers the requests on a connection.
func answer(c net.Conn) {
	br := bufio.NewReaderSize(c, 64<<10)
	for {
		line, err := br.ReadSlice('\n')
		if err != nil {
			return
		}
		// The line is copied: the next ReadSlice overwrites it.
		first := append([]byte(nil), line...)
		for len(line) > 2 {
			// Heads are skipped line by line, without a parser, to keep the
			// daemon cheap beside the proxies that are measured.
			if line, err = br.ReadSlice('\n'); err != nil {
				return
			}
		}
		switch {
		case bytes.HasPrefix(first, []byte("GET /chunks")):
			err = writeChunks(c, number(first), 0)
		case bytes.HasPrefix(first, []byte("GET /paced")):
			err = writeChunks(c, number(first), 500*time.Microsecond)
		case bytes.HasPrefix(first, []byte("GET /bulk")):
			err = writeBulk(c, number(first))
		case bytes.HasPrefix(first, []byte("POST /attach")):
			stream(c, br, number(first))
			return
		case bytes.HasPrefix(first, []byte("POST ")):
			if err = discardChunked(br); err == nil {
				_, err = c.Write(smallAnswer)
			}
		default:
			_, err = c.Write(smallAnswer)
		}
		if err != nil {
			return
		}
	}
}

// number returns n of a request line's ?n=, or 0.
func number(line []byte) int64 {
	_, after, _ := bytes.Cut(line, []byte("?n="))
	digits, _, _ := bytes.Cut(after, []byte(" "))
	n, _ := strconv.ParseInt(string(digits), 10, 64)
	return n
}

// record60 is one JSON record of 60 bytes with its line end. A paced record
// holds the time at which it was written, in nanoseconds since 1970.
var record60 = appendRecord(nil, 0)

func appendRecord(b []byte, now int64) []byte {
	return fmt.Appendf(b, `{"status":"Downloading layer","sent":"%019d"}`+"\n", now)
}

// lastSent returns the time at which the last record in b was written. Earlier
// records in b were delayed by the pace, not by the proxy.
func lastSent(b []byte) (time.Time, error) {
	i := bytes.LastIndex(b, []byte(`"sent":"`))
	if i < 0 {
		return time.Time{}, fmt.Errorf("no whole record in %q", b)
	}
	digits, _, _ := bytes.Cut(b[i+len(`"sent":"`):], []byte(`"`))
	ns, err := strconv.ParseInt(string(digits), 10, 64)
	return time.Unix(0, ns), err
}

// writeChunks writes n chunks of 60 bytes, each in a write of its own, with a
// pause before each if pace is not 0.
func writeChunks(c net.Conn, n int64, pace time.Duration) error {
	io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
	chunk := fmt.Appendf(nil, "%x\r\n%s\r\n", len(record60), record60)
	for range n {
		if pace > 0 {
			time.Sleep(pace)
			chunk = fmt.Appendf(chunk[:0], "%x\r\n", len(record60))
			chunk = append(appendRecord(chunk, time.Now().UnixNano()), "\r\n"...)
		}
		if _, err := c.Write(chunk); err != nil {
			return err
		}
	}
	_, err := io.WriteString(c, "0\r\n\r\n")
	return err
}

// writeBulk writes a body of n bytes, framed by length.
func writeBulk(c net.Conn, n int64) error {
	fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n", n)
	return writeZeros(c, n)
}

// writeZeros writes n bytes, 64 KiB at a time.
func writeZeros(c net.Conn, n int64) error {
	buf := make([]byte, 64<<10)
	for left := n; left > 0; {
		m, err := c.Write(buf[:min(left, int64(len(buf)))])
		if err != nil {
			return err
		}
		left -= int64(m)
	}
	return nil
}

// discardChunked reads a chunked body. Each of its chunks was written whole.
func discardChunked(br *bufio.Reader) error {
	for {
		line, err := br.ReadSlice('\n')
		if err != nil {
			return err
		}
		n := 0
		if _, err := fmt.Sscanf(string(line), "%x", &n); err != nil {
			return err
		}
		if _, err := br.Discard(n + 2); err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
	}
}
