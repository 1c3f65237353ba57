package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/http1"
)

func TestUnreachableServerIsRecorded(t *testing.T) {
	tp := record(t, "unix", func(r *Recorder) {
		r.Dial = func(context.Context) (net.Conn, error) { return nil, errors.New("dial: no") }
	})
	client, err := endpoint.Dial(context.Background(), tp.front)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	wantEnd(t, client, io.EOF)
	tp.settled()
	tp.wantItems(`
0:
  server-unreachable
`)
}

// TestResetWhileDiallingIsRecorded has a daemon that accepts and is gone before the dial
// returns, as the system may say then.
func TestResetWhileDiallingIsRecorded(t *testing.T) {
	tp := record(t, "tcp", func(r *Recorder) {
		r.Dial = func(context.Context) (net.Conn, error) {
			return nil, fmt.Errorf("dial: %w", syscall.ECONNRESET)
		}
	})
	switch client, err := endpoint.Dial(context.Background(), tp.front); {
	case err == nil:
		defer client.Close()
		wantEnd(t, client, syscall.ECONNRESET)
	case !endpoint.IsReset(err): // it may come as early here
		t.Fatal(err)
	}
	tp.settled()
	tp.wantItems(`
0:
  server-reset
`)
}

func TestCloseStoresWhatIsUnfinished(t *testing.T) {
	tp := record(t, "unix", nil)
	c1, s1 := tp.connect()
	c2, s2 := tp.connect()
	c3, s3 := tp.connect()
	send(t, c1, s1, request)
	send(t, s1, c1, streamed)
	send(t, c2, s2, wantUpgrade)
	send(t, s2, c2, upgraded+"out")
	send(t, c3, s3, "GET / HT")
	tp.wantItems(`
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, chunked [5], none
1: POST /attach HTTP/1.1, none, complete => HTTP/1.1 101 UPGRADED, stream, none
  server "out"
2:
  client "GET / HT"
`)
	wantEnd(t, c1, io.EOF)
	wantEnd(t, s3, io.EOF)
}

func TestShutdownWaitsForConnections(t *testing.T) {
	tp := record(t, "unix", nil)
	client, server := tp.connect()
	send(t, client, server, request)
	down := make(chan error, 1)
	go func() { down <- tp.rec.Shutdown(context.Background()) }()
	<-tp.rec.life.Stopping()
	tp.rec.life.Accepted() // waits for Stop, which closes the listener under the same lock
	if c, err := endpoint.Dial(context.Background(), tp.front); err == nil {
		c.Close()
		t.Error("a connection was accepted")
	}
	select {
	case err := <-down:
		t.Fatalf("Shutdown returned %v while a connection was open", err)
	default:
	}
	send(t, server, client, answer)
	client.Close()
	if err := <-down; err != nil {
		t.Error(err)
	}
	tp.wantItems(`
0: GET / HTTP/1.1, none, complete, close => HTTP/1.1 200 OK, length [2], complete
`)
}

func TestShutdownClosesConnectionsWhenItsContextEnds(t *testing.T) {
	tp := record(t, "unix", nil)
	client, server := tp.connect()
	send(t, client, server, request)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := tp.rec.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown returned %v, want its context's error", err)
	}
	wantEnd(t, client, io.EOF)
}

func TestCloseEndsDialling(t *testing.T) {
	dialling := make(chan struct{})
	tp := record(t, "unix", func(r *Recorder) {
		r.Dial = func(ctx context.Context) (net.Conn, error) {
			close(dialling)
			<-ctx.Done()
			return nil, ctx.Err()
		}
	})
	client, err := endpoint.Dial(context.Background(), tp.front)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	<-dialling
	tp.wantItems("")
}

// TestExchangeIsStoredWithinASecond has an exchange reach the disk while its connection
// stays open, and the close that comes later all the same.
func TestExchangeIsStoredWithinASecond(t *testing.T) {
	tp := record(t, "unix", nil)
	client, server := tp.connect()
	send(t, client, server, request)
	send(t, server, client, answer)
	for end := time.Now().Add(time.Second); ; time.Sleep(10 * time.Millisecond) {
		b, err := os.ReadFile(tp.path())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), "HTTP/1.1 200 OK") {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the exchange is not on disk a second later")
		}
	}
	client.Close()
	tp.settled()
	if n := tp.rec.Stats().Items; n != 1 {
		t.Errorf("%d items, want 1", n)
	}
	tp.wantItems(`
0: GET / HTTP/1.1, none, complete, close => HTTP/1.1 200 OK, length [2], complete
`)
}

