package cassettes

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wiretape/wiretape/internal/http1"
)

// chunkedItem makes an item of n chunks by way of sinks with these limits.
func chunkedItem(t testing.TB, w *Writer, n, max int) (it *Interaction, body []byte) {
	t.Helper()
	it = &Interaction{ID: w.NextID(), Conn: 1, Timed: true,
		Request:  &Message{Seq: 50, Head: []byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), End: Complete},
		Response: &Message{Seq: 51, Head: []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), Framing: http1.Chunked, End: Complete}}
	b := w.NewBody(it.ID, "response", max)
	f := w.NewFrames(it.ID, http1.Server, it.Request.Seq)
	f.Split(3, 52)
	for i := range n {
		piece := fmt.Appendf(nil, "{\"record\":%d}\n", i)
		if i == n-1 {
			piece = nil
		}
		f.Add(Frame{Size: int64(len(piece)), Seq: int64(53 + i), Wait: time.Duration(i%3) * time.Millisecond})
		if i%7 == 0 {
			f.ChunkLine(fmt.Appendf(nil, "%04X;é=\"%d\"", len(piece), i))
		}
		if i%5 == 0 {
			f.Split(1, int64(53+i))
			f.Split(4, int64(53+i))
		}
		body = append(body, piece...)
		b.Write(piece)
	}
	var err error
	if it.Response.Body, err = b.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := f.Finish(it.Response); err != nil {
		t.Fatal(err)
	}
	return it, body
}

// allFrames returns a message's frames with their size lines and splits.
func allFrames(t testing.TB, m *Message) (list []string) {
	t.Helper()
	for d, err := range m.FrameDetails() {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprint(d.Frame, d.ChunkLine))
		for _, s := range d.Splits {
			list = append(list, fmt.Sprint(s.Offset, s.Seq))
		}
	}
	return list
}

func TestFramesAndBodiesSpillToFilesAndBack(t *testing.T) {
	for _, n := range []int{1, 2, MaxColumns, MaxColumns + 1, 3*MaxColumns + 7} {
		for _, max := range []int{0, 100, 1 << 20} {
			path := filepath.Join(t.TempDir(), "c.yaml")
			w := newWriter(t, path, Options{})
			want, body := chunkedItem(t, w, n, max)
			wantFrames := allFrames(t, want.Response)
			appendAll(t, w, want)
			closeWriter(t, w)

			c := open(t, path)
			for _, err := range Verify(c) {
				t.Errorf("%d frames, %d bytes inline: %v", n, max, err)
			}
			got, err := c.Interaction(0)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(wantFrames, allFrames(t, got.Response)); d != "" {
				t.Errorf("%d frames: %s", n, d)
			}
			if got.Response.Frames.Len() != n || n > MaxColumns != (got.Response.Frames.List == nil) {
				t.Errorf("%d frames: got %d, %d of them in memory", n, got.Response.Frames.Len(), len(got.Response.Frames.List))
			}
			name, inFile := got.Response.Body.InFile()
			if inFile != (len(body) > max) || inFile && name != "c.bodies/0-response" {
				t.Errorf("%d frames, %d bytes inline: body of %d in file %q", n, max, len(body), name)
			}
			if wire := wireBytes(t, got.Response); !bytes.Contains(wire, body[:min(len(body), 10)]) || !bytes.HasSuffix(wire, []byte("\r\n\r\n")) {
				t.Errorf("%d frames: wire %.40q", n, wire)
			}
			if orphans, err := c.Orphans(); err != nil || len(orphans) > 0 {
				t.Errorf("orphans %q, %v", orphans, err)
			}
		}
	}
}

func TestSinksInMemoryAndInFilesGiveTheSameWireBytes(t *testing.T) {
	w := newWriter(t, filepath.Join(t.TempDir(), "c.yaml"), Options{})
	defer closeWriter(t, w)
	for n := 1; n < 40; n++ {
		small, _ := chunkedItem(t, w, n, 1<<20)
		spilled, _ := chunkedItem(t, w, n, 0)
		if !bytes.Equal(wireBytes(t, small.Response), wireBytes(t, spilled.Response)) {
			t.Errorf("%d frames: the wire bytes differ", n)
		}
	}
}

