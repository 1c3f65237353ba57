package matchers_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"
	"gopkg.in/dnaeon/go-vcr.v3/recorder"

	"github.com/wiretape/wiretape/matchers"
)

// request returns a live request as a server or go-vcr has it.
func request(t testing.TB, method, target string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMatch(t *testing.T) {
	type req struct{ method, url string }
	for _, tt := range []struct {
		name     string
		m        matchers.Matcher
		live     req
		recorded req
		want     bool
	}{
		{"method", matchers.Method(), req{"GET", "/a"}, req{"GET", "http://docker/b"}, true},
		{"another method", matchers.Method(), req{"HEAD", "/a"}, req{"GET", "http://docker/a"}, false},
		{"path, another host", matchers.Path(), req{"GET", "http://x/a"}, req{"GET", "http://docker/a?b"}, true},
		{"another path", matchers.Path(), req{"GET", "http://x/a/"}, req{"GET", "http://x/a"}, false},
		{"escaped path", matchers.Path(), req{"GET", "/a%7e"}, req{"GET", "/a~"}, true},
		{"escaped slash", matchers.Path(), req{"GET", "/a%2Fb"}, req{"GET", "/a/b"}, false},
		{"no path", matchers.Path(), req{"GET", "http://x"}, req{"GET", "http://x/"}, true},
		{"server-wide OPTIONS", matchers.Path(), req{"OPTIONS", "*"}, req{"OPTIONS", "http://x"}, true},
		{"pattern", matchers.Path("/c/{}/json"), req{"GET", "/c/1/json"}, req{"GET", "/c/2/json"}, true},
		{"pattern, other end", matchers.Path("/c/{}/json"), req{"GET", "/c/1/json"}, req{"GET", "/c/2/top"}, false},
		{"pattern, longer path", matchers.Path("/c/{}"), req{"GET", "/c/1/json"}, req{"GET", "/c/2/json"}, false},
		{"query in another order", matchers.Query(), req{"GET", "/?a=1&b=2"}, req{"GET", "/?b=2&a=1"}, true},
		{"another value", matchers.Query(), req{"GET", "/?a=1"}, req{"GET", "/?a=2"}, false},
		{"values in another order", matchers.Query(), req{"GET", "/?a=1&a=2"}, req{"GET", "/?a=2&a=1"}, false},
		{"ignored key", matchers.Query("since"), req{"GET", "/?a=1&since=5"}, req{"GET", "/?since=7&a=1"}, true},
		{"ignored key that is missing", matchers.Query("since"), req{"GET", "/?a=1"}, req{"GET", "/?since=7&a=1"}, true},
		{"ignored key with an escape", matchers.Query("a&b"), req{"GET", "/?a%26b=1"}, req{"GET", "/?a%26b=2"}, true},
		{"recorded URL that is none", matchers.Query(), req{"GET", "/"}, req{"GET", "http://[/"}, false},
		{"all", matchers.All(matchers.Method(), matchers.Path()), req{"GET", "/a?1"}, req{"GET", "/a?2"}, true},
		{"not all", matchers.All(matchers.Method(), matchers.Path()), req{"GET", "/a"}, req{"PUT", "/a"}, false},
		{"all of none", matchers.All(), req{"GET", "/a"}, req{"PUT", "/b"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			live := request(t, tt.live.method, tt.live.url)
			recorded := cassette.Request{Method: tt.recorded.method, URL: tt.recorded.url}
			if got := tt.m.Match(live, recorded); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if text := tt.m.Explain(live, recorded); (text == "") != tt.want {
				t.Errorf("the explanation is %q", text)
			}
			other, err := matchers.Request(recorded)
			if err != nil {
				return
			}
			a, okA := tt.m.Key(live)
			b, okB := tt.m.Key(other)
			if okA != okB || tt.want && a != b {
				t.Errorf("keys %q, %v and %q, %v of requests that match", a, okA, b, okB)
			}
		})
	}
}

func TestExplain(t *testing.T) {
	m := matchers.All(matchers.Method(), matchers.Path(), matchers.Query())
	got := m.Explain(request(t, "GET", "/a?x=1&y=2"), cassette.Request{Method: "PUT", URL: "http://h/b?x=1&z=3"})
	for _, want := range []string{"method: GET instead of PUT", "path: /a instead of /b", `y: "2", which was not recorded`, `z: missing, recorded as "3"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
}

// TestWithGoVCR uses a Matcher as go-vcr's, unchanged.
func TestWithGoVCR(t *testing.T) {
	name := filepath.Join(t.TempDir(), "events")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.URL.RawQuery)
	}))
	defer server.Close()
	get := func(mode recorder.Mode, query string) string {
		rec, err := recorder.NewWithOptions(&recorder.Options{CassetteName: name, Mode: mode})
		if err != nil {
			t.Fatal(err)
		}
		defer rec.Stop()
		rec.SetMatcher(matchers.All(matchers.Method(), matchers.Path(), matchers.Query("since")).Match)
		resp, err := rec.GetDefaultClient().Get(server.URL + "/events?" + query)
		if err != nil {
			return err.Error()
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	get(recorder.ModeRecordOnly, "since=1&all=1")
	if _, err := os.Stat(name + ".yaml"); err != nil {
		t.Fatal(err)
	}
	if got := get(recorder.ModeReplayOnly, "all=1&since=99"); got != "since=1&all=1" {
		t.Errorf("got %q, want the recorded answer", got)
	}
	if got := get(recorder.ModeReplayOnly, "all=0&since=1"); !strings.Contains(got, cassette.ErrInteractionNotFound.Error()) {
		t.Errorf("got %q, want no interaction", got)
	}
}

func ExampleAll() {
	rec, err := recorder.NewWithOptions(&recorder.Options{CassetteName: "testdata/events", Mode: recorder.ModeReplayOnly})
	if err != nil {
		return // there is no such cassette here
	}
	defer rec.Stop()
	m := matchers.All(matchers.Method(), matchers.Path("/containers/{}/json"), matchers.Query("since", "until"))
	rec.SetMatcher(m.Match)
}
