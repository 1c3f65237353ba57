package causal

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// id returns a 64 digit identifier.
func id(c string) string { return strings.Repeat(c, 64) }

// A run of one container as a CLI does it: create, attach, wait, start, with
// events watching from another process.
func dockerRun() []Exchange {
	a := id("a")
	return []Exchange{
		{Method: "GET", Target: "/v1.41/events", Status: 200, Streaming: true, Peer: 1, Begin: 1, End: 90},                                                          // 0
		{Method: "POST", Target: "/v1.41/containers/create?name=web", Status: 201, IDs: []string{a}, Peer: 2, Begin: 10, End: 12},                                   // 1
		{Method: "POST", Target: "/v1.41/containers/" + a + "/attach?stream=1", Status: 101, Stream: true, Peer: 2, Begin: 20, End: 60, Client: []Event{{Seq: 22}}}, // 2
		{Method: "POST", Target: "/v1.41/containers/" + a + "/wait", Status: 200, Streaming: true, Peer: 2, Begin: 30, End: 70},                                     // 3
		{Method: "POST", Target: "/v1.41/containers/" + a[:12] + "/start", Status: 204, Peer: 2, Begin: 40, End: 45},                                                // 4
		{Method: "GET", Target: "/v1.41/containers/web/json", Status: 200, Peer: 3, Begin: 80, End: 81},                                                             // 5
		{Method: "POST", Target: "/v1.41/containers/" + a + "/wait?other", Status: 200, Streaming: true, Peer: 4, Begin: 31, End: 71},                               // 7
		{Method: "POST", Target: "/v1.41/containers/other/kill", Status: 204, Peer: 3, Begin: 50, End: 51},                                                          // 6
	}
}

func sorted(e []Exchange) []Exchange {
	slices.SortFunc(e, func(a, b Exchange) int { return compare(a.Begin, b.Begin) })
	return e
}

// waits returns the targets' last parts of what a frame of the n-th exchange
// with that method and path part waits for.
func waits(g *Graph, i int, seq int64) []string {
	var got []string
	g.causes(i, 0, seq, func(n int) bool {
		e := g.exchanges[g.events[n].exchange]
		path, _, _ := strings.Cut(e.Target, "?")
		got = append(got, path[strings.LastIndex(path, "/")+1:])
		return true
	})
	slices.Sort(got)
	return got
}

func index(g *Graph, part string) int {
	return slices.IndexFunc(g.exchanges, func(e Exchange) bool { return strings.Contains(e.Target, part) })
}

func TestCauses(t *testing.T) {
	g := NewGraph(sorted(dockerRun()), Docker)
	for _, tt := range []struct {
		name string
		of   string
		seq  int64
		want []string
	}{
		{"output waits for the start, by a prefix of the id, and, in its company, the wait", "/attach", 50, []string{"start", "wait"}},
		{"the end of the wait waits for the start", "/wait", 65, []string{"attach", "start"}},
		{"not for what came later", "/wait", 35, []string{"attach"}},
		{"a watcher waits for all that is unsafe", "/events", 55, []string{"attach", "attach", "create", "kill", "start"}},
		{"of two that wait for the same none waits for the other", "/wait?other", 70, []string{"start"}},
		{"a plain exchange waits for nothing", "/json", 81, nil},
		{"another container is unrelated", "/kill", 51, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := waits(g, index(g, tt.of), tt.seq); !slices.Equal(got, tt.want) {
				t.Errorf("waits for %q, want %q", got, tt.want)
			}
		})
	}
}