// A stream of random turns, whatever its sinks' limits, comes back as it was.
func TestTurnsSpillToFilesAndBack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 20, MaxColumns, MaxColumns + 1, 2*MaxColumns + 3} {
		for _, max := range []int{0, 50, 1 << 20} {
			path := filepath.Join(t.TempDir(), "c.yaml")
			w := newWriter(t, path, Options{})
			s := w.NewTurns(0, 10, max)
			var want []Turn
			for i := range n {
				turn := Turn{Side: http1.Side(random.IntN(2)), Seq: int64(10 + i), Wait: time.Duration(i%3) * time.Microsecond}
				if random.IntN(5) == 0 {
					turn.Mark = EOF
					s.Mark(turn.Side, turn.Mark, turn.Seq, turn.Wait)
				} else {
					turn.Data = bytes.Repeat([]byte{byte(i)}, 1+random.IntN(30))
					turn.Size = int64(len(turn.Data))
					cut := random.IntN(len(turn.Data))
					s.Data(turn.Side, turn.Seq, turn.Wait, turn.Data[:cut])
					s.Extend(turn.Data[cut:])
				}
				want = append(want, turn)
			}
			turns, err := s.Finish()
			if err != nil {
				t.Fatal(err)
			}
			turns.Start = time.Second
			appendAll(t, w, &Interaction{ID: 0, Timed: true, Conn: 1, Turns: turns})
			closeWriter(t, w)
			c := open(t, path)
			for _, err := range Verify(c) {
				t.Errorf("%d turns, %d bytes inline: %v", n, max, err)
			}
			got, err := c.Interaction(0)
			if err != nil {
				t.Fatal(err)
			}
			if got.Turns.Len() != n || got.Turns.Start != time.Second {
				t.Errorf("got %d turns from %v, want %d from 1s", got.Turns.Len(), got.Turns.Start, n)
			}
			var all []Turn
			for turn, err := range got.Turns.All() {
				if err != nil {
					t.Fatal(err)
				}
				turn.Data = bytes.Clone(turn.Data)
				all = append(all, turn)
			}
			if d := cmp.Diff(want, all); d != "" {
				t.Errorf("%d turns, %d bytes inline: %s", n, max, d)
			}
		}
	}
}

func TestALargeTurnComesInPieces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	w := newWriter(t, path, Options{})
	s := w.NewTurns(0, 1, 1000)
	want := bytes.Repeat([]byte("0123456789"), 20_000)
	s.Data(http1.Server, 1, time.Second, want)
	s.Mark(http1.Server, EOF, 2, 0)
	turns, err := s.Finish()
	if err != nil {
		t.Fatal(err)
	}
	appendAll(t, w, &Interaction{Timed: true, Turns: turns})
	closeWriter(t, w)
	it, err := open(t, path).Interaction(0)
	if err != nil {
		t.Fatal(err)
	}
	var got []byte
	var waits time.Duration
	for turn, err := range it.Turns.All() {
		if err != nil {
			t.Fatal(err)
		}
		if len(turn.Data) > 64<<10 || turn.Mark == "" && turn.Seq != 1 {
			t.Errorf("got a piece of %d bytes of read %d", len(turn.Data), turn.Seq)
		}
		got = append(got, turn.Data...)
		waits += turn.Wait
	}
	if !bytes.Equal(got, want) || waits != time.Second {
		t.Errorf("got %d bytes after %v", len(got), waits)
	}
}

func TestOrphansAreNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	w := newWriter(t, path, Options{})
	kept, _ := chunkedItem(t, w, 2000, 0)
	chunkedItem(t, w, 2000, 0)
	appendAll(t, w, kept)
	closeWriter(t, w)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "c.bodies", "mine.txt"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	got, err := open(t, path).Orphans()
	if d := cmp.Diff([]string{"c.bodies/1-response", "c.bodies/1-server-frames"}, got); err != nil || d != "" {
		t.Errorf("%v: %s", err, d)
	}
}

func TestDamagedFilesBesideTheCassette(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	frames := filepath.Join(filepath.Dir(path), "c.bodies", "0-server-frames")
	w := newWriter(t, path, Options{})
	it, _ := chunkedItem(t, w, 2000, 0)
	appendAll(t, w, it)
	closeWriter(t, w)
	good, err := os.ReadFile(frames)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, text, want string }{
		{"cut", string(good[:len(good)-1]), "unfinished"},
		{"short", string(good[:bytes.LastIndexByte(good[:len(good)-1], '\n')+1]), "want 2000 frames, found 1999"},
		{"no number", strings.Replace(string(good), "\n13 ", "\nx ", 1), "want numbers"},
		{"long line", strings.Repeat("1", 64<<10+1) + "\n" + string(good), "more than 65536 bytes"},
		{"size", strings.Replace(string(good), "\n13 ", "\n14 ", 1), "frame"},
		{"empty", "", "want 2000 frames"},
		{"no size line", strings.Replace(string(good), "\nline ", "\nline x", 1), "want a quoted string"},
		{"another size line", strings.Replace(string(good), "\"000D", "\"000E", 1), "frame"},
	} {
		if err := os.WriteFile(frames, []byte(test.text), 0o666); err != nil {
			t.Fatal(err)
		}
		errs := Verify(open(t, path))
		if len(errs) == 0 || !strings.Contains(fmt.Sprint(errs), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, errs, test.want)
		}
	}
	os.Remove(frames)
	_, err = open(t, path).Interaction(0)
	wantError(t, err, path, "c.bodies/0-server-frames", "no such file")
}

var _ io.Writer = (*BodySink)(nil)
