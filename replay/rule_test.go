package replay

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/spool"
)

// TestRuleChoosesAmongEquals has the rule's other parts choose among recordings
// of one target, in any order of requests.
func TestRuleChoosesAmongEquals(t *testing.T) {
	withHeader := func(value string) string {
		return strings.Replace(get("/a"), "Host: h", "Host: h\r\nAccept: "+value+"\r\nAuthorization: Basic "+value, 1)
	}
	large := strings.Repeat("x", spool.MemoryMax)
	for _, tt := range []struct {
		name     string
		on       string
		recorded []string
		live     []string
		want     string
	}{
		{"field", "header:Accept", []string{withHeader("a"), withHeader("b")}, []string{withHeader("b"), withHeader("a"), withHeader("c"), withHeader("b")}, "1 0 miss 1"},
		{"masked field", "header:Authorization", []string{withHeader("secret")}, []string{withHeader("another")}, "0"},
		{"body", "body", []string{post("/a", "1"), post("/a", "2")}, []string{post("/a", "2"), post("/a", "3"), post("/a", "1"), post("/a", "2")}, "1 miss 0 miss"},
		{"large body", "body", []string{post("/a", large+"1"), post("/a", large+"2")}, []string{post("/a", large+"2"), post("/a", large+"3"), post("/a", large+"1")}, "1 miss 0"},
		{"JSON", "json", []string{post("/a", `{"a":1,"b":2}`)}, []string{post("/a", `{"b": 2, "a": 1}`)}, "0"},
		{"masked JSON", "json", []string{post("/a", `{"user":"joe","password":"secret"}`)}, []string{post("/a", `{"password":"x","user":"joe"}`)}, "0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var items []*cassettes.Interaction
			for i, r := range tt.recorded {
				items = append(items, saying(t, r, fmt.Sprint(i)))
			}
			c := tape(t, cassettes.Header{Redaction: []string{"default"}}, items...)
			p := serve(t, "unix", &Server{Order: OrderNone, Match: cassettes.Match{By: []string{"method", "path", "query", tt.on}}, Cassettes: []*cassettes.Cassette{c}})
			if got := strings.Join(p.conversation(t, tt.live...), " "); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
