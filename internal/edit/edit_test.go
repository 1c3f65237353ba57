package edit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/pattern"
)

// cassette writes a cassette of exchanges and streams at path: "GET /a" for an
// exchange, "" for a connection without HTTP, "--" for a new session. The body
// of each response names its request, and stands in a file.
func cassette(t *testing.T, path string, h cassettes.Header, lines ...string) string {
	t.Helper()
	err := cassettes.Rewrite(path, h, false, func(w *cassettes.Writer) error {
		id, session := 0, 0
		for _, line := range lines {
			if line == "--" {
				session++
				continue
			}
			it, err := item(w, id, line)
			if err != nil {
				return err
			}
			it.Session = session
			if err := w.Append(it); err != nil {
				return err
			}
			id++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func item(w *cassettes.Writer, id int, line string) (*cassettes.Interaction, error) {
	if line == "" {
		turns := w.NewTurns(id, 1, 0)
		turns.Data(http1.Client, 1, 0, []byte("x"))
		list, err := turns.Finish()
		return &cassettes.Interaction{ID: id, Conn: 1, Turns: list}, err
	}
	text := "answer to " + line
	body := w.NewBody(id, "response", 0)
	fmt.Fprint(body, text)
	it := &cassettes.Interaction{
		ID: id, Conn: 1,
		Request: &cassettes.Message{Seq: 1, Head: []byte(line + " HTTP/1.1\r\nHost: x\r\n\r\n"), End: cassettes.Complete},
		Response: &cassettes.Message{
			Seq: 2, Head: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", len(text)),
			Framing: http1.Length, End: cassettes.Complete,
			Frames: cassettes.Frames{List: []cassettes.Frame{{Size: int64(len(text)), Seq: 2}}},
		},
	}
	var err error
	it.Response.Body, err = body.Finish()
	return it, err
}

// holds checks the content of a cassette, in the words of cassette, and that
// each response belongs to its request.
func holds(t *testing.T, path string, want ...string) {
	t.Helper()
	c, err := cassettes.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, err := range cassettes.Verify(c) {
		t.Error(err)
	}
	if orphans, err := c.Orphans(); err != nil || len(orphans) > 0 {
		t.Errorf("%s: files that nothing refers to: %q, %v", path, orphans, err)
	}
	var got []string
	session := 0
	for i := range c.Len() {
		e := c.Entry(i)
		if e.ID != i {
			t.Errorf("%s: interaction %d has id %d", path, i, e.ID)
		}
		for ; session < e.Session; session++ {
			got = append(got, "--")
		}
		line := strings.TrimSuffix(e.Method+" "+strings.TrimPrefix(e.URL, "http://x"), " ")
		got = append(got, line)
		it, err := c.Interaction(i)
		if err != nil {
			t.Fatal(err)
		}
		if it.Response == nil {
			continue
		}
		name, _ := it.Response.Body.InFile()
		text, err := os.ReadFile(filepath.Join(filepath.Dir(path), name))
		if err != nil || string(text) != "answer to "+line {
			t.Errorf("%s: %s has the body %q, %v", path, line, text, err)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", path, got, want)
	}
}

func paths(t *testing.T, list ...string) []pattern.Pattern {
	t.Helper()
	all, err := pattern.ParseAll(list)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestKeep(t *testing.T) {
	all := []string{"GET /a", "POST /v1.41/images/create?x=/a", "", "--", "GET /v1.41/info", "PUT /a"}
	for _, test := range []struct {
		name string
		sel  Selection
		want []string
	}{
		{"all", Selection{}, all},
		{"ids", Selection{IDs: []Range{{0, 0}, {3, 9}}}, []string{"GET /a", "--", "GET /v1.41/info", "PUT /a"}},
		{"stream by id", Selection{IDs: []Range{{2, 2}}}, []string{""}},
		{"methods", Selection{Methods: []string{"get", "PUT"}}, []string{"GET /a", "--", "GET /v1.41/info", "PUT /a"}},
		{"paths", Selection{Paths: paths(t, "/v1.*/**")}, []string{"POST /v1.41/images/create?x=/a", "--", "GET /v1.41/info"}},
		{"methods and paths", Selection{Paths: paths(t, "PUT /a", "/v1.41/info")}, []string{"GET /v1.41/info", "PUT /a"}},
		{"all kinds", Selection{IDs: []Range{{0, 3}}, Methods: []string{"GET"}, Paths: paths(t, "/a")}, []string{"GET /a"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := cassette(t, filepath.Join(t.TempDir(), "c.yaml"), cassettes.Header{}, all...)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			kept, gone, err := Keep(path, test.sel.Has)
			if err != nil {
				t.Fatal(err)
			}
			holds(t, path, test.want...)
			if n := len(slices.DeleteFunc(slices.Clone(test.want), func(s string) bool { return s == "--" })); kept != n || gone != 5-n {
				t.Errorf("got %d kept, %d gone", kept, gone)
			}
			if after, _ := os.ReadFile(path); gone == 0 && string(after) != string(before) {
				t.Error("nothing was to go, and the file has changed")
			}
		})
	}
}

func TestNothingIsSelected(t *testing.T) {
	dir := t.TempDir()
	path := cassette(t, filepath.Join(dir, "c.yaml"), cassettes.Header{}, "GET /a", "GET /b")
	none := (&Selection{Methods: []string{"PATCH"}}).Has
	if _, _, err := Keep(path, none); !errors.Is(err, ErrNone) {
		t.Errorf("Keep: got %v, want ErrNone", err)
	}
	if _, _, err := Drop(path, none); !errors.Is(err, ErrNone) {
		t.Errorf("Drop: got %v, want ErrNone", err)
	}
	to := filepath.Join(dir, "to.yaml")
	if _, err := CopyKept(path, to, false, none); !errors.Is(err, ErrNone) {
		t.Errorf("CopyKept: got %v, want ErrNone", err)
	}
	if _, err := CopyDropped(path, to, false, none); !errors.Is(err, ErrNone) {
		t.Errorf("CopyDropped: got %v, want ErrNone", err)
	}
	if _, err := os.Stat(to); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a copy was made: %v", err)
	}
	holds(t, path, "GET /a", "GET /b")
}

func TestSplitAndMerge(t *testing.T) {
	dir := t.TempDir()
	from := cassette(t, filepath.Join(dir, "from.yaml"), cassettes.Header{Upstream: "unix:///a"}, "GET /a", "GET /b", "--", "GET /a", "GET /c")
	to := filepath.Join(dir, "to.yaml")
	isA := (&Selection{Paths: paths(t, "/a")}).Has
	moved, stayed, err := Split(from, to, false, isA)
	if err != nil || moved != 2 || stayed != 2 {
		t.Fatalf("got %d moved, %d stayed, %v", moved, stayed, err)
	}
	holds(t, from, "GET /b", "--", "GET /c")
	holds(t, to, "GET /a", "--", "GET /a")
	if _, _, err := Split(from, to, false, func(cassettes.Entry) bool { return true }); err == nil {
		t.Error("all was split off")
	}
	if _, _, err := Split(from, to, false, func(e cassettes.Entry) bool { return e.ID == 0 }); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	holds(t, from, "GET /b", "--", "GET /c")
	for _, same := range []string{from, filepath.Join(dir, "..", filepath.Base(dir), "from.yaml")} {
		if _, _, err := Split(from, same, true, func(e cassettes.Entry) bool { return e.ID == 0 }); err == nil {
			t.Errorf("split to itself, as %s", same)
		}
		holds(t, from, "GET /b", "--", "GET /c")
	}

	other := cassette(t, filepath.Join(dir, "other.yaml"), cassettes.Header{Upstream: "unix:///b", Source: "transcribed"}, "", "PUT /z")
	merged := filepath.Join(dir, "merged.yaml")
	var all []*cassettes.Cassette
	for _, path := range []string{to, other, from} {
		c, err := cassettes.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		all = append(all, c)
	}
	if err := Merge(merged, false, all); err != nil {
		t.Fatal(err)
	}
	holds(t, merged, "GET /a", "--", "GET /a", "--", "", "PUT /z", "--", "GET /b", "--", "GET /c")
	c, err := cassettes.OpenFile(merged)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if h := c.Header; h.Upstream != "" || h.Source != "transcribed" {
		t.Errorf("got header %+v", h)
	}
	holds(t, to, "GET /a", "--", "GET /a") // is as it was
}

func TestMergeRefuses(t *testing.T) {
	for _, h := range []cassettes.Header{{Redaction: []string{"default"}}, {Match: &cassettes.Match{By: []string{"path"}}}} {
		dir := t.TempDir()
		var all []*cassettes.Cassette
		for i, h := range []cassettes.Header{{}, h} {
			c, err := cassettes.OpenFile(cassette(t, filepath.Join(dir, fmt.Sprint(i, ".yaml")), h, "GET /a"))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			all = append(all, c)
		}
		out := filepath.Join(dir, "out.yaml")
		if err := Merge(out, false, all); err == nil {
			t.Errorf("%+v was merged", h)
		}
		if _, err := os.Stat(out); err == nil {
			t.Error("there is a file")
		}
	}
}

func TestParseRanges(t *testing.T) {
	const end = int(^uint(0) >> 1)
	for s, want := range map[string][]Range{
		"3": {{3, 3}}, "0, 4-7,12-": {{0, 0}, {4, 7}, {12, end}}, "": nil, "-3": nil, "7-4": nil, "a": nil, "1-2-3": nil, "1,": nil,
	} {
		got, err := ParseRanges(s)
		if !slices.Equal(got, want) || (err == nil) != (want != nil) {
			t.Errorf("%q: got %v, %v", s, got, err)
		}
	}
}
