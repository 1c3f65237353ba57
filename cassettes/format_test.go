package cassettes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wiretape/wiretape/cassettes/internal/encode"
)

// format1 formats a file with this text, and returns the formatted text.
func format1(t *testing.T, text string) (string, bool, error) {
	t.Helper()
	path := writeCassette(t)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	changed, err := Format(path)
	got, err2 := os.ReadFile(path)
	if err2 != nil {
		t.Fatal(err2)
	}
	if err != nil && (changed || string(got) != text) {
		t.Errorf("Format changed the file and returned %v", err)
	}
	if changed == (string(got) == text) {
		t.Errorf("Format returned %v and changed it: %v", changed, string(got) != text)
	}
	return string(got), changed, err
}

func sampleText(t *testing.T, items ...*Interaction) string {
	t.Helper()
	text, err := os.ReadFile(writeCassette(t, items...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFormatLeavesWhatWasRecorded(t *testing.T) {
	text := sampleText(t, samples(t)...)
	if got, changed, err := format1(t, text); changed || err != nil {
		t.Errorf("%v, %v: %s", changed, err, cmp.Diff(text, got))
	}
}

func TestFormatLeavesLengthsAsTheyWereSpelled(t *testing.T) {
	for _, field := range []string{"Content-Length: 5, 5", "Content-Length: 5,5", "Content-Length: 005", "Content-Length:\r\n 5", "Content-Length: 5\r\nContent-Length: 5"} {
		it := smallItem(0)
		it.Response.Head = []byte("HTTP/1.1 200 OK\r\n" + field + "\r\n\r\n")
		it.Response.Body.Data = []byte("hello")
		it.Response.Frames.List[0].Size = 5
		text := sampleText(t, it)
		if got, changed, err := format1(t, text); changed || err != nil {
			t.Errorf("%q: %v, %v: %s", field, changed, err, cmp.Diff(text, got))
		}
	}
}

func TestFormatLeavesFilesBesideTheCassette(t *testing.T) {
	path := spilledCassette(t)
	if changed, err := Format(path); changed || err != nil {
		t.Errorf("%v, %v", changed, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 2 {
		t.Errorf("got %v, %v, want the cassette and its bodies", entries, err)
	}
}

func TestFormatMakesHandEditsAgree(t *testing.T) {
	shape := func(name string) *Interaction {
		for i, s := range shapes() {
			if s.name == name {
				return s.item(t, i)
			}
		}
		t.Fatalf("no shape %q", name)
		return nil
	}
	for _, test := range []struct {
		name, shape, old, new string // the edit
		want                  []string
	}{
		{"another layout", "length", "      conn: 1\n", "      conn: 1 \n", nil},
		{"a shorter body", "length", `body: "hello"`, `body: "hell"`, []string{"frames: [4]", `Content-Length: ["4"]`, "content_length: 4", `- "Content-Length: 4"`}},
		{"another path", "length", "GET /v1.41/images/json?all=1", "GET /v1.42/images/json", []string{`url: http://docker/v1.42/images/json` + "\n"}},
		{"another field", "length", "Server: Docker/20.10\"", "Server: Podman\"", []string{"Server: [Podman]"}},
		{"another status", "length", "HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found", []string{"status: \"404 Not Found\"", "code: 404"}},
		{"a longer frame", "chunked", `body: "{\"a\"\n`, `body: "{\"abc\"\n`, []string{"frames: [7, 7, 2, 0]", "seqs: [1, 2, 3, 4]"}},
		{"one frame more", "many frames", "      body: \"ab\\n\\\n", "      body: \"ab\\n\\\n        new\\\n", []string{"frames: [3, 3, 3,"}},
		{"chunked to length", "chunked", `- "Transfer-Encoding: chunked"`, `- "Content-Length: 0"`,
			[]string{"framing: length", "frames: [5, 7, 1, 1]", "transfer_encoding: []", `- "Content-Length: 14"`}},
		{"length to chunked", "length", `- "Content-Length: 5"`, `- "Transfer-Encoding: chunked"`, []string{"framing: chunked", "frames: [5, 0]", "seqs: [2, 2]", "transfer_encoding: [chunked]"}},
		{"a masked field gone", "secrets", "          - \"Host: docker\"\n", "", []string{"redacted: [[head, 1, 17, 6]"}},
		{"go-vcr's header", "length", "        Server: [Docker/20.10]\n", "", []string{"        Server: [Docker/20.10]\n"}},
	} {
		text := sampleText(t, shape(test.shape))
		if !strings.Contains(text, test.old) {
			t.Errorf("%s: the sample has no %q", test.name, test.old)
		}
		edited := strings.Replace(text, test.old, test.new, 1)
		got, changed, err := format1(t, edited)
		if err != nil || !changed {
			t.Errorf("%s: changed %v, %v", test.name, changed, err)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: want %q in\n%s", test.name, want, got)
			}
		}
		if again, changed, err := format1(t, got); changed || err != nil {
			t.Errorf("%s: again: %v, %v: %s", test.name, changed, err, cmp.Diff(got, again))
		}
		if errs := verifyText(t, []byte(got)); len(errs) > 0 {
			t.Errorf("%s: %v", test.name, errs)
		}
	}
}

func TestFormatRefusesInDoubt(t *testing.T) {
	text := sampleText(t, shapes()[0].item(t, 0))
	spilled := sampleText(t, shapes()[11].item(t, 0)) // cut length
	for _, test := range []struct{ name, text, want string }{
		{"torn", text[:len(text)-3], "unfinished"},
		{"comment", strings.Replace(text, "  - id: 0\n", "  # mine\n  - id: 0\n", 1), "a comment stands here"},
		{"comment elsewhere", strings.Replace(text, "  - id: 0\n", "  - id: 0 # mine\n", 1), "a comment stands here"},
		{"go-vcr's own", "---\nversion: 2\ninteractions: []\n", "go-vcr wrote it"},
		{"key of nobody", strings.Replace(text, "      method: GET\n", "      method: GET\n      mood: good\n", 1), `"mood" would be lost`},
		{"form", strings.Replace(text, "form: {}", "form: {a: [b]}", 1), "form would be lost"},
		{"no head", strings.Replace(text, "HTTP/1.1 200 OK", "", 1), "is no head"},
		{"body of a cut message", strings.Replace(spilled, `body: "hello"`, `body: "hello!"`, 1), "cannot be told"},
		{"no wire", strings.Replace(text, "    wire:\n", "    wires:\n", 1), "no block wire"},
		{"bad redaction", strings.Replace(text, "redaction: [default]", "redaction: [all]", 1), "redaction"},
	} {
		_, _, err := format1(t, test.text)
		wantError(t, err, "c.yaml", test.want)
	}
}

func TestRepairLeavesAWholeCassette(t *testing.T) {
	path := writeCassette(t, samples(t)...)
	before, _ := os.ReadFile(path)
	if torn, err := Repair(path); torn != nil || err != nil {
		t.Errorf("%v, %v", torn, err)
	}
	if after, _ := os.ReadFile(path); string(before) != string(after) {
		t.Error("Repair changed a whole cassette")
	}
}

func TestRepairCutsAndSorts(t *testing.T) {
	header := testHeader()
	e := encode.Encoder{}
	e.Buf = appendHeader(nil, &header)
	e.Item(smallItem(1))
	e.Item(smallItem(0))
	torn := len(e.Buf)
	e.Item(smallItem(2))
	path := writeCassette(t)
	if err := os.WriteFile(path, e.Buf[:len(e.Buf)-30], 0o666); err != nil {
		t.Fatal(err)
	}
	cut, err := Repair(path)
	if err != nil || cut == nil || !strings.Contains(cut.Error(), path) {
		t.Fatalf("%v, %v", cut, err)
	}
	got, _ := os.ReadFile(path)
	if want := sampleText(t, smallItem(0), smallItem(1)); string(got) != want || len(got) != torn {
		t.Errorf("%s", cmp.Diff(want, string(got)))
	}
}

// Where no file can be made beside the cassette, one line says so.
func TestFormatCannotWrite(t *testing.T) {
	path := writeCassette(t, pullItem())
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
	if err := os.MkdirAll(filepath.Join(temp, "full"), 0o777); err != nil {
		t.Fatal(err)
	}
	_, err := Format(path)
	wantError(t, err, path, "is a directory")
}
