package replay

import (
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
)

const (
	streamingHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	noContent204  = "HTTP/1.1 204 No Content\r\n\r\n"
)

func logsOf(name string) string { return get("/containers/" + name + "/logs?follow=1") }

// killed is the recording of a wait that ends because of a kill, on another
// connection, that prints nothing.
func killed(t testing.TB) []*cassettes.Interaction {
	return []*cassettes.Interaction{
		item(t, in(1, post("/containers/a/wait", "")), []read{{2, streamingHead}, {5, "2\r\n37\r\n0\r\n\r\n"}}),
		item(t, in(3, post("/containers/a/kill", "")), in(4, noContent204)),
		item(t, in(6, get("/info")), in(7, noContent204)),
	}
}

// TestFramesWaitForOtherClients checks that the end of a wait comes after the
// kill that it followed from, on whatever connection that comes.
func TestFramesWaitForOtherClients(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		p := play(t, network, killed(t)...)
		waiter, killer := p.dial(t), p.dial(t)
		send(t, waiter, post("/containers/a/wait", ""))
		expect(t, waiter, streamingHead)
		send(t, killer, get("/info"))
		expect(t, killer, noContent204)
		expectEnd(t, waiter, open)
		send(t, killer, post("/containers/a/kill", ""))
		expect(t, killer, noContent204)
		expect(t, waiter, "2\r\n37\r\n0\r\n\r\n")
	}
}

// TestCloseWaitsForOtherClients checks that the close that ends an answer waits
// for its causes on other connections, and for nothing else.
func TestCloseWaitsForOtherClients(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
	logs := closed(item(t, in(1, logsOf("a")), []read{{2, head}, {3, "x"}}), 30, time.Second, cassettes.EOF)
	p := play(t, "unix", logs,
		item(t, in(5, post("/containers/b/start", "")), in(6, noContent204)),
		item(t, in(8, post("/containers/a/kill", "")), in(9, noContent204)))
	reader, other := p.dial(t), p.dial(t)
	send(t, reader, logsOf("a"))
	expect(t, reader, head+"x")
	expectEnd(t, reader, open)
	send(t, other, post("/containers/a/kill", ""))
	expect(t, other, noContent204)
	expectEnd(t, reader, eof)
	if gaveUp := p.Report().GaveUp; len(gaveUp) > 0 {
		t.Errorf("waits given up: %q", gaveUp)
	}
}

// TestOrderNone checks that it waits for nobody.
func TestOrderNone(t *testing.T) {
	p := serve(t, "unix", &Server{Order: OrderNone, Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{}, killed(t)...)}})
	c := p.dial(t)
	send(t, c, post("/containers/a/wait", ""))
	expect(t, c, streamingHead+"2\r\n37\r\n0\r\n\r\n")
}

// TestWatcherWaitsForAll checks that events come after the requests that caused
// them, and that a second look at played logs waits for nothing.
func TestWatcherWaitsForAll(t *testing.T) {
	p := play(t, "unix",
		item(t, in(1, get("/events")), []read{{2, streamingHead}, {6, "5\r\nstart\r\n"}, {11, "3\r\ndie\r\n"}}),
		item(t, in(4, post("/containers/a/start", "")), in(5, noContent204)),
		item(t, in(7, logsOf("a")), []read{{8, streamingHead}, {12, "1\r\nx\r\n0\r\n\r\n"}}),
		item(t, in(9, post("/containers/a/kill", "")), in(10, noContent204)),
	)
	events, other, logs := p.dial(t), p.dial(t), p.dial(t)
	send(t, events, get("/events"))
	expect(t, events, streamingHead)
	expectEnd(t, events, open)
	send(t, other, post("/containers/a/start", ""))
	expect(t, other, noContent204)
	expect(t, events, "5\r\nstart\r\n")
	send(t, logs, logsOf("a"))
	expect(t, logs, streamingHead)
	expectEnd(t, logs, open)
	again := p.dial(t)
	send(t, again, logsOf("a"))
	expect(t, again, streamingHead+"1\r\nx\r\n0\r\n\r\n")
	expectEnd(t, events, open)
	send(t, other, post("/containers/a/kill", ""))
	expect(t, other, noContent204)
	expect(t, logs, "1\r\nx\r\n0\r\n\r\n")
	expect(t, events, "3\r\ndie\r\n")
}

