package replay

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/replay/internal/plan"
)

// TestMissOfHEAD checks that the answer to a HEAD has no body, which a client
// would take for the next answer.
func TestMissOfHEAD(t *testing.T) {
	p := play(t, "unix", saying(t, get("/a"), "0"))
	c := p.dial(t)
	send(t, c, "HEAD /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
	got, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	if head, body, ok := strings.Cut(string(got), "\r\n\r\n"); !ok || body != "" || !strings.HasPrefix(head, "HTTP/1.1 501 ") {
		t.Errorf("the answer is %q", got)
	}
}

// TestUnreadable checks that an interaction that cannot be read is an answer,
// also to a client whose body is still to come.
func TestUnreadable(t *testing.T) {
	path := writeTape(t, cassettes.Header{}, saying(t, post("/a", "xyz"), "0"))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.ReplaceAll(string(text), "framing: length", "framing: unheard-of"))
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	p := serve(t, "unix", &Server{Cassettes: []*cassettes.Cassette{openTape(t, path)}})
	c := p.dial(t)
	send(t, c, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 9223372036854775807\r\n\r\nabc")
	resp, body := newResponseReader(c).read(t)
	if resp.StatusCode != 501 || !resp.Close || !strings.Contains(body, "read interaction 0") {
		t.Errorf("the answer is %v with %q", resp, body)
	}
	expectEnd(t, c, eof)
}

// TestContinueBeforePlan checks that a client that waits for a 100 Continue
// gets one where the answer is more than one that is kept.
func TestContinueBeforePlan(t *testing.T) {
	large := strings.Repeat("x", 2*plan.AnswerMax)
	p := play(t, "unix", saying(t, post("/a", "xyz"), large))
	c := p.dial(t)
	send(t, c, wantsToGoOn)
	expect(t, c, "HTTP/1.1 100 Continue\r\n\r\n")
	send(t, c, "xyz")
	if got := newResponseReader(c).body(t); got != large {
		t.Errorf("the answer has %d bytes, want %d", len(got), len(large))
	}
}

// TestBodyCutShort checks that a client that closes its side within a body is
// not answered as one was that had sent all of it.
func TestBodyCutShort(t *testing.T) {
	for name, answer := range map[string]string{"answer": "0", "plan": strings.Repeat("x", 2*plan.AnswerMax)} {
		t.Run(name, func(t *testing.T) {
			before := "HTTP/1.1 204 No Content\r\n\r\n"
			p := play(t, "unix", plain(t, get("/b"), before), saying(t, post("/a", "xyz"), answer))
			c := p.dial(t)
			send(t, c, get("/b")+"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxy")
			if err := endpoint.CloseWrite(c); err != nil {
				t.Fatal(err)
			}
			expect(t, c, before)
			expectEnd(t, c, eof)
			if notes := p.Report().Notes; len(notes) != 1 {
				t.Errorf("the notes are %v, want one", notes)
			}
		})
	}
}
