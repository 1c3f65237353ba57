package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/http1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// networks are the kinds of sockets that tests run over.
var networks = []string{"unix", "tcp"}

// tape is a recorder under test, with the daemon's listener in its back.
type tape struct {
	t        testing.TB
	dir      string
	rec      *Recorder
	writer   *cassettes.Writer
	front    endpoint.Addr // where clients connect
	upstream net.Listener  // where the recorder does
	served   chan error
	stopped  bool
}

// record starts a recorder on the given kind of socket. Set changes it before
// it starts.
func record(t testing.TB, network string, set func(*Recorder)) *tape {
	t.Helper()
	return recordMasked(t, network, nil, set)
}

// recordMasked starts a recorder whose cassette's header names redaction rules.
func recordMasked(t testing.TB, network string, redaction []string, set func(*Recorder)) *tape {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "wt-") // t.TempDir is too deep for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	tp := &tape{t: t, dir: dir, served: make(chan error, 1)}
	tp.upstream = tp.listen(network, "up")
	l := tp.listen(network, "front")
	tp.front = endpoint.AddrOf(l.Addr())
	up := endpoint.AddrOf(tp.upstream.Addr())
	header := cassettes.Header{Upstream: up.String(), Redaction: redaction}
	if len(redaction) > 0 {
		header.Salt = testSalt
	}
	tp.writer, err = cassettes.Create(tp.path(), header, cassettes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tp.rec = &Recorder{
		Dial:     func(ctx context.Context) (net.Conn, error) { return endpoint.Dial(ctx, up) },
		Cassette: tp.writer,
		Unmasked: len(redaction) == 0,
		Log:      slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	if set != nil {
		set(tp.rec)
	}
	go func() { tp.served <- tp.rec.Serve(l) }()
	t.Cleanup(tp.stop)
	return tp
}

func (tp *tape) path() string { return filepath.Join(tp.dir, "tape.yaml") }

func (tp *tape) listen(network, name string) net.Listener {
	a := endpoint.Addr{Network: "tcp", Address: "127.0.0.1:0"}
	if network == "unix" {
		a = endpoint.Addr{Network: "unix", Address: filepath.Join(tp.dir, name)}
	}
	l, err := endpoint.Listen(a, false)
	if err != nil {
		tp.t.Fatal(err)
	}
	return l
}

// stop ends the recording.
func (tp *tape) stop() {
	if tp.stopped {
		return
	}
	tp.stopped = true
	tp.upstream.Close()
	if err := tp.rec.Close(); err != nil {
		tp.t.Error(err)
	}
	if err := <-tp.served; !errors.Is(err, net.ErrClosed) {
		tp.t.Errorf("Serve returned %v, want net.ErrClosed", err)
	}
	if err := tp.writer.Close(); err != nil && tp.rec.Stats().Err == nil {
		tp.t.Error(err)
	}
}

// connect returns both ends of a new connection through the recorder.
func (tp *tape) connect() (client, server net.Conn) {
	tp.t.Helper()
	client, err := endpoint.Dial(context.Background(), tp.front)
	if err != nil {
		tp.t.Fatal(err)
	}
	server, err = tp.upstream.Accept()
	if err != nil {
		tp.t.Fatal(err)
	}
	for _, c := range []net.Conn{client, server} {
		c.SetDeadline(time.Now().Add(20 * time.Second))
		tp.t.Cleanup(func() { c.Close() })
	}
	return client, server
}

// settled waits until n connections have ended.
func (tp *tape) settled() {
	tp.t.Helper()
	for end := time.Now().Add(10 * time.Second); tp.rec.Stats().Open > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			tp.t.Fatal("connections did not end")
		}
	}
}

// items ends the recording and returns the items of the cassette.
func (tp *tape) items() []*cassettes.Interaction {
	tp.t.Helper()
	tp.stop()
	c, err := cassettes.OpenFile(tp.path())
	if err != nil {
		tp.t.Fatal(err)
	}
	tp.t.Cleanup(func() { c.Close() })
	for _, err := range cassettes.Verify(c) {
		tp.t.Error(err)
	}
	var items []*cassettes.Interaction
	for i := range c.Len() {
		it, err := c.Interaction(i)
		if err != nil {
			tp.t.Fatal(err)
		}
		items = append(items, it)
	}
	return items
}

