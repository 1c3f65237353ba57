package scripttest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// Ask is a program: a client that sends one request and prints the answer
// without carriage returns.
//
//	ask [-at ADDR] [-body BODY] METHOD TARGET [HEADER-LINE...]
//	ask [-at ADDR] -raw BYTES
//
// ADDR is unix:///path or tcp://host:port, by default $WIRETAPE_ADDR. Ask
// waits up to ten seconds for a listener there. It fails where nothing comes
// back.
func Ask() {
	at := flag.String("at", os.Getenv("WIRETAPE_ADDR"), "address")
	raw := flag.String("raw", "", "bytes to send, escaped as in Go")
	body := flag.String("body", "", "body to send")
	flag.Parse()
	if err := ask(*at, request(*raw, *body, flag.Args())); err != nil {
		fmt.Fprintln(os.Stderr, "ask:", err)
		os.Exit(1)
	}
}

// request returns the bytes to send.
func request(raw, body string, args []string) string {
	if raw != "" {
		return strings.NewReplacer(`\r`, "\r", `\n`, "\n").Replace(raw)
	}
	if len(args) < 2 {
		return ""
	}
	lines := []string{args[0] + " " + args[1] + " HTTP/1.1", "Host: docker", "Connection: close"}
	if body != "" {
		lines = append(lines, fmt.Sprintf("Content-Length: %d", len(body)))
	}
	lines = append(lines, args[2:]...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
}

// ask sends request and prints the answer until the other side closes.
func ask(at, request string) error {
	c, err := dial(at)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := io.WriteString(c, request); err != nil {
		return err
	}
	got, err := io.ReadAll(c)
	fmt.Print(strings.ReplaceAll(string(got), "\r", ""))
	if len(got) == 0 {
		return errors.Join(errors.New("nothing came back"), err)
	}
	return err
}

// dial connects, and tries again for up to ten seconds.
func dial(at string) (net.Conn, error) {
	network, address, ok := strings.Cut(at, "://")
	if !ok {
		return nil, fmt.Errorf("address %q is not unix:///path or tcp://host:port", at)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var d net.Dialer
	for {
		c, err := d.DialContext(ctx, network, address)
		if err == nil {
			return c, nil
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(10 * time.Millisecond):
		}
	}
}
