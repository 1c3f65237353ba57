package record

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
)

const (
	request     = "GET / HTTP/1.1\r\nHost: d\r\n\r\n"
	upload      = "POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 100000000\r\n\r\n"
	answer      = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
	streamed    = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
	wantUpgrade = "POST /attach HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
	upgraded    = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)

// send writes b to from and waits until it has come to to.
func send(t testing.TB, from, to net.Conn, b string) {
	t.Helper()
	write(t, from, b)
	wantRead(t, to, b)
}

// wantItems ends the recording and compares its items.
func (tp *tape) wantItems(want string) {
	tp.t.Helper()
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), show(tp.t, tp.items())); diff != "" {
		tp.t.Errorf("-want +got\n%s", diff)
	}
}

// bulk is a chunk.
var bulk = "10000\r\n" + strings.Repeat("x", 0x10000) + "\r\n"

// writeUntil writes b to c until that fails.
func writeUntil(t testing.TB, c net.Conn, b string) error {
	t.Helper()
	for {
		if _, err := io.WriteString(c, b); err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatal("writing does not fail")
			}
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

func TestTCPCloseReachesTheOtherSide(t *testing.T) {
	t.Run("client first", func(t *testing.T) {
		tp := record(t, "tcp", nil)
		client, server := tp.connect()
		send(t, client, server, request)
		send(t, server, client, answer)
		client.Close()
		wantEnd(t, server, io.EOF)
		server.Close()
		tp.settled()
		tp.wantItems(`
0: GET / HTTP/1.1, none, complete, eof => HTTP/1.1 200 OK, length [2], complete, eof
`)
	})
	t.Run("server first", func(t *testing.T) {
		tp := record(t, "tcp", nil)
		client, server := tp.connect()
		send(t, client, server, request)
		send(t, server, client, answer)
		server.Close()
		wantEnd(t, client, io.EOF)
		client.Close()
		tp.settled()
		tp.wantItems(`
0: GET / HTTP/1.1, none, complete, eof => HTTP/1.1 200 OK, length [2], complete, eof
`)
	})
	t.Run("client gone while the server sends", func(t *testing.T) {
		tp := record(t, "tcp", nil)
		client, server := tp.connect()
		send(t, client, server, request)
		send(t, server, client, streamed)
		client.Close()
		wantEnd(t, server, io.EOF)
		if err := writeUntil(t, server, bulk); !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
			t.Errorf("the server's write failed with %v", err)
		}
		tp.settled()
		it := tp.items()[0]
		if c := it.Request.Closed; len(c) != 2 || c[0].Mark != cassettes.EOF || c[1].Mark != cassettes.Reset {
			t.Errorf("client closed %v, want eof and reset", c)
		}
		if it.Response.End != cassettes.Incomplete {
			t.Errorf("response %s", it.Response.End)
		}
	})
}

// TestHalfCloseReachesTheOtherSideAlone has both directions of a stream end one after the other.
func TestHalfCloseReachesTheOtherSideAlone(t *testing.T) {
	for _, network := range networks {
		t.Run(network, func(t *testing.T) {
			tp := record(t, network, nil)
			client, server := tp.connect()
			send(t, client, server, wantUpgrade)
			send(t, server, client, upgraded)
			halfClose(t, client)
			wantEnd(t, server, io.EOF)
			for range 3 {
				send(t, server, client, "out\n")
				time.Sleep(2 * time.Millisecond)
			}
			halfClose(t, server)
			wantEnd(t, client, io.EOF)
			tp.settled()
			tp.wantItems(`
0: POST /attach HTTP/1.1, none, complete => HTTP/1.1 101 UPGRADED, stream, complete
  client-eof
  server "out\n"
  server "out\n"
  server "out\n"
  server-eof
`)
		})
	}
}

// TestCloseAfterHalfCloseIsPassedOn has a client vanish that had half-closed before: on
// a Unix socket the server must see that with its next write.
func TestCloseAfterHalfCloseIsPassedOn(t *testing.T) {
	tp := record(t, "unix", nil)
	client, server := tp.connect()
	send(t, client, server, wantUpgrade)
	send(t, server, client, upgraded)
	halfClose(t, client)
	wantEnd(t, server, io.EOF)
	send(t, server, client, "out\n")
	client.Close()
	tp.settled()
	if _, err := server.Write([]byte("more")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("the server's write after the client's close: %v, want EPIPE", err)
	}
	tp.wantItems(`
0: POST /attach HTTP/1.1, none, complete => HTTP/1.1 101 UPGRADED, stream, complete
  client-eof
  server "out\n"
  client-close
`)
}

// TestAnswerBeforeTheRequestEndsPasses has a server answer and go while the client still sends: the
// client gets the answer, and then the end that it would have had.
func TestAnswerBeforeTheRequestEndsPasses(t *testing.T) {
	for _, network := range networks {
		t.Run(network, func(t *testing.T) {
			tp := record(t, network, nil)
			client, server := tp.connect()
			send(t, client, server, upload)
			failed := make(chan error, 1)
			go func() { failed <- writeUntil(t, client, bulk) }()
			if _, err := io.ReadFull(server, make([]byte, 200_000)); err != nil {
				t.Fatal(err)
			}
			write(t, server, answer)
			wantUnread(t, server)
			server.Close()
			wantRead(t, client, answer)
			if err := <-failed; !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
				t.Errorf("the client's write failed with %v", err)
			}
			if _, err := client.Read(make([]byte, 1)); err != io.EOF && !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("the client read %v after the answer", err)
			}
			tp.settled()
			items := tp.items()
			if len(items) != 1 {
				t.Fatalf("%d items, want 1", len(items))
			}
			req, res := items[0].Request, items[0].Response
			if req.End != cassettes.Incomplete || req.Missing+req.Body.Size() != 100_000_000 {
				t.Errorf("request %s, %d bytes of it and %d missing", req.End, req.Body.Size(), req.Missing)
			}
			if res.End != cassettes.Complete || len(res.Closed) == 0 {
				t.Errorf("response %s, closed %v", res.End, res.Closed)
			}
		})
	}
}

// TestBytesBeforeAResetArrive has a reset follow data at once.
func TestBytesBeforeAResetArrive(t *testing.T) {
	for _, network := range networks {
		t.Run(network, func(t *testing.T) {
			tp := record(t, network, nil)
			client, server := tp.connect()
			send(t, client, server, upload)
			write(t, client, "unread")
			wantUnread(t, server)
			body := strings.Repeat("x", 10_000)
			write(t, server, body)
			wantUnread(t, client)
			time.Sleep(20 * time.Millisecond) // or the reset takes some of it back
			endpoint.Reset(server)
			wantRead(t, client, body)
			wantEnd(t, client, syscall.ECONNRESET)
		})
	}
}

// TestServerThatStopsReadingStillSends has a server that shuts down its input alone, as
// only a Unix socket can show.
func TestServerThatStopsReadingStillSends(t *testing.T) {
	tp := record(t, "unix", nil)
	client, server := tp.connect()
	send(t, client, server, wantUpgrade)
	send(t, server, client, upgraded)
	if err := server.(*net.UnixConn).CloseRead(); err != nil {
		t.Fatal(err)
	}
	write(t, client, "lost")
	time.Sleep(10 * time.Millisecond)
	send(t, server, client, "out")
	client.Close()
	wantEnd(t, server, io.EOF)
	tp.settled()
}
