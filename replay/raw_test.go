package replay

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// TestRawConnections checks which recorded connection answers one that is not
// HTTP.
func TestRawConnections(t *testing.T) {
	redis := func(turns ...cassettes.Turn) *cassettes.Interaction { return withTurns(nil, turns...) }
	items := func() []*cassettes.Interaction {
		return []*cassettes.Interaction{
			redis(says(client, "*1\r\nPING\r\n"), says(server, "+PONG\r\n"), says(client, "*2\r\nGET a\r\n"), says(server, "$1\r\n1\r\n"), marks(client, cassettes.EOF), marks(server, cassettes.EOF)),
			redis(says(client, "*2\r\nGET b\r\n"), says(server, "$1\r\n2\r\n"), marks(client, cassettes.EOF), marks(server, cassettes.EOF)),
			redis(says(client, "*2\r\nGET b\r\n"), says(server, "$1\r\n3\r\n"), marks(client, cassettes.EOF), marks(server, cassettes.EOF)),
		}
	}
	for _, http := range []bool{false, true} {
		tape := items()
		if http {
			tape = append(tape, saying(t, get("/a"), "0"))
		}
		p := play(t, "unix", tape...)
		talk := func(turns ...string) {
			t.Helper()
			c := p.dial(t)
			for i, turn := range turns {
				if i%2 == 0 {
					for _, b := range []byte(turn) {
						send(t, c, string(b))
					}
				} else {
					expect(t, c, turn)
				}
			}
			closeWrite(t, c)
			expectEnd(t, c, eof)
		}
		talk("*2\r\nGET b\r\n", "$1\r\n2\r\n")
		talk("*1\r\nPING\r\n", "+PONG\r\n", "*2\r\nGET a\r\n", "$1\r\n1\r\n")
		talk("*2\r\nGET b\r\n", "$1\r\n3\r\n")
		if r := p.Report(); len(r.Misses) != 0 || r.Played != 3 {
			t.Errorf("the report is %+v", r)
		}
		talk("*2\r\nGET b\r\n")
		talk("*2\r\nGET c\r\n")
		if r := p.Report(); len(r.Misses) != 2 || !strings.Contains(r.Misses[1].Text, `"*`) {
			t.Errorf("the report is %+v", r)
		}
	}
}

// TestDialogues checks that a connection that begins like several is the one
// that goes on as it does.
func TestDialogues(t *testing.T) {
	talk := func(greeting string, turns ...string) *cassettes.Interaction {
		var all []cassettes.Turn
		if greeting != "" {
			all = append(all, says(server, greeting))
		}
		for i, turn := range turns {
			all = append(all, cassettes.Turn{Side: []http1.Side{client, server}[i%2], Data: []byte(turn)})
		}
		return withTurns(nil, append(all, marks(client, cassettes.EOF), marks(server, cassettes.EOF))...)
	}
	for _, greeting := range []string{"", "220 hello\r\n", "220 hello " + strings.Repeat("x", 70<<10) + "\r\n"} {
		p := serve(t, "unix", &Server{Cassettes: []*cassettes.Cassette{filed(t, len(greeting) > 1000,
			talk(greeting, "PING", "PONG", "GET a", "1", "GET b", "2"),
			talk(greeting, "PING", "PANG", "GET c", "0"),
			talk(greeting, "PING", "PONG", "GET a", "1", "GET c", "3"),
			talk(greeting, "PING", "PONG", "GET c", "4"))}})
		for _, turns := range [][]string{
			{"PING", "PONG", "GET c", "4"},
			{"PING", "PONG", "GET a", "1", "GET c", "3"},
			{"PING", "PONG", "GET a", "1", "GET b", "2"},
			{"PING", "PANG", "GET c", "0"},
		} {
			c := p.dial(t)
			expect(t, c, greeting)
			for i, turn := range turns {
				if i%2 == 1 {
					expect(t, c, turn)
					continue
				}
				for _, b := range turn {
					send(t, c, string(b))
				}
			}
			closeWrite(t, c)
			expectEnd(t, c, eof)
		}
		if r := p.Report(); r.Played != 4 || len(r.Misses)+len(r.Notes) != 0 {
			t.Errorf("the report is %+v", r)
		}
	}
}

