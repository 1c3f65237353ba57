package stream

import (
	"slices"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/peek"
	"github.com/wiretape/wiretape/replay/internal/tapetest"
)

var says, marks = tapetest.Says, tapetest.Marks

func TestTake(t *testing.T) {
	shell := []cassettes.Turn{says(http1.Server, "$ "), says(http1.Client, "ls"), says(http1.Client, "\n"), says(http1.Server, "a b\n$ "),
		says(http1.Client, "exit\n"), marks(http1.Client, cassettes.EOF)}
	for _, tt := range []struct {
		name   string
		rule   Rule
		turns  []cassettes.Turn
		sent   []string
		at     []int64
		text   string // of the mismatch
		looser bool
	}{
		{"the same", Exact, shell, []string{"l", "s\nex", "it\n"}, []int64{1, 5, 8}, "", false},
		{"leaves early", Exact, shell, []string{"l"}, []int64{1}, "", false},
		{"other bytes", Exact, shell, []string{"l", "x\n"}, []int64{1, 3}, `stream: "x\n" instead of "s\n" at byte 1, after "l"`, true},
		{"more bytes", Exact, shell, []string{"ls -l\n"}, []int64{6}, `stream: " -l\n" instead of "\n" at byte 2, after "ls"`, false},
		{"after the end", Exact, shell, []string{"ls\nexit\n", "!"}, []int64{8, 9}, `stream: "!" follows at byte 8, after "ls\nexit\n", where the recorded client closed`, false},
		{"as many bytes", Length, shell, []string{"pq\nEXIT\n"}, []int64{8}, "", false},
		{"too many bytes", Length, shell, []string{"pq\nEXIT\n", "x"}, []int64{8, 9}, `stream: "x" follows at byte 8, after "pq\nEXIT\n", where the recorded client closed`, false},
		{"anything", Any, shell, []string{"whatever", "y"}, []int64{3, 8}, "", false},
		{"where the recording broke off", Exact, shell[:3], []string{"ls\nmore"}, []int64{7}, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := NewMatch(tapetest.Stream(nil, tt.turns...), tt.rule, nil)
			defer m.Stop()
			var at []int64
			var found []string
			looser := false
			for _, b := range tt.sent {
				n, mismatch := m.Take([]byte(b), false)
				at = append(at, n)
				if mismatch != nil {
					found, looser = append(found, mismatch.Text), mismatch.LengthHelps
				}
			}
			if !slices.Equal(at, tt.at) {
				t.Errorf("the client has come to %d, want %d", at, tt.at)
			}
			if got := strings.Join(found, "\n"); got != tt.text || looser != tt.looser {
				t.Errorf("the mismatch is\n%s, %v, want\n%s, %v", got, looser, tt.text, tt.looser)
			}
		})
	}
}

// TestLongTurnIsNotRead checks that a mismatch reads no more of the recording
// than it quotes, and that Agrees makes none.
func TestLongTurnIsNotRead(t *testing.T) {
	read := 0
	turns := func(yield func(cassettes.Turn, error) bool) {
		for range 10_000 {
			read++
			if !yield(says(http1.Client, "0123456789"), nil) {
				return
			}
		}
	}
	for _, tt := range []struct {
		name  string
		wrong func(*Match) bool
		most  int
	}{
		{"explained", func(m *Match) bool { _, mismatch := m.Take([]byte("012345x"), false); return mismatch != nil }, 8},
		{"not explained", func(m *Match) bool { return !m.Agrees([]byte("012345x")) }, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			read = 0
			m := &Match{turns: peek.New(turns)}
			defer m.Stop()
			if !tt.wrong(m) {
				t.Error("no difference was found")
			}
			if read > tt.most {
				t.Errorf("%d turns were read, want %d at most", read, tt.most)
			}
		})
	}
}

// TestWebSocketMasksDoNotCount sends the frames of RFC 6455 section 5.7 with
// another masking key, in pieces.
func TestWebSocketMasksDoNotCount(t *testing.T) {
	frame := func(key, payload string) string {
		b := []byte{0x81, 0x80 | byte(len(payload))}
		b = append(b, key...)
		for i := range payload {
			b = append(b, payload[i]^key[i&3])
		}
		return string(b)
	}
	it := tapetest.Plain(t, "GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	it = tapetest.Stream(it, says(http1.Client, frame("abcd", "Hello")), says(http1.Client, frame("efgh", "World")))
	for name, tt := range map[string]struct {
		sent string
		ok   bool
	}{
		"other keys":  {frame("1234", "Hello") + frame("5678", "World"), true},
		"other text":  {frame("1234", "Hello") + frame("5678", "Woods"), false},
		"other frame": {frame("1234", "HelloWorld"), false},
	} {
		m := NewMatch(it, Exact, nil)
		ok := true
		for i := range tt.sent {
			if _, mismatch := m.Take([]byte(tt.sent[i:i+1]), false); mismatch != nil {
				ok = false
			}
		}
		if ok != tt.ok {
			t.Errorf("%s: agrees is %v, want %v", name, ok, tt.ok)
		}
		m.Stop()
	}
}
