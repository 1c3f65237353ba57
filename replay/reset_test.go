package replay

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
)

const attachA = "POST /containers/a/attach HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"

// attached is a stream that answers "go" with "ok", and a wait, for that container
// or another, that ends after it.
func attached(t *testing.T, waitsFor string) []*cassettes.Interaction {
	stream := plain(t, attachA, upgraded)
	stream.Turns = &cassettes.Turns{List: []cassettes.Turn{
		{Side: client, Data: []byte("go\n"), Seq: 10, Size: 3},
		{Side: server, Data: []byte("ok\n"), Seq: 14, Size: 3},
		{Side: server, Mark: cassettes.EOF, Seq: 15},
	}}
	return []*cassettes.Interaction{stream,
		item(t, in(3, post("/containers/"+waitsFor+"/wait", "")), []read{{4, streamingHead}, {16, "2\r\n37\r\n0\r\n\r\n"}})}
}

// TestResetForgetsOldClients checks that a client of the run before is no cause in
// the next.
func TestResetForgetsOldClients(t *testing.T) {
	p := play(t, "unix", attached(t, "a")...)
	before := p.dial(t)
	send(t, before, attachA)
	expect(t, before, upgraded)
	p.Reset()
	after, waiter := p.dial(t), p.dial(t)
	send(t, after, attachA)
	expect(t, after, upgraded)
	send(t, waiter, post("/containers/a/wait", ""))
	expect(t, waiter, streamingHead)
	before.Close()
	expectEnd(t, waiter, open)
	send(t, after, "go\n")
	expect(t, after, "ok\n")
	expect(t, waiter, "2\r\n37\r\n0\r\n\r\n")
}

// TestResetWithinStreams checks that a stream from before a reset goes on beside the
// same one from after it, and that none keeps its connection when its client has
// left.
func TestResetWithinStreams(t *testing.T) {
	for _, speaks := range []bool{true, false} {
		p := play(t, "tcp", attached(t, "b")...)
		before := p.dial(t)
		send(t, before, attachA)
		expect(t, before, upgraded)
		p.Reset()
		after := p.dial(t)
		send(t, after, attachA)
		expect(t, after, upgraded)
		if speaks {
			send(t, after, "go\n")
			expect(t, after, "ok\n")
			send(t, before, "go\n")
			expect(t, before, "ok\n")
		}
		before.Close()
		after.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := p.Shutdown(ctx); err != nil {
			t.Errorf("speaks: %v: connections stay: %v", speaks, err)
		}
	}
}

// TestResetWithinAnswers checks that an answer from before a reset goes on and waits
// for nobody.
func TestResetWithinAnswers(t *testing.T) {
	p := serve(t, "unix", &Server{CausalTimeout: -1, Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{},
		item(t, in(1, post("/containers/a/wait", "")), []read{{2, streamingHead}, {5, "2\r\n37\r\n"}, {9, "0\r\n\r\n"}}),
		item(t, in(3, post("/containers/a/kill", "")), in(4, noContent204)),
		item(t, in(7, post("/containers/a/stop", "")), in(8, noContent204)),
	)}})
	c := p.dial(t)
	send(t, c, post("/containers/a/wait", ""))
	expect(t, c, streamingHead)
	expectEnd(t, c, open)
	p.Reset()
	expect(t, c, "2\r\n37\r\n0\r\n\r\n")
}

// TestShutdownTells checks that it tells of connections that it had to close.
func TestShutdownTells(t *testing.T) {
	p := play(t, "unix", killed(t)...)
	c := p.dial(t)
	send(t, c, post("/containers/a/wait", ""))
	expect(t, c, streamingHead)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := p.Shutdown(ctx); err == nil || !strings.Contains(err.Error(), context.Canceled.Error()) {
		t.Errorf("Shutdown: %v, want %v", err, context.Canceled)
	}
}