// TestStreamOutputWaitsForStart is docker run: a container's output, on the
// connection that was attached before, comes after its start.
func TestStreamOutputWaitsForStart(t *testing.T) {
	attached := plain(t, strings.Replace(attach, "/1/", "/a/", 1), upgraded)
	attached.Turns = &cassettes.Turns{List: []cassettes.Turn{
		{Side: client, Mark: cassettes.EOF, Seq: 3},
		{Side: server, Data: []byte("hi\n"), Size: 3, Seq: 8},
		{Side: server, Mark: cassettes.EOF, Seq: 9},
	}}
	p := play(t, "unix", attached, item(t, in(4, post("/containers/a/start", "")), in(7, noContent204)))
	stream, other := p.dial(t), p.dial(t)
	send(t, stream, strings.Replace(attach, "/1/", "/a/", 1))
	expect(t, stream, upgraded)
	closeWrite(t, stream)
	expectEnd(t, stream, open)
	send(t, other, post("/containers/a/start", ""))
	expect(t, stream, "hi\n")
	expectEnd(t, stream, eof)
	expect(t, other, noContent204)
}

// TestRecordingsDoNotCompare checks that a cassette's reads are not causes of
// another's.
func TestRecordingsDoNotCompare(t *testing.T) {
	first := tape(t, cassettes.Header{}, item(t, in(1, post("/containers/a/wait", "")), []read{{2, streamingHead}, {5, "0\r\n\r\n"}}))
	second := tape(t, cassettes.Header{}, item(t, in(3, post("/containers/a/kill", "")), in(4, noContent204)))
	p := serve(t, "unix", &Server{Cassettes: []*cassettes.Cassette{first, second}})
	c := p.dial(t)
	send(t, c, post("/containers/a/wait", ""))
	expect(t, c, streamingHead+"0\r\n\r\n")
}

// TestPlainExchangesMeetNoGate checks that questions with answers do not have
// the causes read.
func TestPlainExchangesMeetNoGate(t *testing.T) {
	p := play(t, "unix", killed(t)...)
	c := p.dial(t)
	send(t, c, get("/info"))
	expect(t, c, noContent204)
	p.Close()
	if p.causes.timeline != nil {
		t.Error("the causes were read for a plain exchange")
	}
}

// pipes is a listener whose connections are net.Pipes, which synctest can
// wait for.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) dial() net.Conn {
	a, b := net.Pipe()
	p.conns <- b
	return a
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return nil }

// TestCauseThatNeverComes checks that it is given up after a time, and told.
func TestCauseThatNeverComes(t *testing.T) {
	tapes := []*cassettes.Cassette{tape(t, cassettes.Header{}, killed(t)...)}
	synctest.Test(t, func(t *testing.T) {
		s := &Server{Cassettes: tapes, CausalTimeout: 7 * time.Second}
		l := newPipes()
		go s.Serve(l)
		defer s.Close()
		c := l.dial()
		defer c.Close()
		send(t, c, post("/containers/a/wait", ""))
		expect(t, c, streamingHead)
		begun := time.Now()
		expect(t, c, "2\r\n37\r\n0\r\n\r\n")
		if waited := time.Since(begun); waited != 7*time.Second {
			t.Errorf("gave up after %v, want 7s", waited)
		}
		synctest.Wait()
		const want = "POST /containers/a/wait (#0) waited 7s for POST /containers/a/kill (#1), " +
			"which had come before it in the recording; went on without it"
		got := s.Report().GaveUp
		if len(got) != 1 || got[0].String() != want {
			t.Fatalf("gave up %v, want %q", got, want)
		}
		if w := got[0]; w.Read != 5 || w.Interaction.ID != 0 || w.For.ID != 1 || w.Waited != 7*time.Second {
			t.Errorf("got %+v", w)
		}
	})
}

// TestWaitsForEver checks that a negative timeout is none.
func TestWaitsForEver(t *testing.T) {
	tapes := []*cassettes.Cassette{tape(t, cassettes.Header{}, killed(t)...)}
	synctest.Test(t, func(t *testing.T) {
		s := &Server{Cassettes: tapes, CausalTimeout: -1}
		l := newPipes()
		go s.Serve(l)
		defer s.Close()
		c, k := l.dial(), l.dial()
		defer c.Close()
		defer k.Close()
		send(t, c, post("/containers/a/wait", ""))
		expect(t, c, streamingHead)
		time.Sleep(1000 * time.Hour)
		send(t, k, post("/containers/a/kill", ""))
		expect(t, k, noContent204)
		expect(t, c, "2\r\n37\r\n0\r\n\r\n")
		if got := s.Report().GaveUp; len(got) != 0 {
			t.Errorf("gave up %q", got)
		}
	})
}

