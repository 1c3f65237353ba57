package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/e2e/engine"
	"github.com/wiretape/wiretape/e2e/sandbox"
	"github.com/wiretape/wiretape/e2e/tap"
)

// program is a server with a protocol other than HTTP, or one that leaves
// HTTP. In args, {addr} is the address to listen at or to connect to, {host}
// and {port} are its parts.
type program struct {
	name string
	args []string
	// prepare makes the server's files, once.
	prepare func(t *testing.T)
}

// dialogue is a client with its server.
type dialogue struct {
	name   string
	server program
	client []string
	stdin  string
	// says is part of the client's output.
	says string
	// unix tells that the client uses a Unix socket, {addr}.
	unix bool
	// fresh tells that the client never sends the same bytes twice.
	fresh bool
	// same compares the bytes that the client got in a replay; nil compares
	// all of them.
	same func(want, got *tap.Conn) error
}

var (
	redis = program{name: "redis-server", args: []string{"redis-server", "--bind", "{host}", "--port", "{port}", "--save", ""}}
	psql  = program{name: "postgres", prepare: initPostgres, args: asPostgres("postgres", "-D", postgresData, "-k", "/tmp", "-h", "{host}", "-p", "{port}")}
	smtp  = program{name: "smtpd", args: []string{python, "-m", "aiosmtpd", "--nosetuid", "--listen", "{addr}", "--class", "aiosmtpd.handlers.Debugging", "stdout"}}
	echo  = program{name: "echo", args: []string{python, "-B", "testdata/clients/ws_echo.py", "{port}"}}
)

var dialogues = []dialogue{
	{name: "redis", server: redis, client: []string{"redis-cli", "-h", "{host}", "-p", "{port}"},
		stdin: "SET a 1\nINCR a\nGET a\nLRANGE none 0 -1\nNONSENSE\nMULTI\nSET b 2\nEXEC\n", says: "\n2\n"},
	{name: "redis-unix", server: redis, unix: true, client: []string{"redis-cli", "-s", "{addr}", "PING", "hello"}, says: "hello"},
	{name: "redis-pipeline", server: redis, client: []string{python, "-B", "testdata/clients/redis_pipeline.py", "{port}"},
		says: "value 2999"},
	{name: "redis-blocks", server: redis, client: []string{"redis-cli", "-h", "{host}", "-p", "{port}", "-r", "3", "-i", "0.05", "BLPOP", "none", "0.1"}},
	{name: "postgresql", server: psql, client: []string{"psql", "--no-psqlrc", "--set", "ON_ERROR_STOP=0", "postgresql://postgres@{addr}/postgres?sslmode=disable"},
		stdin: "CREATE TEMP TABLE t (n int, s text);\nCOPY t FROM STDIN;\n1\tone\n2\ttwo\n\\.\nSELECT n, s FROM t ORDER BY n;\n" +
			"SELECT * FROM none;\nSELECT n, repeat('x', 100) FROM generate_series(1, 2000) n;\nCOPY t TO STDOUT;\n\\d t\n",
		says: "2 | two"},
	{name: "smtp", server: smtp, client: []string{"curl", "-sS", "-v", "--mail-from", "a@example.org", "--mail-rcpt", "b@example.org", "--upload-file", "-", "smtp://{addr}"},
		stdin: "Subject: greetings\r\n\r\nhello\r\n.\r\nbye\r\n"},
	{name: "websocket", server: echo, client: []string{python, "-B", "testdata/clients/ws_plain.py", "ws://{addr}/"},
		says: "three parts", fresh: true, same: sameWebSocket},
	{name: "websocket-deflate", server: echo, client: []string{python, "-B", "testdata/clients/ws_deflate.py", "ws://{addr}/"},
		says: "closed 1000", fresh: true, same: sameWebSocket},
}

// python is the interpreter that has the packages of the system.
const python = "/usr/bin/python3"

// needPrograms skips where one of the programs is missing.
func needPrograms(t *testing.T) {
	t.Helper()
	if noSandbox != nil {
		skip(t, noSandbox)
	}
	if err := engine.Need("redis-server", "redis-cli", "psql", "setpriv", "curl", python); err != nil {
		skip(t, err)
	}
	if out, err := exec.Command(python, "-c", "import aiosmtpd, redis, websocket, websockets").CombinedOutput(); err != nil {
		skip(t, fmt.Errorf("%w: %s", err, out))
	}
}

// TestProtocols records real clients and servers that do not use HTTP, stops
// the servers, and replays each dialogue twice. The clients must print the
// same, exit with the same status and get the same bytes, and everything must
// be played.
func TestProtocols(t *testing.T) {
	needPrograms(t)
	for i, d := range dialogues {
		t.Run(d.name, func(t *testing.T) {
			dir := folder(t)
			port := func(n int) tap.Addr {
				if n > 1 && d.unix {
					return unix(fmt.Sprintf("%s/%d.sock", dir, n))
				}
				return tcp(fmt.Sprintf("127.0.0.1:%d", 10_000+10*i+n))
			}
			stop := d.server.start(t, dir, port(0))
			want := d.record(t, dir, port)
			stop()
			verifies(t, filepath.Join(dir, "c.yaml"))
			for n := range 2 {
				d.replay(t, dir, port, n, want)
			}
		})
	}
}

