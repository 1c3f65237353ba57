package matchers_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/dnaeon/go-vcr.v3/cassette"
	"gopkg.in/dnaeon/go-vcr.v3/recorder"

	"github.com/wiretape/wiretape/matchers"
)

// request returns a live request as servers and go-vcr see it.
func request(t testing.TB, method, target string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// version compares versions and, without them, paths.
func version(v string) matchers.Matcher { return matchers.APIVersion(v, matchers.Path()) }

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
		{"pattern behind a version", matchers.Path("/c/{}"), req{"GET", "/v1.41/c/1"}, req{"GET", "/v1.41/c/2"}, true},
		{"pattern behind other versions", matchers.Path("/c/{}"), req{"GET", "/v1.41/c/1"}, req{"GET", "/v1.40/c/1"}, false},
		{"same version", version("exact"), req{"GET", "/v1.41/a"}, req{"GET", "http://h/v1.41/a"}, true},
		{"another version", version("exact"), req{"GET", "/v1.41/a"}, req{"GET", "http://h/v1.40/a"}, false},
		{"no version", version("exact"), req{"GET", "/v1.41/a"}, req{"GET", "http://h/a"}, false},
		{"any version", version("any"), req{"GET", "/v1.41/a%2F"}, req{"GET", "http://h/v1.40/a%2F"}, true},
		{"any version or none", version("any"), req{"GET", "/v1.41/_ping"}, req{"GET", "http://h/_ping"}, true},
		{"any version of another path", version("any"), req{"GET", "/v1.41/a"}, req{"GET", "http://h/v1.40/b"}, false},
		{"that version", version("1.24"), req{"GET", "/v1.41/a"}, req{"GET", "http://h/v1.24/a"}, true},
		{"a version alone", version("1.24"), req{"GET", "/v1.41"}, req{"GET", "http://h/v1.24"}, true},
		{"a registry's v2 is none", version("any"), req{"GET", "/v2/"}, req{"GET", "http://h/v3/"}, false},
		{"version, recorded URL that is none", version("any"), req{"GET", "/"}, req{"GET", "http://[/"}, false},
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

// TestAnyAndNotHaveNoKey also checks their results and explanations.
func TestAnyAndNotHaveNoKey(t *testing.T) {
	live := request(t, "GET", "/v1.41/a?x=1")
	recorded := cassette.Request{Method: "PUT", URL: "http://h/v1.24/a?x=2"}
	for _, tt := range []struct {
		name string
		m    matchers.Matcher
		why  string
	}{
		{"one of two", matchers.Any(matchers.Method(), matchers.APIVersion("any", matchers.Path())), ""},
		{"none of two", matchers.Any(matchers.Method(), matchers.Query()), "and query: x: \"1\" instead of \"2\""},
		{"none of none", matchers.Any(), "nothing to agree on"},
		{"not", matchers.Not(matchers.Method()), ""},
		{"not of what agrees", matchers.Not(matchers.All()), "they are to differ"},
		{"that version", matchers.Not(version("1.23")), ""},
	} {
		if got := tt.m.Match(live, recorded); got != (tt.why == "") {
			t.Errorf("%s: it matches: %v", tt.name, got)
		}
		if got := tt.m.Explain(live, recorded); (got == "") != (tt.why == "") || !strings.Contains(got, tt.why) {
			t.Errorf("%s: the explanation is %q", tt.name, got)
		}
		if key, ok := tt.m.Key(live); ok {
			t.Errorf("%s: it has the key %q", tt.name, key)
		}
	}
	if got := version("1.23").Explain(live, recorded); got != "API version: recorded with 1.24, to be answered with 1.23" {
		t.Errorf("the explanation is %q", got)
	}
}

func TestMatchHeader(t *testing.T) {
	header := func(lines ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(lines); i += 2 {
			h.Add(lines[i], lines[i+1])
		}
		return h
	}
	for _, tt := range []struct {
		name           string
		m              matchers.Matcher
		live, recorded http.Header
		why            string
	}{
		{"the same", matchers.Header("accept"), header("Accept", "a", "X", "1"), header("Accept", "a", "X", "2"), ""},
		{"absent", matchers.Header("accept"), header(), header("X", "2"), ""},
		{"another value", matchers.Header("Accept"), header("Accept", "a"), header("Accept", "b"), `header: Accept: "a" instead of "b"`},
		{"one more", matchers.Header("Accept"), header("Accept", "a"), header(), `Accept: "a", which was not recorded`},
		{"another host", matchers.Header("Host"), header(), header(), `Host: "live" instead of "recorded"`},
		{"all but one", matchers.Headers("user-agent"), header("User-Agent", "a", "X", "1"), header("X", "1"), ""},
		{"all", matchers.Headers(), header("X", "1"), header("X", "1", "X", "2"), `X: "1" instead of "1", "2"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			live := request(t, "GET", "http://live/")
			live.Header = tt.live
			checkBody(t, tt.m, live, cassette.Request{URL: "http://recorded/", Host: "recorded", Headers: tt.recorded}, tt.why)
		})
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

func TestDifferencesNameEachPlace(t *testing.T) {
	live := request(t, "GET", "/v1.41/a?x=1&y=2")
	live.Header.Set("Accept", "text/plain")
	live.Body = io.NopCloser(strings.NewReader(`{"Name":"b","Size":1}`))
	recorded := cassette.Request{Method: "PUT", URL: "http://h/v1.24/b?x=1&z=3", Body: `{"Name":"a","Kind":"k","Size":1}`}
	m := matchers.APIVersion("exact", matchers.Method(), matchers.Path(), matchers.Query(), matchers.Header("Accept"), matchers.JSON())
	want := []matchers.Difference{
		{Where: "API version", Got: "1.41", Want: "1.24"},
		{Where: "method", Got: "GET", Want: "PUT"},
		{Where: "path", Got: "/a", Want: "/b"},
		{Where: "query y", Got: `"2"`},
		{Where: "query z", Want: `"3"`},
		{Where: "header Accept", Got: `"text/plain"`},
		{Where: "body $.Kind", Want: `"k"`},
		{Where: "body $.Name", Got: `"b"`, Want: `"a"`},
	}
	got := matchers.Differences(m, live, recorded)
	slices.SortStableFunc(got[6:], func(a, b matchers.Difference) int { return strings.Compare(a.Where, b.Where) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := matchers.Differences(matchers.Path(), live, cassette.Request{URL: "http://h/v1.41/a"}); got != nil {
		t.Errorf("requests that match differ in %v", got)
	}
}

// foreignMatcher is a Matcher of another package: it explains in text only.
type foreignMatcher struct{ matchers.Matcher }

func (foreignMatcher) Explain(*http.Request, cassette.Request) string { return "other weather" }

func TestDifferencesOfAForeignMatcher(t *testing.T) {
	m := matchers.All(foreignMatcher{matchers.Path()})
	live, recorded := request(t, "GET", "/a"), cassette.Request{URL: "http://h/b"}
	if got := matchers.Differences(m, live, recorded); len(got) != 1 || got[0].Got != "other weather" {
		t.Errorf("the differences are %v", got)
	}
	if got := m.Explain(live, recorded); got != "other weather" {
		t.Errorf("the explanation is %q", got)
	}
}
