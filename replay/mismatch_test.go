package replay

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
)

// TestStreamExplanations holds the explanations of mismatches in streams, where
// the connection has left HTTP or never was HTTP, to golden files.
func TestStreamExplanations(t *testing.T) {
	shell := func() *cassettes.Interaction {
		return upgrade(t, says(server, "$ "), says(client, "cat notes.txt\n"), says(server, "buy milk\n$ "),
			says(client, "rm notes.txt"), says(client, "\n"), says(server, "$ "), marks(client, cassettes.EOF), marks(server, cassettes.EOF))
	}
	redis := func() []*cassettes.Interaction {
		ask := func(q, a string) *cassettes.Interaction {
			return withTurns(nil, says(client, q), says(server, a), marks(client, cassettes.EOF), marks(server, cassettes.EOF))
		}
		return []*cassettes.Interaction{
			ask("*2\r\n$3\r\nGET\r\n$4\r\nname\r\n", "$3\r\nann\r\n"), ask("*1\r\n$4\r\nPING\r\n", "+PONG\r\n"),
			ask("*2\r\n$3\r\nDEL\r\n$4\r\nname\r\n", ":1\r\n"), withTurns(nil, says(server, "220 mail\r\n"), says(client, "QUIT\r\n")),
			saying(t, get("/a"), "0"),
		}
	}
	var echoed []cassettes.Turn
	typed := []string{attach, upgraded}
	for _, key := range strings.Split("vi a.txt", "") {
		echoed = append(echoed, says(client, key), says(server, key))
	}
	for _, key := range strings.Split("vi a", "") {
		typed = append(typed, key, key)
	}
	long := strings.Repeat("0123456789", 6)
	const prompt, ping = upgraded + "$ ", "*1\r\n$4\r\nPING\r\n"
	for _, tt := range []struct {
		name  string
		items []*cassettes.Interaction
		// talk holds the client's and the server's bytes, by turns; "-" closes the
		// connection, and opens another if something follows.
		talk []string
		then string // the last bytes that the client gets, with the hint followed
	}{
		{"stream-same-length", []*cassettes.Interaction{shell()}, []string{attach, prompt, "cat notes.txt\n", "buy milk\n$ ", "ls notes.txt\n"}, "$ "},
		{"stream-longer", []*cassettes.Interaction{shell()}, []string{attach, prompt, "cat notebook.txt\n"}, ""},
		{"stream-typed", []*cassettes.Interaction{upgrade(t, echoed...)}, append(typed, ","), "."},
		{"stream-far", []*cassettes.Interaction{upgrade(t, says(client, long+long), says(server, "ok"))}, []string{attach, upgraded, long + "x" + long}, ""},
		{"stream-after-end", []*cassettes.Interaction{shell()}, []string{attach, prompt, "cat notes.txt\n", "buy milk\n$ ", "rm notes.txt\n", "$ ", "exit\n"}, ""},
		{"stream-binary", []*cassettes.Interaction{upgrade(t, says(client, "\x00\x01\x02\xff"), says(server, "ok"))}, []string{attach, upgraded, "\x00\x01\x03\x1b"}, "ok"},
		{"raw-other", redis(), []string{ping, "+PONG\r\n", "-", "", "*2\r\n$3\r\nGET\r\n$3\r\nage\r\n"}, ""},
		{"raw-again", redis()[1:2], []string{ping, "+PONG\r\n", "-", "", ping}, ""},
		{"raw-goes-on", redis()[1:2], []string{ping, "+PONG\r\n", ping}, ""},
		{"raw-none", redis()[4:], []string{"\x00hello\r\n"}, ""},
		{"raw-cut-short", redis(), []string{"*2\r\n$3\r\nSET", "", "-"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := play(t, "unix", tt.items...)
			p.talk(t, tt.talk)
			var b strings.Builder
			for _, miss := range awaitMisses(t, p) {
				b.WriteString(miss.Text + "\n")
			}
			golden(t, filepath.Join("testdata", "misses", tt.name+".txt"), b.String())
			if !strings.Contains(b.String(), "hint: in replay.Server set StreamMatch = replay.MatchLength") {
				return
			}
			loose := serve(t, "unix", &Server{Cassettes: p.Cassettes, StreamMatch: MatchLength})
			expect(t, loose.talk(t, tt.talk), tt.then)
			if misses := loose.Report().Misses; len(misses) > 0 {
				t.Errorf("with the hint followed: %+v", misses)
			}
		})
	}
}

// talk says and is told what stands in turns, "-" closing the connection.
func (p *player) talk(t *testing.T, turns []string) net.Conn {
	t.Helper()
	c := p.dial(t)
	for i, s := range turns {
		switch {
		case i%2 == 1:
			expect(t, c, s)
		case s != "-":
			send(t, c, s)
		default:
			c.Close()
			c = p.dial(t)
		}
	}
	return c
}

// awaitMisses returns the misses once there are any.
func awaitMisses(t *testing.T, p *player) []Miss {
	t.Helper()
	for until := time.Now().Add(5 * time.Second); time.Now().Before(until); time.Sleep(time.Millisecond) {
		if misses := p.Report().Misses; len(misses) > 0 {
			return misses
		}
	}
	t.Fatal("there is no miss")
	return nil
}
