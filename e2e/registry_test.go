package e2e

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/e2e/tap"
)

// The engine connects to proxiedAddr. A tap listens there when recording and
// when replaying, so that the registry's own name for itself stays right.
const (
	proxiedAddr  = "127.0.0.1:5001"
	recorderAddr = "127.0.0.1:5002"
	upstreamAddr = "127.0.0.1:5003"
)

func tcp(addr string) tap.Addr { return tap.Addr{Net: "tcp", Addr: addr} }

// registryFlow is a task that an engine gives to a registry.
type registryFlow struct {
	name   string
	do     func(l *lab) string // what docker printed
	dir    string
	output string
	events []tap.Event
}

func (f *registryFlow) cassette() string { return filepath.Join(f.dir, "c.yaml") }

// TestRegistry records an engine's push and pull of an image of one layer
// through TCP, stops the registry, and replays both to an engine that knows
// neither.
func TestRegistry(t *testing.T) {
	needEngines(t)
	l := startLab(t)
	image := proxiedAddr + "/one:1"
	flows := []*registryFlow{
		{name: "push", do: func(l *lab) string {
			l.must("load", "--input", l.file("one-image.tar"))
			l.must("tag", "one:1", image)
			return l.must("push", image)
		}},
		{name: "pull", do: func(l *lab) string {
			l.must("rmi", "--force", "one:1", image)
			return l.must("pull", image)
		}},
		{name: "pull-missing", do: func(l *lab) string {
			r := runs(l.t, "docker", "--host", "unix://"+l.docker.Socket, "pull", proxiedAddr+"/nothing:1")
			if r.status != 1 {
				l.t.Errorf("docker exited %d, want 1", r.status)
			}
			return string(r.stderr)
		}},
	}
	for _, f := range flows {
		t.Run("record/"+f.name, func(t *testing.T) { f.record(t, l) })
	}
	if t.Failed() {
		t.FailNow()
	}
	l.stop()
	for _, f := range flows {
		t.Run("replay/"+f.name+"/raw", f.replayRaw)
		t.Run("replay/"+f.name+"/verify", f.verify)
	}
	l.startDocker("engine2")
	for _, f := range flows {
		t.Run("replay/"+f.name+"/engine", func(t *testing.T) { f.replayEngine(t, l) })
	}
}

func (f *registryFlow) record(t *testing.T, l *lab) {
	f.dir = folder(t)
	stopServer := startTap(t, tcp(upstreamAddr), tcp(registryAddr), filepath.Join(f.dir, "server.tap"))
	recorder := serve(t, command("record"), "--upstream", "tcp://"+upstreamAddr, "--listen", "tcp://"+recorderAddr, "--cassette", f.cassette())
	stopClient := startTap(t, tcp(proxiedAddr), tcp(recorderAddr), filepath.Join(f.dir, "client.tap"))
	f.output = f.do(l.as(t))
	f.events = stopClient()
	if status := recorder.stop(); status != 0 {
		t.Errorf("record exited %d:\n%s", status, recorder.stderr.String())
	}
	if err := sameTraffic(tap.Conns(f.events), tap.Conns(stopServer()), sameConn); err != nil {
		t.Errorf("the taps on both sides of record differ: %v", err)
	}
	if !strings.Contains(f.output, "one") && !strings.Contains(f.output, "nothing") {
		t.Errorf("docker printed %q", f.output)
	}
}

func (f *registryFlow) replayRaw(t *testing.T) {
	s := serve(t, command("replay"), f.cassette(), "--listen", "tcp://127.0.0.1:0")
	got, err := play(dialAddr(s.addr), f.events)
	if err != nil {
		t.Errorf("raw client: %v", err)
	} else if err := sameTraffic(tap.Conns(f.events), got, sameServer); err != nil {
		t.Errorf("bytes before the raw client: %v", err)
	}
	if status := s.stop(); status != 0 {
		t.Errorf("replay exited %d:\n%s", status, s.stderr.String())
	}
}

func (f *registryFlow) verify(t *testing.T) { verifies(t, f.cassette()) }

// replayEngine plays to an engine in the state of the recorded one.
func (f *registryFlow) replayEngine(t *testing.T, l *lab) {
	s := serve(t, command("replay"), f.cassette(), "--listen", "tcp://"+recorderAddr)
	stopTap := startTap(t, tcp(proxiedAddr), tcp(recorderAddr), filepath.Join(f.dir, "replay.tap"))
	if output := f.do(l.as(t)); steady(output) != steady(f.output) {
		t.Errorf("docker printed\n%s\nwant\n%s", output, f.output)
	}
	if err := sameTraffic(tap.Conns(f.events), tap.Conns(stopTap()), sameServer); err != nil {
		t.Errorf("bytes before the engine: %v", err)
	}
	if status := s.stop(); status != 0 {
		t.Errorf("replay exited %d:\n%s", status, s.stderr.String())
	}
}

// passing are progress lines of a live engine that it prints only now and
// then.
var passing = regexp.MustCompile(`(?m)^.*: (?:Verifying Checksum|Waiting|Preparing)\n`)

// steady returns the output of a live engine without those lines.
func steady(output string) string { return passing.ReplaceAllString(output, "") }