// TestStreamsEndEveryWay ends connections in every state that a stream can be
// in; TestMain fails where a goroutine is left.
func TestStreamsEndEveryWay(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		var items []*cassettes.Interaction
		const rounds = 200
		for i := range rounds {
			output := strings.Repeat("x", 1+i%10/9*300<<10)
			it := plain(t, strings.Replace(attach, "/1/", fmt.Sprintf("/c%d/", i), 1), upgraded)
			it = withTurns(it, says(client, "hello"), says(server, output), says(client, "bye"),
				marks(client, cassettes.EOF), marks(server, []cassettes.Mark{cassettes.EOF, cassettes.Reset, cassettes.FullClose}[i%3]))
			items = append(items, it, item(t, in(15, post(fmt.Sprintf("/containers/c%d/kill", i), "")), in(16, noContent204)))
		}
		p := play(t, network, items...)
		var clients sync.WaitGroup
		for i := range rounds {
			clients.Go(func() { leaveEarly(p, i) })
		}
		clients.Wait()
		if played := p.Report().Played; played != rounds {
			t.Errorf("%d were played, want %d", played, rounds)
		}
		p.Close()
	}
}

// leaveEarly is a client that leaves a stream in one of many ways.
func leaveEarly(p *player, i int) {
	c, err := net.Dial(p.l.Addr().Network(), p.l.Addr().String())
	if err != nil {
		return
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	request := strings.Replace(attach, "/1/", fmt.Sprintf("/c%d/", i), 1)
	buf := make([]byte, 1<<rand.IntN(18))
	for step, data := range []string{request, "hel", "lo", "bye"} {
		if _, err := c.Write([]byte(data)); err != nil {
			return
		}
		if step == 0 || step == 2 && rand.IntN(2) == 0 {
			c.Read(buf)
		}
		switch rand.IntN(8) {
		case 0:
			return
		case 1:
			endpoint.Reset(c)
			return
		case 2:
			endpoint.CloseWrite(c)
			return
		}
	}
}

func TestStreamMatch(t *testing.T) {
	for _, tt := range []struct {
		how    StreamMatch
		says   string
		answer string
		miss   string
	}{
		{how: MatchExact, says: "ls -l\n", answer: "total 0\n"},
		{how: MatchExact, says: "ls -a\n", answer: "total 0\n", miss: `"a\n" instead of "l\n" at byte 4, after "ls -"`},
		{how: MatchExact, says: "ls -l\nexit\nmore", answer: "total 0\n", miss: `"more" follows at byte 11`},
		{how: MatchLength, says: "ls -a\n", answer: "total 0\n"},
		{how: MatchLength, says: "ls -a\nEXIT\nmore", answer: "total 0\n", miss: `"more" follows at byte 11`},
		{how: MatchAny, says: "x", answer: "total 0\n"},
		{how: MatchAny, says: "a longer line than that was", answer: "total 0\n"},
	} {
		for _, size := range []int{1, 4, 100} {
			it := upgrade(t, says(client, "ls "), says(client, "-l\n"), says(server, "total 0\n"), says(client, "exit\n"), marks(client, cassettes.EOF))
			p := serve(t, "unix", &Server{StreamMatch: tt.how, Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{}, it)}})
			c := p.dial(t)
			send(t, c, attach)
			expect(t, c, upgraded)
			for rest := tt.says; rest != ""; {
				n := min(size, len(rest))
				send(t, c, rest[:n])
				rest = rest[n:]
			}
			expect(t, c, tt.answer)
			closeWrite(t, c)
			expectEnd(t, c, eof)
			misses := p.Report().Misses
			switch {
			case tt.miss == "" && len(misses) > 0:
				t.Errorf("%v of %q by %d: %q is a miss", tt.how, tt.says, size, misses[0].Text)
			case tt.miss != "" && len(misses) != 1:
				t.Errorf("%v of %q by %d: %d misses, want 1", tt.how, tt.says, size, len(misses))
			case tt.miss != "" && size == 100 && !strings.Contains(misses[0].Text, tt.miss):
				t.Errorf("%v of %q: the miss is %q, want %q", tt.how, tt.says, misses[0].Text, tt.miss)
			}
		}
	}
}

// wsFrame returns a client's text frame (RFC 6455 section 5.2).
func wsFrame(key, text string) string {
	head := []byte{0x81, 0x80 | byte(len(text))}
	if len(text) > 125 {
		head = []byte{0x81, 0x80 | 126, byte(len(text) >> 8), byte(len(text))}
	}
	b := []byte(text)
	for i := range b {
		b[i] ^= key[i%4]
	}
	return string(head) + key + string(b)
}