// start starts the server.
func (p program) start(t *testing.T, dir string, at tap.Addr) (stop func()) {
	t.Helper()
	if p.prepare != nil {
		p.prepare(t)
	}
	running, err := engine.StartDaemon(dir, at.Net, at.Addr, addressed(p.args, at)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	return running.Stop
}

func addressed(args []string, at tap.Addr) []string {
	host, port, _ := net.SplitHostPort(at.Addr)
	r := strings.NewReplacer("{addr}", at.Addr, "{host}", host, "{port}", port)
	filled := slices.Clone(args)
	for i := range filled {
		filled[i] = r.Replace(filled[i])
	}
	return filled
}

// said is the result of a dialogue.
type said struct {
	result
	events []tap.Event // before the client
}

// record has the dialogue through
//
//	client -> tap -> record -> tap -> server
//
// and checks that the two taps saw the same.
func (d dialogue) record(t *testing.T, dir string, port func(int) tap.Addr) said {
	t.Helper()
	r := serve(t, command("record"), "--upstream", url(port(1)), "--listen", url(port(2)), "--cassette", filepath.Join(dir, "c.yaml"))
	serverTap := startTap(t, port(1), port(0), filepath.Join(dir, "server.tap"))
	got := d.hold(t, port(3), port(2), filepath.Join(dir, "client.tap"))
	server := serverTap()
	if status := r.stop(); status != 0 {
		t.Fatalf("record exited %d:\n%s", status, r.stderr.String())
	}
	if got.status != 0 || !strings.Contains(string(got.stdout), d.says) {
		t.Fatalf("%q exited %d\n%s%s", d.client, got.status, got.stdout, got.stderr)
	}
	if err := sameTraffic(tap.Conns(got.events), tap.Conns(server), sameConn); err != nil {
		t.Fatalf("the taps on both sides of record differ: %v", err)
	}
	return got
}

// replay has the dialogue again with the server gone.
func (d dialogue) replay(t *testing.T, dir string, port func(int) tap.Addr, n int, want said) {
	t.Helper()
	r := serve(t, command("replay"), filepath.Join(dir, "c.yaml"), "--strict", "--listen", url(port(2)))
	got := d.hold(t, port(3), port(2), filepath.Join(dir, fmt.Sprintf("replay%d.tap", n)))
	status := r.stop()
	if told := r.stderr.String(); status != 0 || strings.Count(told, "\n") != 1 {
		t.Errorf("replay %d exited %d, and tells more than what was played:\n%s", n, status, told)
	}
	if got.status != want.status {
		t.Errorf("replay %d: exit status %d, want %d", n, got.status, want.status)
	}
	if err := errors.Join(sameBytes(want.stdout, got.stdout, 0), sameBytes(want.stderr, got.stderr, 0)); err != nil {
		t.Errorf("replay %d: output differs: %v", n, err)
	}
	same := d.same
	if same == nil {
		same = sameServer
	}
	if err := sameTraffic(tap.Conns(want.events), tap.Conns(got.events), same); err != nil {
		t.Errorf("replay %d: bytes before the client: %v", n, err)
	}
	if a, b := sent(want.events), sent(got.events); bytes.Equal(a, b) == d.fresh {
		t.Errorf("replay %d: the client sent %d bytes, and %d when it was recorded; the same: %v", n, len(b), len(a), !d.fresh)
	}
}

// hold runs the client against the tap at front.
func (d dialogue) hold(t *testing.T, front, back tap.Addr, path string) said {
	t.Helper()
	stop := startTap(t, front, back, path)
	got := invocation{args: addressed(d.client, front), stdin: []byte(d.stdin)}.run(t)
	return said{got, stop()}
}

// sent returns the bytes of the clients.
func sent(events []tap.Event) (all []byte) {
	for _, c := range tap.Conns(events) {
		all = append(all, c.Bytes(tap.Client)...)
	}
	return all
}

// sameWebSocket compares the bytes after the head of the answer. One field of
// the head depends on the client's random key, which the clients check
// themselves.
func sameWebSocket(want, got *tap.Conn) error {
	_, a, _ := bytes.Cut(want.Bytes(tap.Server), []byte("\r\n\r\n"))
	_, b, _ := bytes.Cut(got.Bytes(tap.Server), []byte("\r\n\r\n"))
	if len(a) < 100 {
		return fmt.Errorf("only %d bytes came after the head", len(a))
	}
	return sameBytes(a, b, 0)
}

// postgresData is the folder of PostgreSQL's files. It is not below the
// scratch folder, which only root can read.
const postgresData = "/var/lib/postgresql/wiretape"

// asPostgres returns a command that runs a program of PostgreSQL, which
// refuses root.
func asPostgres(name string, args ...string) []string {
	programs, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	as := []string{"setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"}
	return slices.Concat(as, programs[:min(1, len(programs))], args)
}

func initPostgres(t *testing.T) {
	t.Helper()
	if err := sandbox.Tmpfs(filepath.Dir(postgresData), ""); err != nil {
		t.Fatal(err)
	}
	succeeds(t, "chown", "postgres:", filepath.Dir(postgresData))
	succeeds(t, asPostgres("initdb", "--pgdata", postgresData, "--username", "postgres", "--auth", "trust", "--no-sync", "--no-locale", "--encoding", "UTF8")...)
}