func TestResources(t *testing.T) {
	a, e := id("a"), id("e")
	exchanges := []Exchange{
		{Method: "POST", Target: "/containers/create?name=web", Status: 201, IDs: []string{a}, Begin: 1},
		{Method: "GET", Target: "/v1.24/containers/aaaaaaaaaaaa/json", Status: 200, IDs: []string{a}, Begin: 2},
		{Method: "POST", Target: "/v1.24/containers/web/exec", Status: 201, IDs: []string{e}, Begin: 3},
		{Method: "POST", Target: "/v1.24/exec/" + e + "/start", Status: 101, Stream: true, Begin: 4},
		{Method: "GET", Target: `/events?filters=%7B%22container%22%3A%7B%22` + a + `%22%3Atrue%7D%7D`, Status: 200, Streaming: true, Begin: 5},
		{Method: "GET", Target: "/containers/json?all=1", Status: 200, Begin: 6},
		{Method: "POST", Target: "/v4.0.0/libpod/containers/web/start", Status: 204, Begin: 7},
		{Method: "POST", Target: "/session", Session: "s1", Status: 101, Stream: true, Begin: 8},
		{Method: "POST", Target: "/build?session=s1", Status: 200, Begin: 9},
		{Method: "POST", Target: "http://docker/containers/web/stop", Status: 204, Begin: 10},
		{Method: "PATCH", Target: "/v2/team/app/blobs/uploads/u1?_state=a", Status: 202, Begin: 11},
		{Method: "PATCH", Target: "/v2/team/app/blobs/uploads/u2?_state=b", Status: 202, Begin: 12},
		{Method: "PUT", Target: "/v2/team/app/blobs/uploads/u1?digest=c", Status: 201, Begin: 13},
		{Method: "POST", Target: "/v2/team/app/blobs/uploads/", Status: 202, Begin: 14},
		{Method: "PUT", Target: "/v2/team/app/manifests/1", Status: 201, Begin: 15},
		{Method: "GET", Target: "/v1", Status: 200, IDs: []string{"x"}, Begin: 16},
	}
	r := nameResources(exchanges, Docker)
	container, exec, session := r.of[0], r.of[2], r.of[7]
	one, other := r.of[10], r.of[11]
	want := []int{container, container, exec, exec, container, -1, container, session, session, container, one, other, one, -1, -1, -1}
	if !slices.Equal(r.of, want) {
		t.Errorf("resources %v, want %v", r.of, want)
	}
	if one == other {
		t.Error("two uploads are one")
	}
	if r.parent[exec] != container {
		t.Errorf("the exec's parent is %d, want %d", r.parent[exec], container)
	}
}

// sink notes which frames were sent, in order.
type sink struct {
	mu   sync.Mutex
	sent []string
}

// frame returns a frame that notes its label when it is sent.
func (s *sink) frame(i int, seq int64, label string) *Frame {
	return &Frame{Exchange: i, Seq: seq, Send: func() *Frame {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sent = append(s.sent, label)
		return nil
	}}
}

// chain returns the first of several frames, by seq.
func (s *sink) chain(i int, labels map[int64]string) (first *Frame) {
	for _, seq := range slices.Backward(slices.Sorted(maps.Keys(labels))) {
		f, next := s.frame(i, seq, labels[seq]), first
		send := f.Send
		f.Send = func() *Frame {
			send()
			return next
		}
		first = f
	}
	return first
}

// all returns what was sent so far.
func (s *sink) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// TestGateUndo checks that what was taken back is waited for again.
func TestGateUndo(t *testing.T) {
	g := NewGraph([]Exchange{
		{Method: "POST", Target: "/containers/a/wait", Streaming: true, Begin: 1, End: 20},
		{Method: "POST", Target: "/containers/a/kill", Begin: 5, End: 6},
		{Method: "POST", Target: "/containers/b/wait", Streaming: true, Begin: 7, End: 20},
		{Method: "POST", Target: "/containers/b/kill", Begin: 8, End: 9},
	}, Docker)
	var s sink
	gate := NewGate(g)
	gate.End(1)
	gate.Undo(1)
	gate.End(3)
	gate.Offer(s.frame(0, 19, "a"))
	gate.Offer(s.frame(2, 20, "b"))
	if got := s.all(); !slices.Equal(got, []string{"b"}) {
		t.Errorf("sent %v, want b alone", got)
	}
	gate.End(1)
	if got := s.all(); !slices.Equal(got, []string{"b", "a"}) {
		t.Errorf("sent %v, want b, then a", got)
	}
}

func TestGateOrder(t *testing.T) {
	g := NewGraph(sorted(dockerRun()), Docker)
	gate := NewGate(g)
	var p sink
	attach, wait, start, create := index(g, "/attach"), index(g, "/wait"), index(g, "/start"), index(g, "/create")
	gate.Begin(create)
	gate.End(create)
	gate.Begin(attach)
	gate.Begin(wait)
	gate.End(wait)
	gate.Offer(p.frame(wait, 65, "exited"))
	gate.Offer(p.frame(attach, 50, "output"))
	if len(p.all()) != 0 {
		t.Fatalf("sent %q before the start", p.all())
	}
	gate.End(attach)
	gate.Begin(start)
	if want := []string{"output", "exited"}; !slices.Equal(p.all(), want) {
		t.Fatalf("sent %q, want %q", p.all(), want)
	}
}