// show returns the content of items, but for times and absolute seqs, in a
// stable form: an item a line, with its turns on lines of their own.
func show(t testing.TB, items []*cassettes.Interaction) string {
	var b strings.Builder
	for _, it := range items {
		fmt.Fprintf(&b, "%d:", it.ID)
		if it.Request != nil {
			showMessage(t, &b, it.Request)
		}
		if it.Response != nil {
			b.WriteString(" =>")
			showMessage(t, &b, it.Response)
		}
		b.WriteString("\n")
		if it.Turns == nil {
			continue
		}
		for turn, err := range it.Turns.All() {
			if err != nil {
				t.Fatal(err)
			}
			if turn.Mark != "" {
				fmt.Fprintf(&b, "  %s-%s\n", turn.Side, turn.Mark)
				continue
			}
			fmt.Fprintf(&b, "  %s %q\n", turn.Side, turn.Data)
		}
	}
	return b.String()
}

func showMessage(t testing.TB, b *strings.Builder, m *cassettes.Message) {
	line, _, _ := strings.Cut(string(m.Head), "\r\n")
	for _, i := range m.Interim {
		head, _, _ := strings.Cut(string(i.Head), "\r\n")
		fmt.Fprintf(b, " (%s)", head)
	}
	fmt.Fprintf(b, " %s, %s", line, m.Framing)
	if m.Framing != http1.None && m.Framing != http1.Stream {
		var sizes []int64
		for f, err := range m.Frames.All() {
			if err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, f.Size)
		}
		fmt.Fprintf(b, " %d", sizes)
	}
	for _, frame := range slices.Sorted(maps.Keys(m.ChunkLines)) {
		fmt.Fprintf(b, " line %d %q", frame, m.ChunkLines[frame])
	}
	if m.Trailer != nil {
		fmt.Fprintf(b, " trailer %q", m.Trailer)
	}
	for _, s := range m.Splits {
		fmt.Fprintf(b, " split %d+%d", s.Frame, s.Offset)
	}
	fmt.Fprintf(b, ", %s", m.End)
	if m.Missing > 0 {
		fmt.Fprintf(b, " -%d", m.Missing)
	}
	for _, c := range m.Closed {
		fmt.Fprintf(b, ", %s", c.Mark)
	}
}

func write(t testing.TB, c net.Conn, s string) {
	t.Helper()
	if _, err := io.WriteString(c, s); err != nil {
		t.Fatal(err)
	}
}

func wantRead(t testing.TB, c net.Conn, want string) {
	t.Helper()
	b := make([]byte, len(want))
	n, err := io.ReadFull(c, b)
	if err != nil || string(b) != want {
		t.Fatalf("read %q, %v, want %q", b[:n], err, want)
	}
}

func wantEnd(t testing.TB, c net.Conn, want error) {
	t.Helper()
	if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, want) {
		t.Fatalf("read %d bytes, %v, want %v", n, err, want)
	}
}

func TestExchangeIsRecorded(t *testing.T) {
	for _, network := range networks {
		t.Run(network, func(t *testing.T) {
			tp := record(t, network, nil)
			client, server := tp.connect()
			const req = "GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n"
			const res = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
			write(t, client, req)
			wantRead(t, server, req)
			write(t, server, res)
			wantRead(t, client, res)
			client.Close()
			wantEnd(t, server, io.EOF)
			server.Close()
			tp.settled()
			t.Log(show(t, tp.items()))
			b, _ := os.ReadFile(tp.path())
			t.Logf("%s", b)
		})
	}
}

func unquote(t testing.TB, s string) string {
	t.Helper()
	b, err := strconv.Unquote(`"` + s + `"`)
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return b
}

func halfClose(t testing.TB, c net.Conn) {
	t.Helper()
	if err := endpoint.CloseWrite(c); err != nil {
		t.Fatal(err)
	}
}

// reset resets from's connection, which to must see. On a Unix socket that
// takes input that from has not read.
func reset(t testing.TB, from, to net.Conn) {
	t.Helper()
	if err := endpoint.Reset(from); err != nil {
		t.Fatal(err)
	}
	wantEnd(t, to, syscall.ECONNRESET)
}
