package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/wiretape/wiretape/e2e/tap"
)

// variant is a client in one setting.
type variant struct {
	name string
	cli  string // path of docker
	api  string // DOCKER_API_VERSION; "" for the client's own
	tcp  bool   // the client speaks TCP
}

// dockerVariants returns every docker with its own version of the API and with
// 1.24.
func dockerVariants(t *testing.T) (all []variant) {
	for _, cli := range dockerCLIs(t) {
		all = append(all,
			variant{name: cli.name, cli: cli.path},
			variant{name: cli.name + "-api1.24", cli: cli.path, api: "1.24"})
	}
	return all
}

// plays reports whether a client, one of several, plays a flow. In CI all play
// all; else they take turns.
func plays(client, clients, flow int) bool { return full() || flow%clients == client }

func (v variant) env() []string {
	if v.api == "" {
		return nil
	}
	return []string{"DOCKER_API_VERSION=" + v.api}
}

// listen returns the arguments to listen for the client.
func (v variant) listen() []string {
	if v.tcp {
		return []string{"--listen", "127.0.0.1:0"}
	}
	return nil
}

// listenAddr returns a new address for the client's side.
func (v variant) listenAddr() tap.Addr {
	if v.tcp {
		return tcp(fmt.Sprintf("127.0.0.1:%d", firstPort+sockets.Add(1)))
	}
	return unix(socketPath())
}

// firstPort is where the ports of TCP flows begin: all are free in a sandbox.
const firstPort = 20000

// recording is a recorded flow, with everything that the comparison with a
// replay needs.
type recording struct {
	variant variant
	flow    flow
	dir     string
	places  places
	result  result
	wrote   []byte // to {out}
	events  []tap.Event
}

func (r *recording) cassette() string { return filepath.Join(r.dir, "c.yaml") }

// recordFlow plays a flow against the lab's engine through
//
//	client -> tap -> record -> tap -> engine
//
// and checks that the two taps saw the same.
func recordFlow(t *testing.T, l *lab, v variant, f flow) *recording {
	t.Helper()
	l = l.as(t)
	r := &recording{variant: v, flow: f, dir: folder(t)}
	r.places = places{lab: l, out: filepath.Join(r.dir, "out"), since: time.Now()}
	for _, before := range f.before {
		l.must(r.places.fill(before)...)
	}
	r.places.until = time.Now().Add(time.Second)
	clientAddr, recordAddr, serverAddr := v.listenAddr(), v.listenAddr(), unix(socketPath())
	clientTap := startTap(t, clientAddr, recordAddr, filepath.Join(r.dir, "client.tap"))
	serverTap := startTap(t, serverAddr, unix(l.docker.Socket), filepath.Join(r.dir, "server.tap"))
	r.result = r.run(t, clientAddr, command("record"), "--upstream", url(serverAddr),
		"--listen", url(recordAddr), "--cassette", r.cassette())
	r.wrote = r.takeOut(t)
	client, server := clientTap(), serverTap()
	if t.Failed() {
		t.FailNow()
	}
	r.events = client
	if r.result.status != f.status {
		t.Fatalf("exit status %d, want %d\n%s%s", r.result.status, f.status, r.result.stdout, r.result.stderr)
	}
	if silent := len(r.result.stdout) == 0; silent != f.silent && f.status == 0 {
		t.Fatalf("stdout is %q; want it empty: %v", r.result.stdout, f.silent)
	}
	if err := sameTraffic(tap.Conns(client), tap.Conns(server), sameConn); err != nil {
		t.Fatalf("the taps on both sides of record differ: %v", err)
	}
	return r
}

// run runs the flow's command as the COMMAND of record or replay, speaking to
// the tap in front of it.
func (r *recording) run(t *testing.T, addr tap.Addr, args ...string) result {
	t.Helper()
	at := r.places
	at.sock = addr.Addr
	flow := at.fill(r.flow.args)
	if flow[0] == "docker" {
		flow[0] = r.variant.cli
	}
	args = append(args, "--env", "DOCKER_HOST="+url(addr), "--")
	i := invocation{args: append(args, flow...), env: r.variant.env()}
	if r.flow.stdin != "" {
		data, err := os.ReadFile(at.lab.file(r.flow.stdin))
		if err != nil {
			t.Fatal(err)
		}
		i.stdin = data
	}
	return i.run(t)
}