// TestGateEnter checks that two exchanges which wait for each other's request are
// answered in the recorded order, whichever comes first.
func TestGateEnter(t *testing.T) {
	g := NewGraph([]Exchange{
		{Method: "POST", Target: "/containers/a/wait", Streaming: true, Peer: 1, Begin: 1, End: 11},
		{Method: "GET", Target: "/containers/a/logs", Streaming: true, Peer: 1, Begin: 2, End: 12},
	}, Docker)
	for _, order := range [][]int{{0, 1}, {1, 0}} {
		var s sink
		first := []*Frame{
			s.chain(0, map[int64]string{3: "wait head", 9: "exited"}),
			s.chain(1, map[int64]string{4: "logs head", 5: "line", 8: "line"}),
		}
		gate := NewGate(g)
		for _, i := range order {
			gate.Enter(first[i], 0, false)
		}
		if want := []string{"wait head", "logs head", "line", "line", "exited"}; !slices.Equal(s.all(), want) {
			t.Errorf("in the order %v: sent %q, want %q", order, s.all(), want)
		}
	}
}

func TestGateGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGraph(sorted(dockerRun()), Docker)
		gate := NewGate(g)
		gate.Timeout = 5 * time.Second
		var gaveUp []Wait
		gate.GaveUp = func(w Wait) { gaveUp = append(gaveUp, w) }
		var p sink
		wait, attach, start := index(g, "/wait"), index(g, "/attach"), index(g, "/start")
		gate.Begin(attach)
		gate.End(attach)
		gate.Begin(wait)
		gate.End(wait)
		gate.Offer(p.frame(wait, 65, "exited"))
		time.Sleep(4 * time.Second)
		synctest.Wait()
		if len(p.all()) != 0 {
			t.Fatal("gave up early")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if len(p.all()) != 1 || len(gaveUp) != 1 || gaveUp[0].Cause != start {
			t.Fatalf("sent %q, gave up %v, want one that waited for %d", p.all(), gaveUp, start)
		}
	})
}

// A frame that waits for its own client is not given up: people think.
func TestGateWaitsForItsOwnClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGraph([]Exchange{{Method: "POST", Target: "/exec/x/start", Stream: true, Begin: 1, End: 9, Client: []Event{{3, 5}}}}, Docker)
		gate := NewGate(g)
		gate.Timeout = time.Second
		var p sink
		typed := false
		gate.Begin(0)
		f := p.frame(0, 4, "echo")
		f.Due = func() bool { return typed }
		gate.Offer(f)
		time.Sleep(time.Hour)
		gate.Progress(0, 4)
		synctest.Wait()
		if len(p.all()) != 0 {
			t.Fatal("sent before its client's bytes")
		}
		typed = true
		gate.Progress(0, 5)
		if len(p.all()) != 1 {
			t.Fatal("not sent after its client's bytes")
		}
	})
}

func TestGateCancel(t *testing.T) {
	gate := NewGate(NewGraph([]Exchange{{Method: "POST", Target: "/exec/x/start", Begin: 1, End: 9, Client: []Event{{3, 5}}}}, Docker))
	var p sink
	due := false
	f := p.frame(0, 4, "echo")
	f.Due = func() bool { return due }
	gate.Offer(f)
	gate.Cancel(func() *Frame { return f })
	due = true
	gate.End(0)
	if len(p.all()) != 0 {
		t.Fatal("a cancelled frame was sent")
	}
}

func TestGateReset(t *testing.T) {
	g := NewGraph(sorted(dockerRun()), Docker)
	gate := NewGate(g)
	var p sink
	wait, attach, start := index(g, "/wait"), index(g, "/attach"), index(g, "/start")
	gate.End(attach)
	gate.End(wait)
	gate.Offer(p.frame(wait, 65, "exited"))
	gate.Reset()
	if want := []string{"exited"}; !slices.Equal(p.all(), want) {
		t.Fatalf("sent %q, want %q", p.all(), want)
	}
	gate.End(start)
	gate.Offer(p.frame(wait, 65, "again"))
	if len(p.all()) != 1 {
		t.Fatal("what had happened before the reset still counts")
	}
	gate.End(attach)
	if len(p.all()) != 2 {
		t.Fatalf("sent %q, want two", p.all())
	}
}