// TestParserPanicRecordsRawBytes has a bug at each read in turn.
func TestParserPanicRecordsRawBytes(t *testing.T) {
	for at := range 4 {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			reads := 0
			tp := record(t, "unix", func(r *Recorder) {
				r.Log = nil
				r.fault = func(http1.Side, []byte) {
					if reads++; reads == at+1 {
						panic("a bug")
					}
				}
			})
			client, server := tp.connect()
			send(t, client, server, request)
			send(t, server, client, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
			send(t, server, client, "h")
			send(t, server, client, "i")
			send(t, client, server, request)
			client.Close()
			tp.settled()
			items := tp.items()
			if last := items[len(items)-1]; last.Turns == nil {
				t.Errorf("the connection is not raw: %s", show(t, items))
			}
			got := rebuild(t, items)
			if want := request + request; string(got[0]) != want {
				t.Errorf("client: %q, want %q", got[0], want)
			}
			if want := answer; string(got[1]) != want {
				t.Errorf("server: %q, want %q", got[1], want)
			}
		})
	}
}

func TestDiskErrorEndsTheRecordingNotTheTraffic(t *testing.T) {
	tp := record(t, "unix", func(r *Recorder) { r.InlineMax = 10 })
	if err := os.WriteFile(filepath.Join(tp.dir, "tape.bodies"), nil, 0o600); err != nil {
		t.Fatal(err) // where the bodies' folder would be
	}
	client, server := tp.connect()
	for range 3 {
		send(t, client, server, request)
		send(t, server, client, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234567890123456789")
	}
	client.Close()
	tp.settled()
	if tp.rec.Stats().Err == nil {
		t.Error("Stats does not say that the disk failed")
	}
}

// TestSettledExchangesAreStoredOnce has exchanges that wait stored while connections go on and
// end: each must be stored once.
func TestSettledExchangesAreStoredOnce(t *testing.T) {
	tp := record(t, "unix", nil)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Microsecond):
			}
			tp.rec.storeSettled(tp.rec.life.Open(nil))
		}
	}()
	go serveAll(tp.upstream, func(c net.Conn) {
		for {
			if _, err := io.ReadFull(c, make([]byte, len(request))); err != nil {
				return
			}
			io.WriteString(c, answer)
		}
	})
	const conns, each = 200, 11
	for range conns {
		c, err := endpoint.Dial(context.Background(), tp.front)
		if err != nil {
			t.Fatal(err)
		}
		for range each {
			write(t, c, request)
			wantRead(t, c, answer)
		}
		c.Close()
	}
	tp.settled()
	close(stop)
	<-stopped
	items := tp.items()
	if n := tp.rec.Stats().Items; n != conns*each || len(items) != n {
		t.Errorf("%d items, %d of them in the cassette, want %d", n, len(items), conns*each)
	}
	for _, it := range items {
		if it.Response == nil || it.Response.End != cassettes.Complete {
			t.Fatalf("got %s", show(t, []*cassettes.Interaction{it}))
		}
	}
}

