package index_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/index"
	"github.com/wiretape/wiretape/replay/internal/rule"
	"github.com/wiretape/wiretape/replay/internal/tapetest"
)

// post returns a POST request with a body.
func post(body string) string {
	return fmt.Sprintf("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// posts returns the index of requests to one target with these bodies.
func posts(t *testing.T, m cassettes.Match, bodies ...string) *index.Index {
	t.Helper()
	var items []*cassettes.Interaction
	for _, b := range bodies {
		items = append(items, tapetest.Plain(t, post(b), "HTTP/1.1 204 No Content\r\n\r\n"))
	}
	cs := []*cassettes.Cassette{tapetest.Cassette(t, cassettes.Header{}, items...)}
	r, err := rule.Resolve(m, nil, cs, "none")
	if err != nil {
		t.Fatal(err)
	}
	x, err := index.New(cs, r, index.Options{Bind: true, Guess: true})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// claim claims what answers a request with that body; -1 stands for nothing, and
// the sign of a repeat's position is turned.
func claim(x *index.Index, body string, how index.Repeat) int32 {
	k := x.Keyer()
	g, refs := x.Find(&k, []byte("POST"), []byte("/a"), []byte("h"))
	if g == nil {
		return -1
	}
	d := x.NewDigest([]byte("/a"), []byte(post(body)))
	_, _ = d.Write([]byte(body))
	cl, ok := x.Claim(g, index.Query{Digest: d, Refs: refs}, how)
	switch {
	case !ok:
		return -1
	case cl.Repeat:
		return -cl.Pos - 100
	}
	return cl.Pos
}

func TestEqualBodyIsClaimedFirst(t *testing.T) {
	x := posts(t, cassettes.Match{By: []string{"method", "path", "query"}}, "one", "two", "one")
	for i, tt := range []struct {
		body string
		how  index.Repeat
		want int32
	}{
		{"two", index.Never, 1},
		{"one", index.Never, 0},
		{"other", index.Never, 2}, // bodies count only among those that are left
		{"one", index.Never, -1},
		{"two", index.Last, -101},
		{"one", index.Loop, -100},
	} {
		if got := claim(x, tt.body, tt.how); got != tt.want {
			t.Errorf("claim %d, of %q: got %d, want %d", i, tt.body, got, tt.want)
		}
	}
	if !x.Unclaim(0, x.Run()) || claim(x, "one", index.Never) != 0 {
		t.Error("an unclaimed interaction is not claimed again")
	}
	x.Reset()
	if got := claim(x, "two", index.Never); got != 1 {
		t.Errorf("after a reset %d is claimed, want 1", got)
	}
}

func TestOnlyEqualBodyAnswersByDetail(t *testing.T) {
	x := posts(t, cassettes.Match{By: []string{"method", "path", "query", "json"}}, `{"a":1,"b":2}`)
	if got := claim(x, `{"a":2}`, index.Last); got != -1 {
		t.Errorf("another body claims %d", got)
	}
	if got := claim(x, `{"b": 2, "a": 1}`, index.Last); got != 0 {
		t.Errorf("the same JSON claims %d, want 0", got)
	}
}

func TestInteractionIsClaimedOnce(t *testing.T) {
	bodies := make([]string, 200)
	for i := range bodies {
		bodies[i] = fmt.Sprint(i % 3)
	}
	x := posts(t, cassettes.Match{}, bodies...)
	claimed := make([]atomic.Int32, len(bodies))
	var clients sync.WaitGroup
	for n := range 4 {
		clients.Go(func() {
			for i := n; i < len(bodies); i += 4 {
				if pos := claim(x, bodies[i], index.Never); pos >= 0 {
					claimed[pos].Add(1)
				}
			}
		})
	}
	clients.Wait()
	for pos := range claimed {
		if n := claimed[pos].Load(); n != 1 {
			t.Errorf("interaction %d was claimed %d times", pos, n)
		}
	}
}