// TestWebSocket checks the handshake of RFC 6455 section 1.3, and that frames
// with other masks are the same.
func TestWebSocket(t *testing.T) {
	handshake := func(key string) string {
		return "GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key + "\r\n\r\n"
	}
	accepted := func(accept string) string {
		return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + "\r\n\r\n"
	}
	long := strings.Repeat("0123456789", 30)
	for _, tt := range []struct {
		text string
		miss bool
	}{{text: "Hello"}, {text: "Hallo", miss: true}} {
		it := plain(t, handshake("eHh4eHh4eHh4eHh4eHh4eA=="), accepted("AAAAAAAAAAAAAAAAAAAAAAAAAAA="))
		it = withTurns(it, says(client, wsFrame("\x01\x02\x03\x04", "Hello")), says(server, "\x81\x05Hello"),
			says(client, wsFrame("\x11\x12\x13\x14", long)), says(server, "\x81\x02ok"))
		p := play(t, "unix", it)
		c := p.dial(t)
		send(t, c, handshake("dGhlIHNhbXBsZSBub25jZQ=="))
		expect(t, c, accepted("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
		for _, b := range []byte(wsFrame("\xf1\x02\x33\x44", tt.text)) {
			send(t, c, string([]byte{b}))
		}
		expect(t, c, "\x81\x05Hello")
		send(t, c, wsFrame("\x00\x72\xff\x44", long))
		expect(t, c, "\x81\x02ok")
		if got := len(p.Report().Misses) > 0; got != tt.miss {
			t.Errorf("%q: a miss: %v, want %v: %v", tt.text, got, tt.miss, p.Report().Misses)
		}
	}
}

// TestLoneExchangesMeetNoGate checks that what went on alone has no part in
// causes, and that what went on beside something has.
func TestLoneExchangesMeetNoGate(t *testing.T) {
	items := []*cassettes.Interaction{
		item(t, in(1, post("/containers/a/start", "")), in(2, noContent204)),                                           // alone
		item(t, in(3, post("/containers/a/wait", "")), []read{{4, streamingHead}, {8, "0\r\n\r\n"}}),                   // beside the kill
		item(t, in(5, get("/info")), in(6, noContent204)),                                                              // plain
		item(t, in(7, post("/containers/a/kill", "")), in(9, noContent204)),                                            // beside the wait
		item(t, in(10, get("/containers/b/logs")), []read{{11, streamingHead}, {12, "1\r\nx\r\n"}, {13, "0\r\n\r\n"}}), // alone
		item(t, in(14, post("/containers/a/wait?n=2", "")), []read{{15, streamingHead}, {20, "0\r\n\r\n"}}),            // beside the next
		item(t, in(16, post("/containers/b/start", "")), in(17, noContent204)),                                         // within the wait
		item(t, in(18, post("/containers/c/start", "")), in(19, noContent204)),                                         // within the wait, too
		item(t, in(21, "DELETE /containers/c HTTP/1.1\r\n\r\n"), in(22, noContent204)),                                 // alone
	}
	p := play(t, "unix", items...)
	p.init()
	var got []bool
	for pos := range items {
		it, err := p.index.Item(int32(pos))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, p.hasCauses(int32(pos), it))
	}
	want := []bool{false, true, false, true, false, true, true, true, false}
	if !slices.Equal(got, want) {
		t.Errorf("have a part: %v, want %v", got, want)
	}
}

// BenchmarkPosts plays requests that change something, one at a time.
func BenchmarkPosts(b *testing.B) {
	for _, order := range []Order{OrderCausal, OrderNone} {
		b.Run([]string{"causal", "none"}[order], func(b *testing.B) {
			var items []*cassettes.Interaction
			for i := range b.N {
				n := int64(2*i + 1)
				items = append(items, item(b, in(n, post(fmt.Sprintf("/containers/c%d/start", i), "")), in(n+1, noContent204)))
			}
			p := serve(b, "unix", &Server{Order: order, Cassettes: []*cassettes.Cassette{tape(b, cassettes.Header{}, items...)}})
			c := p.dial(b)
			c.SetDeadline(time.Time{})
			buf := make([]byte, 100)
			p.init()
			b.ResetTimer()
			for i := range b.N {
				send(b, c, post(fmt.Sprintf("/containers/c%d/start", i), ""))
				if n, err := c.Read(buf); err != nil || string(buf[:n]) != noContent204 {
					b.Fatalf("read %q, %v", buf[:n], err)
				}
			}
		})
	}
}
