package replay

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/matchers"
)

// A program reads a miss without looking into its text.
func TestMissIsAValue(t *testing.T) {
	p := play(t, "unix", saying(t, get("/a?since=1"), "x"))
	p.conversation(t, get("/a?since=2"))
	got := p.Report().Misses[0]
	got.Text, got.Nearest[0].Cassette = "", ""
	want := Miss{
		Request: "GET /a?since=2", Method: "GET", Target: "/a?since=2",
		Nearest: []Near{{
			Interaction: Interaction{ID: 0, Method: "GET", URL: got.Nearest[0].URL},
			Differences: []matchers.Difference{{Where: "query since", Got: `"2"`, Want: `"1"`}},
		}},
		Remedy: Remedy{Match: cassettes.Match{IgnoreQuery: []string{"since"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the miss (-want +got):\n%s", diff)
	}
	text, err := json.Marshal(got.Remedy)
	if want := `{"match":{"ignore_query":["since"]}}`; err != nil || string(text) != want {
		t.Errorf("the remedy in JSON is %s (%v), want %s", text, err, want)
	}
}

// The program that shows a miss to people words its remedy.
func TestHintIsWordedByTheCaller(t *testing.T) {
	s := &Server{Hint: func(r Remedy) string { return "ignore " + r.Match.IgnoreQuery[0] }}
	if got := s.hint(Remedy{Match: cassettes.Match{IgnoreQuery: []string{"since"}}}); got != "ignore since" {
		t.Errorf("got %q", got)
	}
	if got := s.hint(Remedy{}); got != "" {
		t.Errorf("a hint without a remedy: %q", got)
	}
	for _, r := range []Remedy{{Repeat: RepeatLast}, {StreamMatch: MatchLength}, {Match: cassettes.Match{APIVersion: "any"}}} {
		if r.IsZero() || (&Server{}).hint(r) == "" {
			t.Errorf("%+v is no remedy", r)
		}
	}
}
