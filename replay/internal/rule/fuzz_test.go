package rule

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/matchers"
)

// FuzzKeysAgreeWithMatchers checks that the default rule is what matchers
// says that it is.
func FuzzKeysAgreeWithMatchers(f *testing.F) {
	for _, s := range [][2]string{{"/a?x=1", "/a?x=1"}, {"/a%7E", "/a~"}, {"/a", "/a?"}, {"/?b&a", "/?a=&b="}, {"/%2f", "//"}} {
		f.Add(s[0], s[1])
	}
	r, err := New(cassettes.Match{})
	if err != nil {
		f.Fatal(err)
	}
	all := matchers.All(matchers.Method(), matchers.Path(), matchers.Query())
	a, b := Keyer{Rule: r}, Keyer{Rule: r}
	f.Fuzz(func(t *testing.T, live, recorded string) {
		if !strings.HasPrefix(live, "/") || !strings.HasPrefix(recorded, "/") || strings.ContainsAny(live+recorded, "#; \x7f") {
			t.Skip("no target in origin-form")
		}
		u, err := url.ParseRequestURI(live)
		if err != nil {
			t.Skip("net/http would not take it")
		}
		if _, err := url.Parse("http://h" + recorded); err != nil {
			t.Skip("go-vcr would not take it")
		}
		got := bytes.Equal(Key(&a, "GET", live, ""), Key(&b, "GET", "http://h"+recorded, ""))
		want := all.Match(&http.Request{Method: "GET", URL: u}, cassette.Request{Method: "GET", URL: "http://h" + recorded})
		if got != want {
			t.Errorf("%q and %q: the keys say %v, matchers %v", live, recorded, got, want)
		}
	})
}
