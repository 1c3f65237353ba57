package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// smallBody is the body of a small answer, as large as that of a docker
// inspect of one field.
var smallBody = []byte(`{"Id":"sha256:beae173ccac6ad749f76713cf4440fe3d21d1043fe616dfbe30775815d1d0f6a","RepoTags":["busybox:latest"],"Size":1240000}` + "\n")

// smallAnswer is the whole small response with the fields of a Docker engine.
var smallAnswer = fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\nDocker-Experimental: false\r\nOstype: linux\r\nServer: Docker/20.10.24+dfsg1 (linux)\r\nDate: Sat, 21 Nov 2026 10:00:00 GMT\r\nContent-Length: %d\r\n\r\n%s", len(smallBody), smallBody)

// gets sends n GETs over conns keep-alive connections and reads the answers.
// path returns the i-th request's target.
func gets(addr string, conns, n int, path func(i int) string) error {
	var wg sync.WaitGroup
	errs := make(chan error, conns)
	for k := range conns {
		wg.Go(func() {
			if err := getsOn(addr, k, conns, n, path); err != nil {
				errs <- err
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

// getsOn sends every conns-th of n requests, beginning with the k-th, on one
// connection.
func getsOn(addr string, k, conns, n int, path func(i int) string) error {
	c, err := dial(addr)
	if err != nil {
		return err
	}
	defer c.Close()
	var req []byte
	br := bufio.NewReaderSize(c, 8<<10)
	for i := k; i < n; i += conns {
		req = fmt.Appendf(req[:0], "GET %s HTTP/1.1\r\nHost: docker\r\nUser-Agent: Docker-Client/20.10.24 (linux)\r\n\r\n", path(i))
		if _, err := c.Write(req); err != nil {
			return err
		}
		if err := readSmall(br); err != nil {
			return fmt.Errorf("GET %s: %w", path(i), err)
		}
	}
	return nil
}

// readSmall reads one small answer, which has a Content-Length.
func readSmall(br *bufio.Reader) error {
	line, err := br.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(line, []byte("HTTP/1.1 200")) {
		return fmt.Errorf("answer %q", line)
	}
	length := -1
	for {
		line, err := br.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) == 2 {
			break
		}
		if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length = 0
			for _, d := range bytes.TrimSpace(v) {
				length = length*10 + int(d-'0')
			}
		}
	}
	if length < 0 {
		return fmt.Errorf("an answer without Content-Length")
	}
	_, err = br.Discard(length)
	return err
}

// download reads a whole response to a GET of path. Its body has size bytes.
func download(addr, path string, size int64) error {
	c, err := dial(addr)
	if err != nil {
		return err
	}
	defer c.Close()
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: docker\r\n\r\n", path)
	resp, err := http.ReadResponse(bufio.NewReaderSize(c, 64<<10), nil)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", path, resp.Status)
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, resp.Body, make([]byte, 64<<10))
	if err == nil && n != size {
		err = fmt.Errorf("GET %s: %d bytes came of %d", path, n, size)
	}
	return err
}

// upload sends a chunked body in 32 KiB chunks, like Docker's clients.
func upload(addr string, size int64) error {
	c, err := dial(addr)
	if err != nil {
		return err
	}
	defer c.Close()
	io.WriteString(c, "POST /images/load HTTP/1.1\r\nHost: docker\r\nContent-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n\r\n")
	chunk := fmt.Appendf(nil, "%x\r\n%s\r\n", 32<<10, make([]byte, 32<<10))
	for left := size; left > 0; left -= 32 << 10 {
		if _, err := c.Write(chunk); err != nil {
			return err
		}
	}
	io.WriteString(c, "0\r\n\r\n")
	return readSmall(bufio.NewReader(c))
}
