package replay

import (
	"fmt"
	"strings"
	"testing"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/wiretape/wiretape/cassettes"
)

// TestIndexAgreesWithMatchers compares what an index finds requests by with
// what the matchers say of them, for pairs of targets under many rules.
func TestIndexAgreesWithMatchers(t *testing.T) {
	targets := []string{
		"/", "/_ping", "/v1.41/_ping", "/v1.24/_ping", "/v1.24", "/v2/", "/v1./x", "/v1.24x/y", "/v1.2.3/a",
		"/v1.41/containers/a1/json", "/v1.41/containers/b2/json", "/v1.24/containers/b2/json", "/containers/a1/json",
		"/v1.41/containers/a1/json?size=1", "/v1.41/containers/a1/json?since=4&size=1", "/v1.41/containers/a1/json?size=1&since=5&a%26b=1",
		"/v1.41/containers/a1%2Fx/json", "/v1.41/containers/%61%31/json", "/v1.41/containers//json", "/v1.41/containers/a1/b2/json",
		"/?since=", "/?a%26b=2", "/?a=&b", "/?b&a",
	}
	for _, m := range []cassettes.Match{
		{},
		{IgnoreQuery: []string{"since", "a&b"}},
		{IgnorePath: []string{"/containers/{}/json", "/v1.41/containers/{}/{}/json"}},
		{IgnorePath: []string{"/containers/{}/json"}, IgnoreQuery: []string{"size"}},
		{APIVersion: "any"},
		{APIVersion: "any", IgnorePath: []string{"/containers/{}/json"}},
		{APIVersion: "1.24"},
		{By: []string{"method", "path"}},
		{By: []string{"path", "query"}},
		{By: []string{"query"}},
	} {
		r, err := newRule(m)
		if err != nil {
			t.Fatal(err)
		}
		x := &index{rule: r}
		var a, b masker
		for _, method := range []string{"GET", "OPTIONS"} {
			for _, live := range targets {
				for _, was := range targets {
					recorded := keyOf(x, &b, "GET", "http://docker"+was, "")
					got := r.serves(b.key) && string(keyOf(x, &a, method, live, "")) == string(recorded)
					want := r.whole.Match(liveRequest(method, live), cassette.Request{Method: "GET", URL: "http://docker" + was})
					if got != want {
						t.Errorf("%+v: %s %s and %s: the index says %v, the matchers %v", m, method, live, was, got, want)
					}
				}
			}
		}
	}
}

func TestKeysOfRulesAllocateNothing(t *testing.T) {
	r, err := newRule(cassettes.Match{IgnoreQuery: []string{"since"}, IgnorePath: []string{"/containers/{}/json"}, APIVersion: "any"})
	if err != nil {
		t.Fatal(err)
	}
	x, m := &index{rule: r}, masker{}
	method, target := []byte("GET"), []byte("/v1.41/containers/a1/json?since=1&size=2")
	if n := testing.AllocsPerRun(100, func() { keyOf(x, &m, method, target, []byte("h")) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestRuleIsRefused(t *testing.T) {
	for want, m := range map[string]cassettes.Match{
		`match on "url"`:                        {By: []string{"url"}},
		`match on "header:"`:                    {By: []string{"header:"}},
		"a body is compared in one way":         {By: []string{"json", "tar"}},
		`path "/containers"`:                    {IgnorePath: []string{"/containers"}},
		`JSON path "Memory"`:                    {IgnoreJSON: []string{"Memory"}},
		`API version "v1.24"`:                   {APIVersion: "v1.24"},
		`path "containers/{}": want one with {`: {IgnorePath: []string{"containers/{}"}},
	} {
		if err := CheckMatch(m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", m, err, want)
		}
	}
}

// TestRuleOfCassettes: what the caller says goes before the cassette's block,
// that before the preset, and what is to be ignored adds up.
func TestRuleOfCassettes(t *testing.T) {
	open := func(product string, m *cassettes.Match) *cassettes.Cassette {
		return tape(t, cassettes.Header{API: cassettes.API{Product: product, Version: "1"}, Match: m})
	}
	block := &cassettes.Match{By: []string{"method", "path", "query", "tar"}, APIVersion: "any", IgnoreQuery: []string{"x"}}
	for _, tt := range []struct {
		name     string
		caller   cassettes.Match
		cassette *cassettes.Cassette
		preset   string
		want     string
	}{
		{"default", cassettes.Match{}, open("x", nil), "", "[method path query] [] exact"},
		{"preset", cassettes.Match{}, open("Docker", nil), "", "[method path query] [since until session buildid] exact"},
		{"preset of another name", cassettes.Match{}, open("podman", nil), "", "[method path query] [since until session buildid] exact"},
		{"no preset", cassettes.Match{}, open("docker", nil), "none", "[method path query] [] exact"},
		{"named preset", cassettes.Match{}, open("docker", nil), "registry", "[method path query] [_state] exact"},
		{"block", cassettes.Match{}, open("registry", block), "", "[method path query tar] [x _state] any"},
		{"caller", cassettes.Match{By: []string{"path"}, APIVersion: "1.24", IgnoreQuery: []string{"y"}}, open("registry", block), "", "[path] [y x _state] 1.24"},
	} {
		r, err := resolveRule(tt.caller, []*cassettes.Cassette{tt.cassette}, tt.preset)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := fmt.Sprintf("%v %v %s", r.By, r.IgnoreQuery, r.APIVersion); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
	if _, err := resolveRule(cassettes.Match{}, nil, "dokcer"); err == nil {
		t.Error("a preset that is none is taken")
	}
}

// TestRuleChoosesAmongEquals plays what was recorded with the same target by
// what else the rule compares, in whatever order it is asked for.
func TestRuleChoosesAmongEquals(t *testing.T) {
	withHeader := func(value string) string {
		return strings.Replace(get("/a"), "Host: h", "Host: h\r\nAccept: "+value+"\r\nAuthorization: Basic "+value, 1)
	}
	large := strings.Repeat("x", spoolMax)
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