// filed is a tape whose turns are in files, if so asked.
func filed(t *testing.T, asked bool, items ...*cassettes.Interaction) *cassettes.Cassette {
	t.Helper()
	if !asked {
		return tape(t, cassettes.Header{}, items...)
	}
	path := filepath.Join(t.TempDir(), "filed.yaml")
	w, err := cassettes.Create(path, cassettes.Header{Upstream: "unix:///d"}, cassettes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range items {
		it.ID = w.NextID()
		sink := w.NewTurns(it.ID, 1, 0)
		for _, turn := range it.Turns.List {
			if turn.Mark != "" {
				err = errors.Join(err, sink.Mark(turn.Side, turn.Mark, turn.Seq, 0))
				continue
			}
			err = errors.Join(err, sink.Data(turn.Side, turn.Seq, 0, turn.Data))
		}
		turns, ferr := sink.Finish()
		it.Turns = turns
		if err = errors.Join(err, ferr, w.Append(it)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return openTape(t, path)
}

// TestDialogueThatWasNotRecorded checks that it is noted.
func TestDialogueThatWasNotRecorded(t *testing.T) {
	p := play(t, "unix", withTurns(nil, says(client, "PING"), says(server, "PONG"), says(client, "GET a"), says(server, "1")))
	c := p.dial(t)
	send(t, c, "PING")
	expect(t, c, "PONG")
	send(t, c, "GET b")
	expect(t, c, "1")
	if r := p.Report(); len(r.Notes) != 1 {
		t.Errorf("the report is %+v", r)
	}
}

// TestTLSProbe checks that a client that tries TLS on a plain port gets the
// plain answer, as often as it tries.
func TestTLSProbe(t *testing.T) {
	hello := func(n int) string { return string([]byte{0x16, 3, 1, byte(n >> 8), byte(n)}) + strings.Repeat("r", n) }
	answer := "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request"
	p := play(t, "tcp",
		withTurns(nil, says(client, hello(240)), says(server, answer), marks(server, cassettes.EOF)),
		saying(t, get("/v2/"), "0"))
	for _, n := range []int{241, 1510, 30} {
		c := p.dial(t)
		h := hello(n)
		send(t, c, h[:20])
		expectEnd(t, c, open)
		send(t, c, h[20:])
		expect(t, c, answer)
		expectEnd(t, c, eof)
		c.Close()
	}
	if got := p.conversation(t, get("/v2/")); got[0] != "0" {
		t.Errorf("HTTP got %q", got)
	}
	if r := p.Report(); len(r.Misses) != 0 || r.Played != 2 || r.Repeats != 2 {
		t.Errorf("the report is %+v", r)
	}
}

// TestServerSpeaksFirst is an SMTP-like server, alone and beside HTTP.
func TestServerSpeaksFirst(t *testing.T) {
	smtp := func(n string) *cassettes.Interaction {
		return withTurns(nil, says(server, "220 "+n+"\r\n"), says(client, "QUIT\r\n"), says(server, "221\r\n"), marks(server, cassettes.EOF))
	}
	quit := func(p *player, n string) {
		t.Helper()
		c := p.dial(t)
		expect(t, c, "220 "+n+"\r\n")
		send(t, c, "QUIT\r\n")
		expect(t, c, "221\r\n")
		expectEnd(t, c, eof)
	}
	p := play(t, "tcp", smtp("one"), smtp("two"))
	quit(p, "one")
	quit(p, "two")

	p = play(t, "tcp", saying(t, get("/a"), "0"), smtp("one"), saying(t, get("/b"), "1"))
	if got := p.conversation(t, get("/a")); got[0] != "0" {
		t.Errorf("HTTP got %q", got)
	}
	quit(p, "one")
	if got := p.conversation(t, get("/b")); got[0] != "1" {
		t.Errorf("HTTP got %q", got)
	}
}

func TestServerUnreachable(t *testing.T) {
	p := play(t, "unix", saying(t, get("/a"), "0"), withTurns(nil, marks(server, cassettes.Unreachable)), saying(t, get("/b"), "1"))
	if got := p.conversation(t, get("/a")); got[0] != "0" {
		t.Errorf("got %q", got)
	}
	expectEnd(t, p.dial(t), eof)
	if got := p.conversation(t, get("/b")); got[0] != "1" {
		t.Errorf("got %q", got)
	}
	if r := p.Report(); r.Unplayed != 0 {
		t.Errorf("the report is %+v", r)
	}
}

// TestConnectionWithoutAByte checks that it counts as played, and is not missed
// where it is not.
func TestConnectionWithoutAByte(t *testing.T) {
	p := play(t, "unix", withTurns(nil, marks(client, cassettes.EOF), marks(server, cassettes.EOF)), saying(t, get("/b"), "1"))
	if r := p.Report(); r.Played != 0 || r.Unplayed != 1 || len(p.Unplayed()) != 1 {
		t.Errorf("the report is %+v", r)
	}
	c := p.dial(t)
	expectEnd(t, c, open)
	closeWrite(t, c)
	expectEnd(t, c, eof)
	if r := p.Report(); r.Played != 1 || r.Unplayed != 1 || len(r.Misses) != 0 {
		t.Errorf("the report is %+v", r)
	}
}

// TestAnswerToHalfAHead checks that a server that answered the beginning of a
// head, because it was wrong already, does so again.
func TestAnswerToHalfAHead(t *testing.T) {
	p := play(t, "unix",
		withTurns(nil, says(client, "GET /\r\n"), says(server, "400\r\n"), marks(server, cassettes.EOF), marks(client, cassettes.EOF)),
		saying(t, get("/b"), "1"))
	if got := p.conversation(t, get("/b")); got[0] != "1" {
		t.Errorf("HTTP got %q", got)
	}
	c := p.dial(t)
	send(t, c, "GET /\r\n")
	expect(t, c, "400\r\n")
	expectEnd(t, c, eof)
}

// TestClientThatLeavesEarly checks that it ends its stream quietly.
func TestClientThatLeavesEarly(t *testing.T) {
	p := play(t, "unix", upgrade(t, says(client, "never sent"), says(server, strings.Repeat("x", 1<<20)), marks(server, cassettes.EOF)))
	c := p.dial(t)
	send(t, c, attach)
	expect(t, c, upgraded)
	c.Close()
	ended := make(chan error, 1)
	go func() { ended <- p.Shutdown(t.Context()) }()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if r := p.Report(); r.Played != 1 || len(r.Misses) != 0 {
		t.Errorf("the report is %+v", r)
	}
}

// TestStreamAfterJunk checks that a stream is heard on a connection whose exchange
// before was recorded with bytes after it that nobody answered.
func TestStreamAfterJunk(t *testing.T) {
	first := plain(t, get("/x"), noContent204)
	junk := &cassettes.Interaction{Conn: 1, Timed: true, Turns: &cassettes.Turns{List: []cassettes.Turn{{Side: client, Data: []byte("\x01junk"), Seq: 3, Size: 5}}}}
	shell := upgrade(t, says(client, "ls\n"), says(server, "total 0\n"), marks(client, cassettes.EOF))
	first.Conn, shell.Conn = 1, 2
	p := play(t, "unix", first, junk, shell)
	c := p.dial(t)
	send(t, c, get("/x"))
	expect(t, c, noContent204)
	send(t, c, attach)
	expect(t, c, upgraded)
	send(t, c, "ls\n")
	expect(t, c, "total 0\n")
}

// TestOpeningIsNotKept checks that a connection to a server that never answered
// keeps no more bytes than it takes to recognise it.
func TestOpeningIsNotKept(t *testing.T) {
	p := play(t, "unix", withTurns(nil, says(client, strings.Repeat("\x01", recorded.OpeningMax+10))))
	c := p.dial(t)
	for range 64 {
		send(t, c, strings.Repeat("\x01", recorded.OpeningMax))
	}
	p.Close()
	if got := p.Report(); got.Played != 1 {
		t.Errorf("%d played, want 1: it was not taken for what was recorded", got.Played)
	}
}
