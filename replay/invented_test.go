package replay

import (
	"fmt"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
)

// labelled returns a request that creates something with a label.
func labelled(run, job string) string {
	return post("/containers/create", fmt.Sprintf(`{"Image":"base:1","Labels":{"run":%q,"job":%q}}`, run, job))
}

// TestInventedValues plays requests whose clients make values up.
func TestInventedValues(t *testing.T) {
	const a, b, x, y = "9490aefecc03ee8d", "dace7730541e6a05", "444c12dfbc1a71ef", "86a1f2cb04f59c0d"
	two := []string{labelled(a, "one"), labelled(b, "two")}
	one := []string{labelled(a, "one"), post("/networks/create", `{"Labels":{"run":"`+a+`"}}`)}
	network := func(run string) string { return post("/networks/create", `{"Labels":{"run":"`+run+`"}}`) }
	shown := func(run string) string { return post("/wait", `{"for":"`+run+`"}`) }
	for _, tt := range []struct {
		name     string
		server   *Server
		recorded []string
		live     []string
		want     []string
	}{
		{"new values", &Server{}, one, []string{labelled(x, "one"), network(x)}, []string{"0", "1"}},
		{"under strict", &Server{Strict: true}, one, []string{labelled(x, "one"), network(x)}, []string{"0", "1"}},
		{"several clients, in another order", &Server{}, two, []string{labelled(x, "two"), labelled(y, "one")}, []string{"1", "0"}},
		{"a second value for a recorded one", &Server{}, one, []string{labelled(x, "one"), network(y)}, []string{"0", "miss"}},
		{"one value for two", &Server{}, two, []string{labelled(x, "one"), labelled(x, "two")}, []string{"0", "miss"}},
		{"another recorded value", &Server{}, two, []string{labelled(b, "one")}, []string{"miss"}},
		{"another word beside it", &Server{}, one, []string{labelled(x, "three")}, []string{"miss"}},
		{"a value that the server showed first", &Server{}, []string{get("/shows-" + a), shown("shown7f3e9a1c")}, []string{shown("shown8a2d7b3e")}, []string{"miss"}},
		{"exact values", &Server{Match: cassettes.Match{By: []string{"method", "path", "query", "json"}}}, one, []string{labelled(x, "one")}, []string{"miss"}},
		{"without bindings", &Server{Bind: BindNone}, one, []string{labelled(x, "one")}, []string{"miss"}},
		{"again", &Server{Repeat: RepeatLoop}, one, []string{labelled(x, "one"), network(x), labelled(x, "one")}, []string{"0", "1", "0"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var items []*cassettes.Interaction
			for i, request := range tt.recorded {
				answer := fmt.Sprint(i)
				if tt.name == "a value that the server showed first" && i == 0 {
					answer = "shown7f3e9a1c"
				}
				items = append(items, saying(t, request, answer))
			}
			s := tt.server
			s.Order, s.Cassettes = OrderNone, []*cassettes.Cassette{tape(t, cassettes.Header{}, items...)}
			p := serve(t, "unix", s)
			for i, request := range tt.live {
				if got := p.conversation(t, request)[0]; got != tt.want[i] {
					t.Errorf("request %d: the answer is %q, want %q", i, got, tt.want[i])
				}
			}
			answers := p.Report().Answers
			if tt.want[0] != "miss" && answers[0].How != HowBound {
				t.Errorf("the report says %v, want bound", answers[0].How)
			}
		})
	}
}
