package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wiretape/wiretape/e2e/tap"
)

// hijack is a connection that leaves HTTP for a container's streams.
type hijack struct {
	name string
	// exec tells that it belongs to an exec, not to a container.
	exec bool
	tty  bool
	// script runs in the container.
	script string
	// stdin is sent after the answer's head; the client half-closes after it,
	// and goes on reading.
	stdin []byte
	// want is the output, on a terminal or else of both streams.
	want [3]string
}

var hijacks = []hijack{
	{name: "attach", script: "sleep 0.2; echo out; sleep 0.1; echo err >&2; seq 1 20000", want: [3]string{1: "out\n" + numbers(20000), 2: "err\n"}},
	{name: "attach-stdin", script: "cat; echo end >&2", stdin: noise(200 << 10), want: [3]string{1: string(noise(200 << 10)), 2: "end\n"}},
	{name: "attach-tty", tty: true, script: "sleep 0.2; echo out; echo err >&2", want: [3]string{"out\r\nerr\r\n"}},
	{name: "exec", exec: true, script: "echo out; sleep 0.1; echo err >&2; seq 1 20000", want: [3]string{1: "out\n" + numbers(20000), 2: "err\n"}},
	{name: "exec-stdin", exec: true, script: "cat; echo end >&2", stdin: noise(200 << 10), want: [3]string{1: string(noise(200 << 10)), 2: "end\n"}},
	{name: "exec-tty", exec: true, tty: true, script: "echo out; sleep 0.1; echo err >&2", want: [3]string{"out\r\nerr\r\n"}},
}

// execsIn is the container of the execs.
const execsIn = "waiting"

// numbers returns the output of seq.
func numbers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintln(&b, i+1)
	}
	return b.String()
}

// TestHijack has a raw client take over connections in both ways, by an upgrade
// to tcp and without one, through record from a real engine, and then from a
// replay with the engine gone.
func TestHijack(t *testing.T) {
	needEngines(t)
	l := startEngine(t)
	l.importShell()
	l.must("run", "--detach", "--name", execsIn, shellImage, "sleep", "1000")
	type take struct {
		hijack
		request string
		dir     string
		events  []tap.Event
	}
	var takes []take
	for _, h := range hijacks {
		for _, api := range []string{"v1.12", "v1.41"} {
			for _, upgrade := range []bool{true, false} {
				h := h
				h.name = fmt.Sprintf("%s/%s/upgrade=%v", h.name, api, upgrade)
				t.Run("record/"+h.name, func(t *testing.T) {
					request, start := h.prepare(t, l.as(t), api, upgrade)
					dir := folder(t)
					events := h.record(t, l, dir, request, upgrade, start)
					takes = append(takes, take{h, request, dir, events})
				})
			}
		}
	}
	l.must("rm", "--force", execsIn)
	l.docker.Stop()
	for _, tk := range takes {
		t.Run("replay/"+tk.name, func(t *testing.T) {
			verifies(t, filepath.Join(tk.dir, "c.yaml"))
			for n := range 2 {
				tk.replay(t, tk.dir, tk.request, n, tk.events)
			}
		})
	}
}

// prepare makes the container, and the exec in it, without record. It returns
// the request that takes the connection over, and a function to call after the
// answer.
func (h hijack) prepare(t *testing.T, l *lab, api string, upgrade bool) (request string, start func()) {
	t.Helper()
	name := strings.NewReplacer("/", "-", "=", "-").Replace(h.name)
	start = func() {}
	var path, body string
	if h.exec {
		path = "/exec/" + h.createExec(t, l, execsIn) + "/start"
		body = fmt.Sprintf(`{"Detach":false,"Tty":%v}`, h.tty)
	} else {
		args := []string{"create", "--name", name}
		if h.stdin != nil {
			args = append(args, "--interactive")
		}
		if h.tty {
			args = append(args, "--tty")
		}
		l.must(with(args, sh(h.script)...)...)
		path = fmt.Sprintf("/containers/%s/attach?stream=1&stdout=1&stderr=1", name)
		if h.stdin != nil {
			path += "&stdin=1"
		}
		start = func() { l.must("start", name) }
	}
	fields := ""
	if upgrade {
		fields = "Connection: Upgrade\r\nUpgrade: tcp\r\n"
	}
	return fmt.Sprintf("POST /%s%s HTTP/1.1\r\nHost: docker\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		api, path, fields, len(body), body), start
}

// createExec returns the id of a new exec.
func (h hijack) createExec(t *testing.T, l *lab, container string) string {
	t.Helper()
	client := &http.Client{Timeout: patience, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", l.docker.Socket) },
	}}
	config, err := json.Marshal(map[string]any{"AttachStdin": h.stdin != nil, "AttachStdout": true, "AttachStderr": true, "Tty": h.tty, "Cmd": []string{"sh", "-c", h.script}})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Post("http://docker/v1.41/containers/"+container+"/exec", "application/json", bytes.NewReader(config))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var created struct{ Id string }
	if err := json.NewDecoder(resp.Body).Decode(&created); err != nil || created.Id == "" {
		t.Fatalf("create an exec: %s, %v", resp.Status, err)
	}
	return created.Id
}