// takeOut returns the bytes that the flow wrote, and removes the file.
func (r *recording) takeOut(t *testing.T) []byte {
	t.Helper()
	if !r.flow.writes {
		return nil
	}
	data, err := os.ReadFile(r.places.out)
	if err != nil {
		t.Errorf("the client did not write its file: %v", err)
	}
	os.Remove(r.places.out)
	return data
}

// replayClient plays the recording to the client it was made with.
func (r *recording) replayClient(t *testing.T) {
	clientAddr, replayAddr := r.variant.listenAddr(), r.variant.listenAddr()
	stopTap := startTap(t, clientAddr, replayAddr, filepath.Join(r.dir, "replay.tap"))
	got := r.run(t, clientAddr, command("replay"), r.cassette(), "--listen", url(replayAddr))
	events := stopTap()
	if got.status != r.result.status {
		t.Errorf("exit status %d, want %d; stderr:\n%s", got.status, r.result.status, got.stderr)
	}
	if got, want := r.flow.stable(t, got.stdout), r.flow.stable(t, r.result.stdout); got != want {
		t.Errorf("stdout differs: %v", sameBytes([]byte(want), []byte(got), 0))
	}
	if got, want := withoutLines(got.stderr, "replay: "), withoutLines(r.result.stderr, "record: "); !bytes.Equal(got, want) {
		t.Errorf("stderr differs: %v", sameBytes(want, got, 0))
	}
	if wrote := r.takeOut(t); !bytes.Equal(wrote, r.wrote) {
		t.Errorf("the client's file differs: %v", sameBytes(r.wrote, wrote, 0))
	}
	if err := sameTraffic(tap.Conns(r.events), tap.Conns(events), sameServer); err != nil {
		t.Errorf("bytes before the client: %v", err)
	}
}

// replayRaw plays the recording to a client that sends the recorded bytes.
func (r *recording) replayRaw(t *testing.T) {
	s := serve(t, command("replay"), r.cassette(), "--listen", url(r.variant.listenAddr()))
	got, err := play(dialAddr(s.addr), r.events)
	if err != nil {
		t.Errorf("raw client: %v", err)
	} else if err := sameTraffic(tap.Conns(r.events), got, sameServer); err != nil {
		t.Errorf("bytes before the raw client: %v", err)
	}
	if status := s.stop(); status != 0 {
		t.Errorf("replay exited %d:\n%s", status, s.stderr.String())
	}
}

// verify runs `cassette verify`.
func (r *recording) verify(t *testing.T) { verifies(t, r.cassette()) }

func verifies(t *testing.T, cassette string) {
	t.Helper()
	if got := runs(t, command("cassette"), "verify", cassette); got.status != 0 {
		t.Errorf("cassette verify exited %d:\n%s%s", got.status, got.stdout, got.stderr)
	}
}

// url returns an address in the form of the commands.
func url(a tap.Addr) string { return a.Net + "://" + a.Addr }

func unix(path string) tap.Addr { return tap.Addr{Net: "unix", Addr: path} }

// startTap starts a tap. stop ends it and returns its log.
func startTap(t *testing.T, listen, upstream tap.Addr, path string) (stop func() []tap.Event) {
	t.Helper()
	running, err := tap.Start(listen, upstream, path)
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	t.Cleanup(func() {
		if !stopped {
			running.Close()
		}
	})
	return func() []tap.Event {
		t.Helper()
		stopped = true
		if err := running.Close(); err != nil {
			t.Error(err)
		}
		events, err := readLog(path)
		if err != nil {
			t.Error(err)
		}
		return events
	}
}

func readLog(path string) ([]tap.Event, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	events, err := tap.Read(f)
	return events, errors.Join(err, f.Close())
}
