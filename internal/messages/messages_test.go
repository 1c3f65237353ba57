package messages

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestTextHasOneLineAMessage(t *testing.T) {
	var b bytes.Buffer
	p := New("record", &b, Options{})
	p.Error(errors.New("listen: address in use"))
	p.Error(fmt.Errorf("create: %w", WithHint(errors.New("file exists"), "--overwrite replaces it")))
	p.Log().Warn("dial failed", "conn", 3, "err", errors.New("no such file"), "empty", "")
	p.Log().With("upstream", "a b").WithGroup("g").Info("sent", slog.Group("h", "n", 1), "head", "GET / HTTP/1.1\r\n")
	p.Log().Debug("not shown")
	const want = `record: error: listen: address in use
record: error: create: file exists
record: hint: --overwrite replaces it
record: warning: dial failed conn=3 err="no such file" empty=""
record: info: sent upstream="a b" g.h.n=1 g.head="GET / HTTP/1.1\r\n"
`
	if got := b.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestJSONHasOneObjectAMessage(t *testing.T) {
	var b bytes.Buffer
	p := New("replay", &b, Options{Format: "json"})
	p.Error(WithHint(errors.New("no such cassette"), "look again"))
	var got []map[string]any
	for line := range strings.Lines(b.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		got = append(got, m)
	}
	if len(got) != 2 {
		t.Fatalf("got %d lines, want 2:\n%s", len(got), b.String())
	}
	for i, want := range []struct{ level, msg string }{{"ERROR", "no such cassette"}, {"HINT", "look again"}} {
		if got[i]["level"] != want.level || got[i]["msg"] != want.msg || got[i]["program"] != "replay" {
			t.Errorf("line %d: got %v, want %v", i, got[i], want)
		}
	}
}

func TestOptionsChooseLevels(t *testing.T) {
	for _, tt := range []struct {
		options Options
		want    string
	}{
		{Options{}, "error hint warning info"},
		{Options{Background: true}, "error hint warning"},
		{Options{Quiet: true}, "error hint"},
		{Options{Verbose: true}, "error hint warning info debug"},
	} {
		var b bytes.Buffer
		p := New("x", &b, tt.options)
		p.Error(WithHint(errors.New("m"), "m"))
		p.Log().Warn("m")
		p.Log().Info("m")
		p.Log().Debug("m")
		got := strings.Join(strings.Fields(strings.NewReplacer("x: ", "", ": m", "").Replace(b.String())), " ")
		if got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.options, got, tt.want)
		}
	}
}

func TestUnknownFormatIsNamedInError(t *testing.T) {
	if err := (&Options{Format: "xml"}).Check(); err == nil || !strings.Contains(err.Error(), `"xml"`) {
		t.Errorf("got %v, want an error that names the format", err)
	}
}

// A message erases the live line, and draws it anew below itself.
func TestMessageStandsAboveLiveLine(t *testing.T) {
	var b bytes.Buffer
	s := &screen{w: &b}
	s.show("1 open")
	s.show("1 open")
	if _, err := s.Write([]byte("record: error: no\n")); err != nil {
		t.Fatal(err)
	}
	s.show("")
	if _, err := s.Write([]byte("end\n")); err != nil {
		t.Fatal(err)
	}
	const want = clear + "1 open" + clear + "record: error: no\n1 open" + clear + "end\n"
	if got := b.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A writer that is no terminal gets no live line.
func TestNoLiveLineWithoutTerminal(t *testing.T) {
	var b bytes.Buffer
	stop := New("x", &b, Options{}).Live(func() string { return "live" })
	stop()
	stop()
	if b.Len() > 0 {
		t.Errorf("got %q, want nothing", b.String())
	}
}

func TestErrorIsNoticed(t *testing.T) {
	var b bytes.Buffer
	p := New("x", &b, Options{Quiet: true})
	p.Log().Warn("m")
	p.Hint("m")
	if p.Failed() {
		t.Error("failed before an error was printed")
	}
	p.Log().With("conn", 1).WithGroup("g").Error("m")
	if !p.Failed() {
		t.Error("an error was printed, but Failed returns false")
	}
}
