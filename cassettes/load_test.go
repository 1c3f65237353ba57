package cassettes

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/wiretape/wiretape/internal/http1"
)

const goodHeader = "---\nversion: 2\nwire:\n  format: 1\n  source: recorded\n  redaction: []\ninteractions:\n"

// exchangeText is an item in the canonical layout, with this in its response
// under wire.
func exchangeText(extra string) string {
	return `  - id: 0
    request:
      url: http://a/
      method: GET
      body: ""
    response:
      body: ""
      code: 204
    wire:
      request:
        seq: 1
        head:
          - "GET / HTTP/1.1"
          - "Host: a"
      response:
        seq: 1
        head:
          - "HTTP/1.1 204 No Content"
          - "Server: x"
` + extra + `      conn: 1
`
}

// loadAll opens a cassette and reads all its items.
func loadAll(files fstest.MapFS) error {
	c, err := Open(files, "c.yaml")
	if err != nil {
		return err
	}
	defer c.Close()
	for i := range c.Len() {
		if _, err := c.Interaction(i); err != nil {
			return err
		}
	}
	return nil
}

func TestBadCassettesAreOneLineErrors(t *testing.T) {
	deep := strings.Repeat("[", 100) + strings.Repeat("]", 100)
	bomb := "a0: &a0 [x, x, x, x]\n"
	for i := 1; i < 20; i++ {
		bomb += strings.ReplaceAll(fmt.Sprintf("a%d: &a%d [*b, *b, *b, *b]\n", i, i), "b", fmt.Sprintf("a%d", i-1))
	}
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "c.yaml: the file is empty"},
		{"text", "hello\n", "c.yaml:1: not a cassette"},
		{"binary", "\x7fELF\x00\x00", "c.yaml: not a cassette"},
		{"other YAML", "name: x\non: push\n", `no key "interactions"`},
		{"list", "- a\n", "c.yaml:1: not a cassette"},
		{"two documents", "---\nversion: 2\ninteractions: []\n---\nversion: 2\n", "more than one document"},
		{"Ruby's VCR", "---\nhttp_interactions:\n- request:\n    method: get\nrecorded_with: VCR 2.9.2\n", "Ruby's VCR"},
		{"version 3", "---\nversion: 3\ninteractions: []\n", "c.yaml:2: want version 1 or 2"},
		{"wire.format 2", "---\nversion: 2\nwire:\n  format: 2\ninteractions: []\n", "c.yaml:4: wire.format is 2"},
		{"no wire.format", "---\nversion: 2\nwire:\n  source: recorded\ninteractions: []\n", "want the key format"},
		{"unknown key under wire", strings.Replace(goodHeader, "source:", "sauce:", 1), `c.yaml:5: wire: unknown key "sauce"`},
		{"bad time", strings.Replace(goodHeader, "source:", "recorded: yesterday\n  source:", 1), "c.yaml:5: want a time"},
		{"interactions no list", "---\nversion: 2\ninteractions: 7\n", "c.yaml:3: interactions: want a list"},
		{"interaction no mapping", "---\nversion: 2\ninteractions: [7]\n", "c.yaml:3: interaction: want a mapping"},
		{"deep", "---\nversion: 2\ninteractions: " + deep + "\n", "nested deeper"},
		{"aliases", "---\nversion: 2\n" + bomb + "interactions: []\n", "aliases"},
		{"key twice", "---\nversion: 2\nversion: 2\ninteractions: []\n", "stands here twice"},
		{"bad id", goodHeader + strings.Replace(exchangeText(""), "id: 0", "id: x", 1), "c.yaml:8: want an integer"},
		{"negative id", goodHeader + strings.Replace(exchangeText(""), "id: 0", "id: -1", 1), "c.yaml:8: want a number of 0 or more"},
		{"unknown key in message", goodHeader + exchangeText("        framse: [1]\n"), `c.yaml:27: wire.response: unknown key "framse"`},
		{"framing", goodHeader + exchangeText("        framing: gzip\n"), "c.yaml:27: want none, length, chunked, close or stream"},
		{"end", goodHeader + exchangeText("        end: soon\n"), "c.yaml:27: want complete, incomplete or none"},
		{"frames and seqs", goodHeader + exchangeText("        frames: [1, 2]\n        seqs: [1]\n"), "c.yaml:28: seqs: want 2 numbers, found 1"},
		{"frames and body", goodHeader + exchangeText("        framing: length\n        frames: [5]\n        seqs: [1]\n"), "c.yaml:28: wire.response: its frames have 5 bytes of the body, the body has 0; cassette fmt"},
		{"sizes that wrap around", goodHeader + exchangeText("        framing: length\n        frames: [9223372036854775807, 2]\n        seqs: [1, 1]\n"), "c.yaml:28: wire.response: its frames have"},
		{"times", goodHeader + exchangeText("        times: [1ms, 2ms]\n"), "c.yaml:27: times: want 1 numbers, found 2"},
		{"duration", goodHeader + exchangeText("        times: [soon]\n"), "c.yaml:27: want a duration"},
		{"mark", goodHeader + exchangeText("        closed: [[hangup, 3]]\n"), "c.yaml:27: want eof, cut, close or reset"},
		{"split", goodHeader + exchangeText("        splits: [[1, 2]]\n"), "c.yaml:27: want [frame, offset, seq]"},
		{"turn", goodHeader + exchangeText("      turns:\n        - [proxy, 1, \"x\"]\n"), "c.yaml:28: want client or server"},
		{"turn without data", goodHeader + exchangeText("      turns:\n        - [client, 1]\n"), "c.yaml:28: want data"},
		{"url", goodHeader + strings.Replace(exchangeText(""), "http://a/", "http://b/", 1), `c.yaml:20: the head disagrees with line 10: request.url is "http://b/", want "http://a/"; cassette fmt`},
		{"code", goodHeader + strings.Replace(exchangeText(""), "code: 204", "code: 404", 1), "c.yaml:25: the head disagrees with line 15"},
		{"no conn", goodHeader + strings.Replace(exchangeText(""), "      conn: 1\n", "", 1) + strings.Replace(exchangeText(""), "id: 0", "id: 1", 1), "wire: want the key conn"},
		{"no seq", goodHeader + strings.Replace(exchangeText(""), "        seq: 1\n", "", 1), "wire.request: want the key seq"},
		{"no request", goodHeader + "  - id: 0\n    wire:\n      conn: 1\n", "neither a request nor turns"},
		{"body file up", goodHeader + exchangeText("        body_file: ../c\n"), `c.yaml:27: want the name of a file beneath the cassette's folder, not "../c"`},
		{"body file absolute", goodHeader + exchangeText("        body_file: /etc/passwd\n"), "c.yaml:27: want the name"},
		{"body file inside out", goodHeader + exchangeText("        body_file: a/../../c\n"), "c.yaml:27: want the name"},
		{"body file missing", goodHeader + exchangeText("        body_file: b/0-response\n"), "c.yaml:27: file b/0-response: file does not exist"},
		{"body file a folder", goodHeader + exchangeText("        body_file: sub\n"), "c.yaml:27: file sub: want a regular file, found a directory"},
		{"binary body", goodHeader + strings.Replace(exchangeText(""), `body: ""`, `body: !!binary "x"`, 1), "c.yaml:12: want base64"},
		{"yaml tag", goodHeader + strings.Replace(exchangeText(""), `body: ""`, `body: !secret "x"`, 1), "unknown YAML tag"},
		{"bad YAML in the middle", goodHeader + strings.Replace(exchangeText(""), `method: GET`, `method: "GET`, 1) + exchangeText(""), "c.yaml:"},
	} {
		err := loadAll(fstest.MapFS{"c.yaml": {Data: []byte(test.text)}, "sub/x": {}})
		if err == nil {
			t.Errorf("%s: no error", test.name)
			continue
		}
		if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %q, want one line with %q", test.name, err, test.want)
		}
	}
	if err := loadAll(fstest.MapFS{"c.yaml": {Data: []byte(goodHeader + exchangeText(""))}}); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

