package matchers_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/wiretape/wiretape/matchers"
)

// archive returns a tar archive of names and contents, packed at some time.
func archive(t *testing.T, packed time.Time, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		h := &tar.Header{Name: files[i], Mode: 0o600, Size: int64(len(files[i+1])), ModTime: packed}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func zipped(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// multi returns a multipart body of one field.
func multi(boundary, name, value string) string {
	return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n--" + boundary + "--\r\n"
}

func TestMatchBody(t *testing.T) {
	const form, mixed = "application/x-www-form-urlencoded", "multipart/form-data; boundary="
	now, then := time.Unix(1_800_000_000, 0), time.Unix(1_500_000_000, 0)
	context := archive(t, now, "Dockerfile", "FROM a", "x", "1")
	type body struct{ kind, data string }
	for _, tt := range []struct {
		name           string
		m              matchers.Matcher
		live, recorded body
		why            string // part of the explanation; "" where they match
	}{
		{"bytes", matchers.Body(), body{"", "abc"}, body{"text/plain", "abc"}, ""},
		{"no bodies", matchers.Body(), body{}, body{}, ""},
		{"other text", matchers.Body(), body{"", "a\nb\n"}, body{"", "a\nc\n"}, `line 2: "b\n" instead of "c\n"`},
		{"other bytes", matchers.Body(), body{"", "a\x00b"}, body{"", "a\x00c!"}, "3 B instead of 4 B, different from byte 2 on"},
		{"no body", matchers.Body(), body{}, body{"", "abc"}, "none instead of 3 B"},
		{"JSON with another space is other bytes", matchers.Body(), body{"", "{} "}, body{"", "{}"}, "3 B instead of 2 B"},
		{"JSON field as bytes", matchers.Body(), body{"", `{"a":1}`}, body{"", `{"a":2}`}, "$.a: 1 instead of 2"},

		{"JSON in another order", matchers.JSON(), body{"", `{"a": 1.0, "b": [1e2]}`}, body{"", `{"b":[100],"a":1}`}, ""},
		{"JSON field", matchers.JSON(), body{"", `{"Image":"a","X":1}`}, body{"", `{"Image":"b","Y":1}`}, `$.Image: "a" instead of "b"`},
		{"large numbers", matchers.JSON(), body{"", `[10000000000000000001]`}, body{"", `[10000000000000000002]`}, "$[0]: 1"},
		{"null is not absence", matchers.JSON(), body{"", `{"a":null}`}, body{"", `{}`}, "$.a: null, which was not recorded"},
		{"ignored key", matchers.JSON("$.HostConfig.Memory"), body{"", `{"HostConfig":{"Memory":1,"b":2}}`}, body{"", `{"HostConfig":{"b":2}}`}, ""},
		{"key beside the ignored one", matchers.JSON("$.HostConfig.Memory"), body{"", `{"HostConfig":{"b":1}}`}, body{"", `{"HostConfig":{"b":2}}`}, "$.HostConfig.b: 1 instead of 2"},
		{"ignored at any depth", matchers.JSON("$..Id"), body{"", `{"Id":1,"a":[{"Id":2}]}`}, body{"", `{"a":[{"Id":3}]}`}, ""},
		{"ignored in elements", matchers.JSON("$.a[*].Id"), body{"", `{"a":[{"Id":2},{"Id":3}]}`}, body{"", `{"a":[{},{}]}`}, ""},
		{"ignored element", matchers.JSON("$.a[1]"), body{"", `{"a":[1,2]}`}, body{"", `{"a":[1,3]}`}, ""},
		{"array with an ignored element is shorter", matchers.JSON("$.a[1]"), body{"", `{"a":[1,2]}`}, body{"", `{"a":[1]}`}, "$.a[1]: null, which was not recorded"},
		{"ignored quoted key", matchers.JSON(`$["a.b"].*`), body{"", `{"a.b":{"x":1}}`}, body{"", `{"a.b":{}}`}, ""},
		{"not JSON", matchers.JSON(), body{"", "{a"}, body{"", "{b"}, `line 1: "{a" instead of "{b"`},
		{"JSON and not", matchers.JSON(), body{"", "{}"}, body{"", "{b"}, `line 1: "{}" instead of "{b"`},

		{"form in another order", matchers.Form(), body{form, "a=1&b=%32"}, body{form + "; charset=utf-8", "b=2&a=1"}, ""},
		{"form field", matchers.Form(), body{form, "a=1&b=2"}, body{form, "a=1&b=3"}, `b: "2" instead of "3"`},
		{"no form", matchers.Form(), body{"", "a=1&b=2"}, body{"", "b=2&a=1"}, `line 1`},

		{"another boundary", matchers.Multipart(), body{mixed + "x", multi("x", "a", "1")}, body{mixed + "y", multi("y", "a", "1")}, ""},
		{"part", matchers.Multipart(), body{mixed + "x", multi("x", "a", "12")}, body{mixed + "y", multi("y", "a", "1")}, `a: "12" instead of "1"`},
		{"part of another name", matchers.Multipart(), body{mixed + "x", multi("x", "a", "1")}, body{mixed + "y", multi("y", "b", "1")}, `b is missing`},
		{"multipart that is cut", matchers.Multipart(), body{mixed + "x", "--x\r\n"}, body{mixed + "x", "--x\r\n"}, ""},

		{"archive of another time", matchers.Tar(), body{"", context}, body{"", archive(t, then, "x", "1", "./Dockerfile", "FROM a")}, ""},
		{"gzipped", matchers.Tar(), body{"", zipped(t, context)}, body{"", context}, ""},
		{"file", matchers.Tar(), body{"", context}, body{"", archive(t, now, "Dockerfile", "FROM b", "x", "1")}, `Dockerfile, line 1: "FROM a" instead of "FROM b"`},
		{"files", matchers.Tar(), body{"", context}, body{"", archive(t, now, "Dockerfile", "FROM a", "y", "1")}, `x was not recorded`},
		{"archive that is cut", matchers.Tar(), body{"", context[:515]}, body{"", context}, "different from byte 515 on"},
		{"gzip that is none", matchers.Tar(), body{"", "\x1f\x8b"}, body{"", "\x1f\x8b"}, ""},

		{"content: JSON", matchers.Content("$.a"), body{"", `{"a": 1}`}, body{"", `{}`}, ""},
		{"content: tar", matchers.Content(), body{"", context}, body{"", archive(t, then, "Dockerfile", "FROM a", "x", "1")}, ""},
		{"content: form", matchers.Content(), body{form, "a=1&b=2"}, body{form, "b=2&a=1"}, ""},
		{"content: text", matchers.Content(), body{"", "a"}, body{"", "b"}, `"a" instead of "b"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, copies := range []bool{false, true} {
				live, err := http.NewRequest("POST", "http://h/", strings.NewReader(tt.live.data))
				if err != nil {
					t.Fatal(err)
				}
				if !copies {
					live.GetBody = nil // as a server has it
					live.Body = io.NopCloser(iotest.OneByteReader(strings.NewReader(tt.live.data)))
				}
				live.Header.Set("Content-Type", tt.live.kind)
				recorded := cassette.Request{Method: "POST", URL: "http://h/", Body: tt.recorded.data, Headers: http.Header{"Content-Type": {tt.recorded.kind}}}
				checkBody(t, tt.m, live, recorded, tt.why)
				if got, err := io.ReadAll(live.Body); err != nil || string(got) != tt.live.data {
					t.Errorf("the body is %q, %v after matching, want %q", got, err, tt.live.data)
				}
			}
		})
	}
}

func checkBody(t *testing.T, m matchers.Matcher, live *http.Request, recorded cassette.Request, why string) {
	t.Helper()
	if got := m.Match(live, recorded); got != (why == "") {
		t.Errorf("it matches: %v", got)
	}
	text := m.Explain(live, recorded)
	if (text == "") != (why == "") || !strings.Contains(text, why) {
		t.Errorf("the explanation is %q, want %q in it", text, why)
	}
	other, err := matchers.Request(recorded)
	if err != nil {
		t.Fatal(err)
	}
	a, okA := m.Key(live)
	b, okB := m.Key(other)
	if !okA || !okB || (a == b) != (why == "") {
		t.Errorf("keys %q, %v and %q, %v", a, okA, b, okB)
	}
}

// TestRequestKeepsBodyThatFails checks that a request keeps the part of its body that was
// read, and the error.
func TestRequestKeepsBodyThatFails(t *testing.T) {
	failed := errors.New("cut off")
	live, err := http.NewRequest("POST", "http://h/", io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(failed)))
	if err != nil {
		t.Fatal(err)
	}
	recorded := cassette.Request{Method: "POST", URL: "http://h/", Body: "abc"}
	for _, m := range []matchers.Matcher{matchers.Body(), matchers.JSON(), matchers.Tar()} {
		if m.Match(live, recorded) {
			t.Errorf("%T matches", m)
		}
		if got := m.Explain(live, recorded); !strings.Contains(got, "cut off") {
			t.Errorf("the explanation is %q", got)
		}
	}
	if got, err := io.ReadAll(live.Body); string(got) != "abc" || !errors.Is(err, failed) {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestExplanationFitsAScreen(t *testing.T) {
	live, err := http.NewRequest("POST", "http://h/", strings.NewReader(strings.Repeat("live\n", 500)+strings.Repeat("x", 5000)))
	if err != nil {
		t.Fatal(err)
	}
	got := matchers.Body().Explain(live, cassette.Request{URL: "http://h/", Body: strings.Repeat("recorded\n", 500)})
	if n := strings.Count(got, "\n"); n > 24 || len(got) > 4000 || !strings.Contains(got, "more differences") {
		t.Errorf("%d lines, %d B:\n%s", n, len(got), got)
	}
}

func TestCheckJSONPath(t *testing.T) {
	for _, good := range []string{"$.a", "$.a.b", "$..Id", "$[0].a", "$[*]", `$["a \"b"]`, "$.*", "$.a-b.c/d"} {
		if err := matchers.CheckJSONPath(good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", "$", "a", ".a", "$a", "$.", "$[", "$[a]", "$[-1]", `$["a]`, "$.a..", "$[99999999999]"} {
		if err := matchers.CheckJSONPath(bad); err == nil {
			t.Errorf("%q is taken for a path", bad)
		}
	}
}

func TestCheckAPIVersion(t *testing.T) {
	for s, good := range map[string]bool{"exact": true, "any": true, "1.24": true, "4.0.0": true, "": false, "v1.24": false, "1": false, "2.x": false} {
		if err := matchers.CheckAPIVersion(s); (err == nil) != good {
			t.Errorf("%q: %v", s, err)
		}
	}
}