// TestResetIdle checks that each client which comes when the last one has left
// begins anew, however soon it comes, and that what runs left out is told.
func TestResetIdle(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		p := serve(t, network, &Server{ResetIdle: true, Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{},
			plain(t, get("/a"), "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"),
			plain(t, get("/a"), "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2"),
		)}})
		for run := range 200 {
			c := p.dial(t)
			for _, want := range []string{"1", "2"} {
				send(t, c, get("/a"))
				expect(t, c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"+want)
				if run == 199 {
					break
				}
			}
			c.Close()
			if run == 198 {
				if r := p.Report(); r.Played != 2 || r.Unplayed != 0 {
					t.Errorf("%s: %d played and %d not, want 2 and 0", network, r.Played, r.Unplayed)
				}
			}
		}
		if r, left := p.Report(), p.Unplayed(); r.Played != 1 || r.Unplayed != 1 || len(left) != 1 || left[0].ID != 1 {
			t.Errorf("%s: %d played, %d not (%v), want 1 each", network, r.Played, r.Unplayed, left)
		}
	}
}

// TestCutFromBeforeResetTakesNothingBack checks that a request which was claimed
// before a Reset, and breaks off after it, leaves the recording to the client of the
// new run that has played it.
func TestCutFromBeforeResetTakesNothingBack(t *testing.T) {
	for _, played := range []bool{false, true} {
		p := serve(t, "unix", &Server{Match: byTarget, Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{}, plain(t, post("/a", "body"), noContent204))}})
		before := p.dial(t)
		send(t, before, "POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nbo")
		for len(p.Unplayed()) > 0 {
			time.Sleep(time.Millisecond)
		}
		p.Reset()
		after := p.dial(t)
		want := int64(0)
		if played {
			send(t, after, post("/a", "body"))
			expect(t, after, noContent204)
			want = 1
		}
		closeWrite(t, before)
		expectEnd(t, before, eof)
		if got := p.tally.played.Load(); got != want {
			t.Errorf("%d played, want %d", got, want)
		}
		if played {
			send(t, after, post("/a", "body"))
			expect(t, after, "HTTP/1.1 501 ")
		}
	}
}

// TestStreamFromBeforeResetClaimsNothing checks that a connection which turns out to
// be another recorded one after a Reset neither takes that from the new run nor gives
// its first one back, while a client of the new run has it.
func TestStreamFromBeforeResetClaimsNothing(t *testing.T) {
	talk := func(last, answer string) *cassettes.Interaction {
		return withTurns(nil, says(client, "PING"), says(server, "PONG"), says(client, last), says(server, answer))
	}
	p := play(t, "unix", talk("a", "1"), talk("b", "2"))
	before := p.dial(t)
	send(t, before, "PING")
	expect(t, before, "PONG")
	p.Reset()
	after := p.dial(t)
	send(t, after, "PING")
	expect(t, after, "PONG")
	send(t, before, "b")
	expect(t, before, "2")
	if left := p.Unplayed(); len(left) != 1 || left[0].ID != 1 {
		t.Errorf("unplayed are %v, want the second", left)
	}
	send(t, after, "b")
	expect(t, after, "2")
	if r := p.Report(); len(r.Misses)+len(r.Notes) != 0 {
		t.Errorf("the report is %+v", r)
	}
}

// TestReportCountsOverResets checks that a Report is of all runs.
func TestReportCountsOverResets(t *testing.T) {
	p := play(t, "unix", plain(t, get("/a"), noContent204))
	for range 3 {
		c := p.dial(t)
		for range 2 {
			send(t, c, get("/a"))
			expect(t, c, noContent204)
		}
		c.Close()
		p.Reset()
	}
	if r := p.Report(); r.Repeats != 3 || r.Played != 1 || len(r.Answers) != 6 {
		t.Errorf("%d repeats, %d played, %d answers, want 3, 1, 6", r.Repeats, r.Played, len(r.Answers))
	}
}