// A link among the bodies that leads out of the folder is not followed.
func TestLinksOutOfTheFolderAreNotFollowed(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	folder := filepath.Join(dir, "in")
	path := filepath.Join(folder, "c.yaml")
	for _, err := range []error{
		os.WriteFile(secret, []byte("secret"), 0o666),
		os.Mkdir(folder, 0o777),
		os.Symlink(secret, filepath.Join(folder, "link")),
		os.WriteFile(path, []byte(goodHeader+exchangeText("        framing: length\n        body_file: link\n        body_size: 6\n        frames: [6]\n        seqs: [1]\n")), 0o666),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := open(t, path).Interaction(0)
	wantError(t, err, path+":28", "link", "escapes")
}

func TestACassetteBehindALinkKeepsItsBodies(t *testing.T) {
	dir := t.TempDir()
	real := filepath.Join(dir, "real.yaml")
	w := newWriter(t, real, Options{})
	it, body := chunkedItem(t, w, 3, 0)
	appendAll(t, w, it)
	closeWriter(t, w)
	other := t.TempDir()
	link := filepath.Join(other, "link.yaml")
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	c := open(t, link)
	got, err := c.Interaction(0)
	if err != nil || c.Name != link || got.Response.Body.Size() != int64(len(body)) {
		t.Errorf("%s: %v, %v", c.Name, got, err)
	}
}

func TestHandEditedLayoutsMeanTheSame(t *testing.T) {
	canonical := goodHeader + exchangeText("")
	want, err := openText([]byte(canonical), false)
	if err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(string) string{
		"comment":        func(s string) string { return strings.Replace(s, "    wire:", "    # why\n    wire:", 1) },
		"comment at end": func(s string) string { return strings.Replace(s, "conn: 1", "conn: 1 # why", 1) },
		"single quotes":  func(s string) string { return strings.Replace(s, `"Host: a"`, `'Host: a'`, 1) },
		"flow": func(s string) string {
			return strings.Replace(s, "        head:\n          - \"GET / HTTP/1.1\"\n          - \"Host: a\"\n", "        head: [\"GET / HTTP/1.1\", 'Host: a']\n", 1)
		},
		"indentation":    func(s string) string { return strings.ReplaceAll(s, "          - ", "        - ") },
		"CRLF":           func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"no end of line": func(s string) string { return s + "# end" },
		"literal":        func(s string) string { return strings.Replace(s, "url: http://a/", "url: |-\n        http://a/", 1) },
		"no marker":      func(s string) string { return strings.TrimPrefix(s, "---\n") },
		"order": func(s string) string {
			return strings.Replace(strings.Replace(s, "      conn: 1\n", "", 1), "    wire:\n", "    wire:\n      conn: 1\n", 1)
		},
	} {
		got, err := Open(fstest.MapFS{"c.yaml": {Data: []byte(edit(canonical))}}, "c.yaml")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if name == "no end of line" {
			continue // it is torn, as far as anybody can tell
		}
		if got.Torn != nil || got.Len() != 1 {
			t.Errorf("%s: %d items, torn: %v", name, got.Len(), got.Torn)
			continue
		}
		a, err := want.Interaction(0)
		b, err2 := got.Interaction(0)
		if err != nil || err2 != nil {
			t.Errorf("%s: %v, %v", name, err, err2)
			continue
		}
		if string(a.Request.Head) != string(b.Request.Head) || a.Conn != b.Conn {
			t.Errorf("%s: got %+v, want %+v", name, b, a)
		}
		for _, err := range Verify(got) {
			if !strings.Contains(err.Error(), "is missing") { // the example leaves keys out
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// An author who writes a cassette by hand may leave go-vcr's keys to cassette fmt.
func TestAnItemWithHeadsAloneHasAnEntry(t *testing.T) {
	text := goodHeader + `  - id: 3
    wire:
      request:
        seq: 1
        head:
          - "GET /a?b HTTP/1.1"
          - "Host: c"
      response:
        seq: 1
        head:
          - "HTTP/1.1 204 No Content"
      conn: 1
`
	c, err := openText([]byte(text), false)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Entry(0), (Entry{ID: 3, Conn: 1, Line: 8, Method: "GET", URL: "http://c/a?b"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if _, err := c.Interaction(0); err != nil {
		t.Error(err)
	}
	got, changed, err := format1(t, text)
	if err != nil || !changed || len(verifyText(t, []byte(got))) > 0 {
		t.Errorf("formatted, %v, %v: %s", changed, err, got)
	}
}

func TestMayResetSaysWhetherAnItemDoes(t *testing.T) {
	raw := rawItem(50)
	raw.Turns.List[3].Mark = Reset
	left := rawItem(51)
	left.Turns.List[2].Mark = Reset // the client
	seen := map[bool]int{}
	for _, it := range append(samples(t), raw, left) {
		want := it.Response != nil && slices.ContainsFunc(it.Response.Closed, func(c Closed) bool { return c.Mark == Reset }) ||
			it.Turns != nil && slices.ContainsFunc(it.Turns.List, func(u Turn) bool { return u.Side == http1.Server && u.Mark == Reset })
		seen[want]++
		c, err := OpenFile(writeCassette(t, it))
		if err != nil {
			t.Fatal(err)
		}
		if c.MayReset() != want {
			t.Errorf("item %d: MayReset is %v", it.ID, !want)
		}
		c.Close()
	}
	if seen[true] < 4 || seen[false] < 4 {
		t.Errorf("seen %v", seen)
	}
}

// Early recorders spelt the key by of the block match on.
func TestOldSpellingOfByIsRead(t *testing.T) {
	for _, layout := range []string{
		"  match:\n    %s: [method, body]\n",
		"  match: {%s: ['method', 'body']}\n",
		"  match:\n    \"%s\":\n      - method\n      - body\n",
	} {
		for _, key := range []string{"by", "on"} {
			text := strings.Replace(goodHeader, "interactions:\n", fmt.Sprintf(layout, key)+"interactions:\n", 1) + exchangeText("")
			c, err := Open(fstest.MapFS{"c.yaml": {Data: []byte(text)}}, "c.yaml")
			if err != nil {
				t.Errorf("%q: %v", fmt.Sprintf(layout, key), err)
				continue
			}
			if got := c.Header.Match; got == nil || !slices.Equal(got.By, []string{"method", "body"}) {
				t.Errorf("%q: got %+v", fmt.Sprintf(layout, key), got)
			}
			c.Close()
			if formatted, _, err := format1(t, text); err != nil || !strings.Contains(formatted, "    by: [method, body]\n") {
				t.Errorf("%q is formatted as %s, %v", fmt.Sprintf(layout, key), formatted, err)
			}
		}
	}
	both := strings.Replace(goodHeader, "interactions:\n", "  match:\n    by: [path]\n    on: [method]\ninteractions:\n", 1)
	if err := loadAll(fstest.MapFS{"c.yaml": {Data: []byte(both)}}); err == nil || !strings.Contains(err.Error(), `c.yaml:9: match: unknown key "on"`) {
		t.Errorf("by and on: got %v", err)
	}
}