func TestKeepLeavesExchangesOut(t *testing.T) {
	tp := record(t, "unix", func(r *Recorder) {
		r.Keep = func(method, target string) bool { return method == "GET" && target != "/skip" }
	})
	client, server := tp.connect()
	for _, r := range []string{"GET /a", "GET /skip", "HEAD /a", "GET /b"} {
		send(t, client, server, r+" HTTP/1.1\r\nHost: d\r\n\r\n")
		if strings.HasPrefix(r, "HEAD") {
			send(t, server, client, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
			continue
		}
		send(t, server, client, answer)
	}
	tp.wantItems(`
0: GET /a HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [2], complete
1: GET /b HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [2], complete
`)
}

func TestKeepLeavesAStreamOut(t *testing.T) {
	tp := record(t, "unix", func(r *Recorder) {
		r.Keep = func(method, target string) bool { return false }
	})
	client, server := tp.connect()
	send(t, client, server, wantUpgrade)
	send(t, server, client, upgraded+"out")
	send(t, client, server, "in")
	client.Close()
	tp.settled()
	tp.wantItems("")
}

// TestTooManyPendingBytesAreRecorded has a client send more before an answer than is kept until it
// comes.
func TestTooManyPendingBytesAreRecorded(t *testing.T) {
	early := strings.Repeat("x", maxPending+1)
	for name, tt := range map[string]struct{ request, answer string }{
		"upgrade":         {wantUpgrade, upgraded},
		"upgrade refused": {wantUpgrade, answer},
		"no HTTP":         {request, answer},
	} {
		t.Run(name, func(t *testing.T) {
			tp := record(t, "unix", nil)
			client, server := tp.connect()
			send(t, client, server, tt.request)
			for _, b := range []string{"HTTP", " or not\n", early[:maxPending/2], early[maxPending/2:], "more"} {
				send(t, client, server, b)
			}
			send(t, server, client, tt.answer)
			send(t, server, client, "out")
			client.Close()
			tp.settled()
			items := tp.items()
			if items[0].Response == nil {
				t.Error("the answer is not the request's")
			}
			got := rebuild(t, items)
			if want := tt.request + "HTTP or not\n" + early + "more"; string(got[0]) != want {
				t.Errorf("client: %d bytes, want %d", len(got[0]), len(want))
			}
			if want := tt.answer + "out"; string(got[1]) != want {
				t.Errorf("server: %q, want %q", got[1], want)
			}
		})
	}
}

// TestInterimResponsesAreBounded has a server send 1xx responses without end.
func TestInterimResponsesAreBounded(t *testing.T) {
	tp := record(t, "unix", nil)
	client, server := tp.connect()
	send(t, client, server, request)
	many := strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", maxInterim+50)
	send(t, server, client, many)
	client.Close()
	tp.settled()
	items := tp.items()
	if n := len(items[0].Response.Interim); n > maxInterim+1 {
		t.Errorf("%d interim responses are kept", n)
	}
	if got := rebuild(t, items); string(got[1]) != many {
		t.Errorf("%d bytes of %d are stored", len(got[1]), len(many))
	}
}

// TestIDsFollowSeqs has many clients at once.
func TestIDsFollowSeqs(t *testing.T) {
	tp := record(t, "unix", nil)
	go serveAll(tp.upstream, func(c net.Conn) {
		b := make([]byte, len(request))
		for {
			if _, err := io.ReadFull(c, b); err != nil {
				return
			}
			io.WriteString(c, answer)
		}
	})
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			c, err := endpoint.Dial(context.Background(), tp.front)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for range 50 {
				io.WriteString(c, request)
				if _, err := io.ReadFull(c, make([]byte, len(answer))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	clients.Wait()
	tp.settled()
	items := tp.items()
	if len(items) != 400 {
		t.Fatalf("%d items, want 400", len(items))
	}
	for i := 1; i < len(items); i++ {
		if items[i].ID != items[i-1].ID+1 || items[i].Request.Seq <= items[i-1].Request.Seq {
			t.Fatalf("item %d, seq %d, follows item %d, seq %d",
				items[i].ID, items[i].Request.Seq, items[i-1].ID, items[i-1].Request.Seq)
		}
	}
}

// serveAll calls serve for every connection, which it closes.
func serveAll(l net.Listener, serve func(net.Conn)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			serve(c)
		}()
	}
}

// TestConnectionsLeaveNoDescriptors has 1,000 connections end in every way. TestMain looks for
// goroutines.
func TestConnectionsLeaveNoDescriptors(t *testing.T) {
	for _, network := range networks {
		t.Run(network, func(t *testing.T) {
			before := descriptors(t)
			tp := record(t, network, nil)
			go serveAll(tp.upstream, func(c net.Conn) { misbehave(c, answer, upgraded, "\x00") })
			var clients sync.WaitGroup
			for range 20 {
				clients.Go(func() {
					for range 25 {
						c, err := endpoint.Dial(context.Background(), tp.front)
						if endpoint.IsReset(err) {
							continue // the daemon has been quick
						}
						if err != nil {
							t.Error(err)
							return
						}
						misbehave(c, request, wantUpgrade, upload, "\x16")
						c.Close()
					}
				})
			}
			clients.Wait()
			tp.settled()
			tp.stop()
			for end := time.Now().Add(5 * time.Second); descriptors(t) > before; time.Sleep(time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("%d descriptors are open, %d were before", descriptors(t), before)
				}
			}
		})
	}
}

// misbehave sends parts of the texts in say, reads or does not, and ends the
// connection somehow.
func misbehave(c net.Conn, say ...string) {
	c.SetDeadline(time.Now().Add(time.Duration(rand.IntN(20)) * time.Millisecond))
	for range rand.IntN(3) {
		s := say[rand.IntN(len(say))]
		if rand.IntN(3) == 0 {
			s = s[:rand.IntN(len(s))]
		}
		io.WriteString(c, s)
		if rand.IntN(2) == 0 {
			c.Read(make([]byte, 10))
		}
	}
	switch rand.IntN(4) {
	case 0:
		endpoint.Reset(c)
	case 1:
		endpoint.CloseWrite(c)
		io.Copy(io.Discard, c)
	}
}

// descriptors returns the number of this process's open ones.
func descriptors(t *testing.T) int {
	if runtime.GOOS != "linux" {
		t.Skip("descriptors are counted on Linux alone")
	}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