// record takes the connection over through
//
//	client -> tap -> record -> tap -> engine
//
// and checks that the same bytes, and all of them, passed on both sides.
func (h hijack) record(t *testing.T, l *lab, dir, request string, upgrade bool, start func()) []tap.Event {
	t.Helper()
	clientAddr, recordAddr, serverAddr := unix(dir+"/a"), unix(dir+"/b"), unix(dir+"/c")
	clientTap := startTap(t, clientAddr, recordAddr, dir+"/client.tap")
	serverTap := startTap(t, serverAddr, unix(l.docker.Socket), dir+"/server.tap")
	r := serve(t, command("record"), "--upstream", url(serverAddr), "--listen", url(recordAddr), "--cassette", dir+"/c.yaml")
	got, err := h.take(clientAddr, request, start)
	client, server := clientTap(), serverTap()
	if status := r.stop(); status != 0 {
		t.Fatalf("record exited %d:\n%s", status, r.stderr.String())
	}
	if err != nil {
		t.Fatal(err)
	}
	line := "HTTP/1.1 200 OK\r\n"
	if upgrade {
		line = "HTTP/1.1 101 UPGRADED\r\n"
	}
	head, out, _ := strings.Cut(string(got), "\r\n\r\n")
	if !strings.HasPrefix(head, line) || strings.Contains(head, "chunked") || strings.Contains(head, "Content-Length") {
		t.Errorf("the answer is %q, want %q, to the end of the connection", head, line)
	}
	h.check(t, out)
	for _, side := range []tap.Side{tap.Client, tap.Server} {
		c, s := tap.Conns(client)[0], tap.Conns(server)[0]
		if err := sameBytes(s.Bytes(side), c.Bytes(side), 0); err != nil {
			t.Errorf("%v bytes on the two sides of record: %v", side, err)
		}
		if c.End(side) != s.End(side) || c.End(side) != tap.EOF {
			t.Errorf("the %v's end is %q before record and %q behind it, want %q", side, c.End(side), s.End(side), tap.EOF)
		}
	}
	if err := halfClosed(tap.Conns(server)[0]); err != nil {
		t.Errorf("behind record: %v", err)
	}
	return client
}

// replay takes the connection over again, with the engine gone.
func (h hijack) replay(t *testing.T, dir, request string, n int, want []tap.Event) {
	t.Helper()
	clientAddr, replayAddr := unix(dir+"/a"), unix(dir+"/b")
	clientTap := startTap(t, clientAddr, replayAddr, fmt.Sprintf("%s/replay%d.tap", dir, n))
	r := serve(t, command("replay"), dir+"/c.yaml", "--listen", url(replayAddr), "--strict", "--causal-timeout", "1h")
	_, err := h.take(clientAddr, request, func() {})
	events := clientTap()
	if status := r.stop(); status != 0 {
		t.Errorf("replay %d exited %d:\n%s", n, status, r.stderr.String())
	}
	if err != nil {
		t.Fatalf("replay %d: %v", n, err)
	}
	w, g := tap.Conns(want)[0], tap.Conns(events)[0]
	if err := errors.Join(sameBytes(w.Bytes(tap.Server), g.Bytes(tap.Server), 0), halfClosed(g)); err != nil {
		t.Errorf("replay %d: %v", n, err)
	}
	if g.End(tap.Server) != tap.EOF {
		t.Errorf("replay %d: the server's end is %q", n, g.End(tap.Server))
	}
}

// take is the raw client. It returns all bytes that it gets.
func (h hijack) take(at tap.Addr, request string, start func()) ([]byte, error) {
	c, err := net.Dial(at.Net, at.Addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c, request); err != nil {
		return nil, err
	}
	var got bytes.Buffer
	for !bytes.Contains(got.Bytes(), []byte("\r\n\r\n")) {
		if _, err := io.CopyN(&got, c, 1); err != nil {
			return got.Bytes(), fmt.Errorf("read the head: %w", err)
		}
	}
	sent := make(chan error, 1)
	go func() {
		_, err := c.Write(h.stdin)
		sent <- errors.Join(err, c.(*net.UnixConn).CloseWrite())
	}()
	if h.stdin == nil {
		if err := <-sent; err != nil {
			return got.Bytes(), err
		}
		sent <- nil
	}
	start()
	_, err = io.Copy(&got, c)
	return got.Bytes(), errors.Join(err, <-sent)
}

// halfClosed checks that the client ended first and the server went on.
func halfClosed(c *tap.Conn) error {
	if first := firstEnd(c); first != "client eof" {
		return fmt.Errorf("the first end is %q, want the client's", first)
	}
	if n := c.SentAfterEnd(tap.Server); n == 0 {
		return errors.New("nothing came after the client's half-close")
	}
	return nil
}

// check compares the output of the container, by stream.
func (h hijack) check(t *testing.T, out string) {
	t.Helper()
	var got [3]string
	if h.tty {
		got[0] = out
	}
	for rest := out; !h.tty && rest != ""; {
		if len(rest) < 8 {
			t.Fatalf("a header of 8 bytes is cut short: %q", rest)
		}
		n := int(rest[4])<<24 | int(rest[5])<<16 | int(rest[6])<<8 | int(rest[7])
		if len(rest) < 8+n || rest[0] > 2 {
			t.Fatalf("no header of Docker's: %q", abridged([]byte(rest)))
		}
		got[rest[0]] += rest[8 : 8+n]
		rest = rest[8+n:]
	}
	for i := range got {
		if err := sameBytes([]byte(h.want[i]), []byte(got[i]), 0); err != nil {
			t.Errorf("stream %d: %v", i, err)
		}
	}
}
