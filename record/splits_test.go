package record

import (
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// marks are the actions of a shape's side beside sending.
var marks = map[string]cassettes.Mark{" half": cassettes.EOF, " close": cassettes.FullClose, " reset": cassettes.Reset}

// feed plays a shape's script to a recorder without sockets, bytes in pieces
// of at most n with pause before each, and returns the stored items.
func feed(t *testing.T, script string, n int, pause time.Duration) string {
	tp := &tape{t: t, dir: t.TempDir()}
	w, err := cassettes.Create(tp.path(), cassettes.Header{}, cassettes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &Recorder{Cassette: w}
	r.init()
	l := &link{r: r, conn: newConn(r, 1)}
	observe := func(side http1.Side, b string, m cassettes.Mark) {
		time.Sleep(pause)
		l.logRead(side, []byte(b), m)
	}
	var last cassettes.Mark
	for line := range strings.Lines(script) {
		line = strings.TrimSuffix(line, "\n")
		side := http1.Client
		if line[0] == 'S' {
			side = http1.Server
		}
		_, text, ok := strings.Cut(line, " ")
		if last = marks[" "+text]; last != "" {
			observe(side, "", last)
			continue
		}
		if b := unquote(t, text); ok {
			for ; len(b) > n; b = b[n:] {
				observe(side, b[:n], "")
			}
			observe(side, b, "")
		}
	}
	end := cassettes.Incomplete
	if last == "" {
		end = cassettes.NoEnd
	}
	r.reads.add(entry{c: l.conn, end: end}, r.start)
	r.process()
	tp.stopped = true
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return show(t, tp.items())
}

// TestSplitsMakeNoDifference has bytes that are sent at once arrive in pieces: as
// long as nothing comes between them, the items are the same.
func TestSplitsMakeNoDifference(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				want := feed(t, s.script, 1<<20, 0)
				for _, n := range []int{1, 2, 3, 7, 50} {
					if diff := cmp.Diff(want, feed(t, s.script, n, 0)); diff != "" {
						t.Errorf("in pieces of %d bytes: -want +got\n%s", n, diff)
					}
				}
			})
		})
	}
}

// splits matches splits, and frames that have no boundary on the wire.
var splits = regexp.MustCompile(` split -?\d+\+\d+|(length|close) \[[0-9 ]*\]`)

// TestPausesMakeSplits has the pieces come late: everything else is the same.
func TestPausesMakeSplits(t *testing.T) {
	for _, s := range shapes {
		if strings.Contains(s.want, "  client \"") || strings.Contains(s.want, "  server \"") {
			continue // pieces of turns are turns
		}
		t.Run(s.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				want := splits.ReplaceAllString(feed(t, s.script, 1<<20, 0), "")
				got := feed(t, s.script, 3, 2*time.Millisecond)
				if !strings.Contains(got, " split -1+") && strings.Contains(got, "HTTP/1") {
					t.Errorf("no split in %s", got)
				}
				if diff := cmp.Diff(want, splits.ReplaceAllString(got, "")); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
			})
		})
	}
}

// blocks is a client's script of no HTTP: seventeen blocks, of the letters from
// A to Q, which the parser takes for one line until it is too long for a head.
var blocks = func() string {
	var b strings.Builder
	for l := 'A'; l <= 'Q'; l++ {
		b.WriteString("\nC: " + strings.Repeat(string(l), http1.MaxHead/16))
	}
	return b.String()
}()

// block matches the text of a block, but for its first letter.
var block = regexp.MustCompile(`([A-Q])[A-Q]{1000,}`)

// TestTurnsStayInOrder has the parser give back more at once than is kept until
// an answer comes, and hold bytes of the server back after that.
func TestTurnsStayInOrder(t *testing.T) {
	const head = `Content-Length: 9\r\n\r\n`
	lines := func(letters string) string {
		return regexp.MustCompile(`.`).ReplaceAllString(letters, "  client \"$0\"\n")
	}
	for _, s := range []shape{
		{"no HTTP while an answer goes on", get + "\n" + ok + head + blocks + "\nC: R\nS close", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [], incomplete, close
1:
` + lines("ABCDEFGHIJKLMNOPQR")},
		{"and goes on after it", get + "\n" + ok + head + blocks + "\nS: 123\nC: R\nS: 456789\nC: S\nS close", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [3 6], complete
1:
` + lines("ABCDEFGHIJKLMNOPQRS") + "  server-close\n"},
		{"and an answer's head is cut short", get + blocks + `
S: HTTP/1.1 2
C: R
S close`, `
0: GET / HTTP/1.1, none, complete
1:
` + lines("ABCDEFGHIJKLMNOPQ") + `  server "HTTP/1.1 2"
  client "R"
  server-close
`},
	} {
		t.Run(s.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := block.ReplaceAllString(feed(t, s.script, 1<<20, 2*time.Millisecond), "$1")
				if diff := cmp.Diff(s.want[1:], got); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
			})
		})
	}
}

// TestOtherTrafficMakesFrames has two connections take turns.
func TestOtherTrafficMakesFrames(t *testing.T) {
	tp := record(t, "unix", nil)
	const streamed = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
	c1, s1 := tp.connect()
	c2, s2 := tp.connect()
	send(t, c1, s1, request)
	send(t, c2, s2, request)
	send(t, s1, c1, streamed)
	send(t, s2, c2, streamed)
	for range 2 {
		send(t, s1, c1, "a")
		send(t, s2, c2, "b")
	}
	items := tp.items()
	if len(items) != 2 {
		t.Fatalf("%d items, want 2", len(items))
	}
	for i, it := range items {
		var seqs []int64
		for _, f := range it.Response.Frames.List {
			seqs = append(seqs, f.Seq)
		}
		want := []int64{5 + int64(i), 7 + int64(i)}
		if diff := cmp.Diff(want, seqs); diff != "" {
			t.Errorf("item %d: seqs of frames: -want +got\n%s", i, diff)
		}
	}
}
