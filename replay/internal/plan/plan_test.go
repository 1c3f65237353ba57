package plan

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/chunked"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/tapetest"
)

const (
	ask     = "POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
	chunks  = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	ok      = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	goOn    = "HTTP/1.1 100 Continue\r\n\r\n"
	upgrade = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)

// text returns a plan's steps, a line each, with their causes and bytes.
func text(t *testing.T, p Plan) string {
	t.Helper()
	var b strings.Builder
	for w, err := range p {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "body %d", w.After.Body)
		if w.After.Whole {
			b.WriteString(" whole")
		}
		if w.After.Turns > 0 {
			fmt.Fprintf(&b, " turns %d", w.After.Turns)
		}
		if w.After.Closed {
			b.WriteString(" closed")
		}
		fmt.Fprintf(&b, ": read %d %q %s\n", w.Seq, w.Data, w.Mark)
	}
	return b.String()
}

func TestPlans(t *testing.T) {
	asked := tapetest.In(1, ask)
	for name, tt := range map[string]struct {
		it   *cassettes.Interaction
		o    Options
		want string
	}{
		"chunks that shared a read leave together": {
			it:   tapetest.Item(t, asked, tapetest.In(2, chunks, "1\r\na\r\n1\r\nb\r\n", "0\r\n\r\n")),
			want: "body 3 whole: read 2 \"" + esc(chunks) + "\" \nbody 3 whole: read 3 \"1\\r\\na\\r\\n1\\r\\nb\\r\\n\" \nbody 3 whole: read 4 \"0\\r\\n\\r\\n\" \n",
		},
		"other chunks": {
			it:   tapetest.Item(t, asked, tapetest.In(2, chunks+"1\r\na\r\n1\r\nb\r\n0\r\n\r\n")),
			o:    Options{Splitter: chunked.Whole},
			want: "body 3 whole: read 2 \"" + esc(chunks) + "2\\r\\nab\\r\\n0\\r\\n\\r\\n\" \n",
		},
		"no chunks for an old client": {
			it:   tapetest.Item(t, asked, tapetest.In(2, chunks+"1\r\na\r\n0\r\n\r\n")),
			o:    Options{OldClient: true},
			want: "body 3 whole: read 2 \"HTTP/1.0 200 OK\\r\\n\\r\\na\" \nbody 3 whole: read 2 \"\" eof\n",
		},
		"a response waits for the body before it": {
			it: tapetest.Item(t, []tapetest.Read{{Seq: 1, Bytes: ask[:len(ask)-1]}, {Seq: 3, Bytes: "c"}},
				[]tapetest.Read{{Seq: 2, Bytes: goOn}, {Seq: 4, Bytes: ok}}),
			want: "body 2: read 2 \"" + esc(goOn) + "\" \nbody 3 whole: read 4 \"" + esc(ok) + "\" \n",
		},
		"interim responses that were sent": {
			it: tapetest.Item(t, []tapetest.Read{{Seq: 1, Bytes: ask[:len(ask)-1]}, {Seq: 3, Bytes: "c"}},
				[]tapetest.Read{{Seq: 2, Bytes: goOn}, {Seq: 4, Bytes: ok}}),
			o:    Options{Interims: 1},
			want: "body 3 whole: read 4 \"" + esc(ok) + "\" \n",
		},
		"a close that came at once": {
			it:   tapetest.Closed(tapetest.Item(t, asked, tapetest.In(2, ok)), 3, 0, cassettes.Reset),
			want: "body 3 whole: read 2 \"" + esc(ok) + "\" \nbody 3 whole: read 3 \"\" reset\n",
		},
		"turns": {
			it: tapetest.Stream(tapetest.Plain(t, ask, upgrade), tapetest.Says(http1.Server, "$ "), tapetest.Says(http1.Client, "ls"),
				tapetest.Says(http1.Server, "a b"), tapetest.Marks(http1.Client, cassettes.EOF), tapetest.Marks(http1.Server, cassettes.EOF)),
			want: "body 3 whole: read 2 \"" + esc(upgrade) + "\" \nbody 3 whole: read 10 \"$ \" \n" +
				"body 3 whole turns 2: read 12 \"a b\" \nbody 3 whole turns 2 closed: read 14 \"\" eof\n",
		},
		"no response": {
			it:   tapetest.Item(t, asked, nil),
			want: "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := Of(tt.it, tt.o)
			if got := text(t, p); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if got := text(t, p); got != tt.want {
				t.Errorf("the second time:\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// esc returns s as it stands within quotes.
func esc(s string) string { q := fmt.Sprintf("%q", s); return q[1 : len(q)-1] }

func TestPrepare(t *testing.T) {
	asked := tapetest.In(1, ask)
	early := tapetest.Item(t, []tapetest.Read{{Seq: 1, Bytes: ask[:len(ask)-1]}, {Seq: 3, Bytes: "c"}}, tapetest.In(2, ok))
	large := chunks + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", AnswerMax, bytes.Repeat([]byte{'x'}, AnswerMax))
	for name, tt := range map[string]struct {
		it   *cassettes.Interaction
		want []string // nil: no answer
	}{
		"one read":                 {tapetest.Item(t, asked, tapetest.In(2, ok)), []string{ok}},
		"two reads":                {tapetest.Item(t, asked, tapetest.In(2, chunks, "0\r\n\r\n")), []string{chunks, "0\r\n\r\n"}},
		"before its request ended": {early, nil},
		"large":                    {tapetest.Item(t, asked, tapetest.In(2, large)), nil},
		"with a reset":             {tapetest.Closed(tapetest.Item(t, asked, tapetest.In(2, ok)), 3, 0, cassettes.Reset), nil},
		"a stream":                 {tapetest.Stream(tapetest.Plain(t, ask, upgrade), tapetest.Says(http1.Server, "x")), nil},
		"no response":              {tapetest.Item(t, asked, nil), nil},
	} {
		a, err := Prepare(tt.it, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if (a != nil) != (tt.want != nil) {
			t.Errorf("%s: got %v, want an answer: %v", name, a, tt.want != nil)
		}
		if a != nil && fmt.Sprintf("%q", a.Writes) != fmt.Sprintf("%q", tt.want) {
			t.Errorf("%s: got %q, want %q", name, a.Writes, tt.want)
		}
	}
}
