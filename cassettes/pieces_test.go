package cassettes

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// blocks are interactions as go-vcr v3 and v4 write them, with what the wire says
// nothing about.
var blocks = []string{
	"    - id: 0\n      request:\n        proto: HTTP/1.1\n        host: api.example\n        body: \"\"\n        form: {}\n        headers: {}\n        url: https://api.example/ping\n        method: GET\n" +
		"      response:\n        proto: HTTP/2.0\n        content_length: -1\n        uncompressed: true\n        body: pong\n        headers: {}\n        status: 200 OK\n        code: 200\n        duration: 1ms\n",
	"    - id: 1\n      request:\n        content_length: 3\n        host: api.example\n        body: a=1\n        form:\n            a:\n                - \"1\"\n        headers:\n            Content-Type:\n                - application/x-www-form-urlencoded\n        url: https://api.example/things\n        method: POST\n" +
		"      response:\n        proto: HTTP/2.0\n        content_length: -1\n        uncompressed: true\n        body: |\n            made\n            # of this\n        headers: {}\n        status: 201 Created\n        code: 201\n        duration: 1ms\n",
	"    # mine\n    - id: 7\n      request:\n        url: https://api.example/q?a=1\n        method: GET\n        mood: good\n      response:\n        body: |+\n            text\n\n        code: 200\n        status: 200 OK\n",
}

// excerpt copies the interactions with these indexes of a cassette with the given
// text, and returns the text of the copy.
func excerpt(t *testing.T, text string, ids ...int) string {
	t.Helper()
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from.yaml"), filepath.Join(dir, "to.yaml")
	if err := os.WriteFile(from, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	has := func(e Entry) bool { return strings.Contains(fmt.Sprint(ids), fmt.Sprint(e.ID)) }
	if err := CopyVerbatim(to, false, []Excerpt{{open(t, from), has}}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

func TestWhatGoVCRWroteStaysAsItIs(t *testing.T) {
	const above, below = "---\n# all of it\nversion: 2\ninteractions:\n", "# the end\nversion: 2\n"
	all := strings.Join(blocks, "")
	crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	left := func(s string) string {
		return strings.ReplaceAll(strings.TrimPrefix(s, "    "), "\n    ", "\n")
	}
	for _, test := range []struct{ name, text, want string }{
		{"the first goes", above + all, above + blocks[1] + blocks[2]},
		{"list first", "interactions:\n" + all + below, "interactions:\n" + blocks[1] + blocks[2] + below},
		{"no indentation", above + left(all), above + left(blocks[1]) + left(blocks[2])},
		{"CRLF", crlf(above + all), crlf(above + blocks[1] + blocks[2])},
		{"no line end", above + strings.TrimSuffix(blocks[0]+blocks[1]+blocks[1], "\n"), above + blocks[1] + blocks[1]},
	} {
		if got := excerpt(t, test.text, 1, 2); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

func TestGoVCRPlaysWhatWasTakenOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	text := excerpt(t, "---\nversion: 2\ninteractions:\n"+blocks[0]+blocks[1], 1)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	rec := play(t, path)
	request, err := http.NewRequest("POST", "https://api.example/things", strings.NewReader("a=1"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := rec.RoundTrip(request)
	if err != nil || got.StatusCode != 201 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestExcerptsWithOtherIndentationStandInOneList(t *testing.T) {
	dir := t.TempDir()
	var excerpts []Excerpt
	for i, text := range []string{
		"interactions:\n- request:\n    url: http://a/0\n    method: GET\n  response:\n    body: |\n      a\n\n      b\n    code: 200\n",
		"interactions:\n    - request:\n        url: http://a/1\n        method: GET\n      response:\n        code: 204\n",
	} {
		path := filepath.Join(dir, fmt.Sprint(i, ".yaml"))
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		excerpts = append(excerpts, Excerpt{open(t, path), func(Entry) bool { return true }})
	}
	to := filepath.Join(dir, "to.yaml")
	if err := CopyVerbatim(to, false, excerpts); err != nil {
		t.Fatal(err)
	}
	c := open(t, to)
	if c.Len() != 2 {
		t.Fatalf("got %d interactions, want 2", c.Len())
	}
	it, err := c.Interaction(0)
	if err != nil || string(it.Response.Body.Data) != "a\n\nb\n" {
		t.Errorf("got %v, %v", it, err)
	}
}

func TestNothingIsTakenOutOfALine(t *testing.T) {
	c, err := Open(fstest.MapFS{"c.yaml": {Data: []byte(`{interactions: [{request: {url: http://a/, method: GET}, response: {code: 204}}], version: 2}`)}}, "c.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	err = CopyVerbatim(filepath.Join(t.TempDir(), "to.yaml"), false, []Excerpt{{c, func(Entry) bool { return true }}})
	wantError(t, err, "c.yaml", "cassette fmt --from vcr")
}

func TestOtherLayoutsOfAnySizeLoad(t *testing.T) {
	item := "    - request:\n        url: http://h.test/x\n        method: GET\n      response:\n        body: " + strings.Repeat("x", 1000) + "\n        code: 200\n"
	many := strings.Repeat(item, 2200)
	for name, text := range map[string]string{
		"list first": "interactions:\n" + many + "version: 1\n",
		"CRLF":       strings.ReplaceAll("---\nversion: 1\ninteractions:\n"+many, "\n", "\r\n"),
		"v4":         "---\nversion: 2\ninteractions:\n" + many,
		"whole":      "version: 2\ninteractions:\n    -\n" + strings.Replace(strings.Repeat(item, 1100), "    - ", "      ", 1) + many,
	} {
		c, err := Open(fstest.MapFS{"c.yaml": {Data: []byte(text)}}, "c.yaml")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		defer c.Close()
		if (c.pieces == nil) != (name == "whole") {
			t.Errorf("%s: read piece by piece: %v", name, c.pieces != nil)
		}
		it, err := c.Interaction(c.Len() - 1)
		if err != nil || len(it.Response.Body.Data) != 1000 || c.Len() < 2200 {
			t.Errorf("%s: %d interactions, %v", name, c.Len(), err)
		}
	}
}

func TestPiecesKeepTheNumbersOfLines(t *testing.T) {
	for text, want := range map[string]string{
		"---\nversion: 2\ninteractions:\n" + blocks[0] + "    - id: x\n":          "c.yaml:22: ",
		"interactions:\n" + blocks[0] + "version: 9\n":                            "c.yaml:20: want version 1 or 2",
		"interactions:\n- request:\n    uri: http://x/\n- request: {}\n":          "c.yaml:3: this is a cassette of vcrpy",
		"interactions:\n" + strings.Replace(blocks[0], "code: 200", "code: [", 1): "c.yaml:",
	} {
		wantError(t, loadAll(fstest.MapFS{"c.yaml": {Data: []byte(text)}}), "c.yaml", strings.TrimPrefix(want, "c.yaml"))
	}
}
