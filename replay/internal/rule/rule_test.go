package rule

import (
	"fmt"
	"strings"
	"testing"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/tapetest"
)

// TestKeysAgreeWithMatchers compares keys with the verdicts of matchers, for pairs of targets under many rules.
func TestKeysAgreeWithMatchers(t *testing.T) {
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
		r, err := New(m)
		if err != nil {
			t.Fatal(err)
		}
		a, b := Keyer{Rule: r}, Keyer{Rule: r}
		for _, method := range []string{"GET", "OPTIONS"} {
			for _, live := range targets {
				for _, was := range targets {
					recorded := Key(&b, "GET", "http://docker"+was, "")
					got := b.Serves() && string(Key(&a, method, live, "")) == string(recorded)
					want := r.whole.Match(LiveRequest(method, live), cassette.Request{Method: "GET", URL: "http://docker" + was})
					if got != want {
						t.Errorf("%+v: %s %s and %s: the keys say %v, the matchers %v", m, method, live, was, got, want)
					}
				}
			}
		}
	}
}

func TestKeysOfRulesAllocateNothing(t *testing.T) {
	r, err := New(cassettes.Match{IgnoreQuery: []string{"since"}, IgnorePath: []string{"/containers/{}/json"}, APIVersion: "any"})
	if err != nil {
		t.Fatal(err)
	}
	k := Keyer{Rule: r}
	method, target := []byte("GET"), []byte("/v1.41/containers/a1/json?since=1&size=2")
	if n := testing.AllocsPerRun(100, func() { Key(&k, method, target, []byte("h")) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestRuleIsRefused(t *testing.T) {
	for want, m := range map[string]cassettes.Match{
		`match by "url"`:                        {By: []string{"url"}},
		`match by "header:"`:                    {By: []string{"header:"}},
		"a body is compared in one way":         {By: []string{"json", "tar"}},
		`path "/containers"`:                    {IgnorePath: []string{"/containers"}},
		`JSON path "Memory"`:                    {IgnoreJSON: []string{"Memory"}},
		`API version "v1.24"`:                   {APIVersion: "v1.24"},
		`path "containers/{}": want one with {`: {IgnorePath: []string{"containers/{}"}},
	} {
		if _, err := New(m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", m, err, want)
		}
	}
}

// TestRuleOfCassettes checks that the caller's words go before the cassette's
// block, that before the preset, and that the parts to ignore add up.
func TestRuleOfCassettes(t *testing.T) {
	open := func(product string, m *cassettes.Match) *cassettes.Cassette {
		return tapetest.Cassette(t, cassettes.Header{API: cassettes.API{Product: product, Version: "1"}, Match: m})
	}
	block := &cassettes.Match{By: []string{"method", "path", "query", "tar"}, APIVersion: "any", IgnoreQuery: []string{"x"}}
	for _, tt := range []struct {
		name     string
		caller   cassettes.Match
		cassette *cassettes.Cassette
		preset   string
		want     string
	}{
		{"default", cassettes.Match{}, open("x", nil), "", "[method path query content] [] exact"},
		{"preset", cassettes.Match{}, open("Docker", nil), "", "[method path query content] [since until session buildid] exact"},
		{"preset of another name", cassettes.Match{}, open("podman", nil), "", "[method path query content] [since until session buildid] exact"},
		{"no preset", cassettes.Match{}, open("docker", nil), "none", "[method path query content] [] exact"},
		{"named preset", cassettes.Match{}, open("docker", nil), "registry", "[method path query content] [_state] exact"},
		{"block", cassettes.Match{}, open("registry", block), "", "[method path query tar] [x _state] any"},
		{"caller", cassettes.Match{By: []string{"path"}, APIVersion: "1.24", IgnoreQuery: []string{"y"}}, open("registry", block), "", "[path] [y x _state] 1.24"},
	} {
		r, err := Resolve(tt.caller, nil, []*cassettes.Cassette{tt.cassette}, tt.preset)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := fmt.Sprintf("%v %v %s", r.By, r.IgnoreQuery, r.APIVersion); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
	if _, err := Resolve(cassettes.Match{}, nil, nil, "dokcer"); err == nil {
		t.Error("a preset that is none is taken")
	}
}
