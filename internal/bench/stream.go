package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
)

// takeOver is the request that turns a connection into a stream of so many
// bytes.
const takeOver = "POST /attach?n=%d HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"

// stream answers takeOver, and sends size bytes while it receives.
func stream(c net.Conn, br *bufio.Reader, size int64) {
	io.WriteString(c, "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
	sent := make(chan error, 1)
	go func() { sent <- sendBulk(c, size) }()
	io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{br}, make([]byte, 64<<10))
	<-sent
}

// bothWays takes a connection over and sends size bytes while it receives as
// many.
func bothWays(addr string, size int64) error {
	c, err := dial(addr)
	if err != nil {
		return err
	}
	defer c.Close()
	fmt.Fprintf(c, takeOver, size)
	br := bufio.NewReaderSize(c, 64<<10)
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("take a connection over: %s", resp.Status)
	}
	sent := make(chan error, 1)
	go func() { sent <- sendBulk(c, size) }()
	n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{br}, make([]byte, 64<<10))
	if err == nil && n != size {
		err = fmt.Errorf("%d bytes came of %d", n, size)
	}
	if serr := <-sent; err == nil {
		err = serr
	}
	return err
}

// sendBulk writes size bytes and half-closes.
func sendBulk(c net.Conn, size int64) error {
	if err := writeZeros(c, size); err != nil {
		return err
	}
	return c.(interface{ CloseWrite() error }).CloseWrite()
}
