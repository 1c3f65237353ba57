package causal

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wiretape/wiretape/internal/product"
)

// docker names things as Docker's engine does.
var docker = Names(product.Docker.Things)

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
	slices.SortFunc(e, func(a, b Exchange) int { return cmp.Compare(a.Begin, b.Begin) })
	return e
}

// waits returns the causes of a frame of exchange i, recorded in read seq, as the
// last parts of their targets.
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
	g := NewGraph(sorted(dockerRun()), docker)
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
	r := nameResources(exchanges, docker)
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

// stage is a gate with the parts of its exchanges as they are played.
type stage struct {
	*Gate
	parts map[int]*Part
}

func newStage(g *Graph) *stage { return &stage{NewGate(g), map[int]*Part{}} }

func (s *stage) part(i int) *Part {
	if s.parts[i] == nil {
		s.parts[i] = s.Part(i, nil)
	}
	return s.parts[i]
}

// again has all be played by others from here on.
func (s *stage) again() { clear(s.parts) }

// sink notes which frames were sent, in order.
type sink struct {
	mu   sync.Mutex
	sent []string
}

// frame returns a frame that notes its label when it is sent.
func (s *sink) frame(seq int64, label string) *Frame {
	return &Frame{Seq: seq, Send: func() *Frame {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sent = append(s.sent, label)
		return nil
	}}
}

// chain returns the first of several frames, by seq.
func (s *sink) chain(labels map[int64]string) (first *Frame) {
	for _, seq := range slices.Backward(slices.Sorted(maps.Keys(labels))) {
		f, next := s.frame(seq, labels[seq]), first
		send := f.Send
		f.Send = func() *Frame {
			send()
			return next
		}
		first = f
	}
	return first
}

// all returns the frames sent so far.
func (s *sink) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// TestGateUndo checks that a frame waits again for a cause that was taken back.
func TestGateUndo(t *testing.T) {
	g := NewGraph([]Exchange{
		{Method: "POST", Target: "/containers/a/wait", Streaming: true, Begin: 1, End: 20},
		{Method: "POST", Target: "/containers/a/kill", Begin: 5, End: 6},
		{Method: "POST", Target: "/containers/b/wait", Streaming: true, Begin: 7, End: 20},
		{Method: "POST", Target: "/containers/b/kill", Begin: 8, End: 9},
	}, docker)
	var s sink
	gate := newStage(g)
	gate.part(1).End()
	gate.Undo(1)
	gate.again()
	gate.part(3).End()
	gate.part(0).Offer(s.frame(19, "a"))
	gate.part(2).Offer(s.frame(20, "b"))
	if got := s.all(); !slices.Equal(got, []string{"b"}) {
		t.Errorf("sent %v, want b alone", got)
	}
	gate.part(1).End()
	if got := s.all(); !slices.Equal(got, []string{"b", "a"}) {
		t.Errorf("sent %v, want b, then a", got)
	}
}

func TestGateOrder(t *testing.T) {
	g := NewGraph(sorted(dockerRun()), docker)
	gate := newStage(g)
	var p sink
	attach, wait, start, create := index(g, "/attach"), index(g, "/wait"), index(g, "/start"), index(g, "/create")
	gate.part(create).Progress(0)
	gate.part(create).End()
	gate.part(attach).Progress(0)
	gate.part(wait).Progress(0)
	gate.part(wait).End()
	gate.part(wait).Offer(p.frame(65, "exited"))
	gate.part(attach).Offer(p.frame(50, "output"))
	if len(p.all()) != 0 {
		t.Fatalf("sent %q before the start", p.all())
	}
	gate.part(attach).End()
	gate.part(start).Progress(0)
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
	}, docker)
	for _, order := range [][]int{{0, 1}, {1, 0}} {
		var s sink
		first := []*Frame{
			s.chain(map[int64]string{3: "wait head", 9: "exited"}),
			s.chain(map[int64]string{4: "logs head", 5: "line", 8: "line"}),
		}
		gate := newStage(g)
		for _, i := range order {
			gate.part(i).Enter(first[i], 0, false)
		}
		if want := []string{"wait head", "logs head", "line", "line", "exited"}; !slices.Equal(s.all(), want) {
			t.Errorf("in the order %v: sent %q, want %q", order, s.all(), want)
		}
	}
}

func TestGateGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGraph(sorted(dockerRun()), docker)
		gate := newStage(g)
		gate.Timeout = 5 * time.Second
		var gaveUp []Wait
		gate.GaveUp = func(w Wait) { gaveUp = append(gaveUp, w) }
		var p sink
		wait, attach, start := index(g, "/wait"), index(g, "/attach"), index(g, "/start")
		gate.part(attach).Progress(0)
		gate.part(attach).End()
		gate.part(wait).Progress(0)
		gate.part(wait).End()
		gate.part(wait).Offer(p.frame(65, "exited"))
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

// A timer may fire while its event comes: the frame is not given up, nor sent before
// its own client is as far.
func TestGateDoesNotGiveUpWhatHasCome(t *testing.T) {
	g := NewGraph(sorted(dockerRun()), docker)
	gate := newStage(g)
	gate.Timeout = time.Hour
	gate.GaveUp = func(w Wait) { t.Errorf("gave up %v", w) }
	var p sink
	wait, start := index(g, "/wait"), index(g, "/start")
	gate.part(wait).Progress(0)
	gate.part(wait).End()
	due := true
	f := p.frame(65, "exited")
	f.Due = func() bool { return due }
	gate.part(wait).Offer(f)
	n := f.waits
	due = false
	for _, i := range []int{index(g, "/attach"), start} {
		gate.part(i).Progress(0)
		gate.part(i).End()
	}
	gate.giveUp(f, n)
	if len(p.all()) != 0 {
		t.Errorf("sent %q before the client was as far", p.all())
	}
}

// A frame that waits for its own client is not given up: people think.
func TestGateWaitsForItsOwnClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGraph([]Exchange{{Method: "POST", Target: "/exec/x/start", Stream: true, Begin: 1, End: 9, Client: []Event{{3, 5}}}}, docker)
		gate := newStage(g)
		gate.Timeout = time.Second
		var p sink
		typed := false
		gate.part(0).Progress(0)
		f := p.frame(4, "echo")
		f.Due = func() bool { return typed }
		gate.part(0).Offer(f)
		time.Sleep(time.Hour)
		gate.part(0).Progress(4)
		synctest.Wait()
		if len(p.all()) != 0 {
			t.Fatal("sent before its client's bytes")
		}
		typed = true
		gate.part(0).Progress(5)
		if len(p.all()) != 1 {
			t.Fatal("not sent after its client's bytes")
		}
	})
}

func TestGateCancel(t *testing.T) {
	gate := newStage(NewGraph([]Exchange{{Method: "POST", Target: "/exec/x/start", Begin: 1, End: 9, Client: []Event{{3, 5}}}}, docker))
	var p sink
	due := false
	f := p.frame(4, "echo")
	f.Due = func() bool { return due }
	gate.part(0).Offer(f)
	gate.part(0).Cancel(func() *Frame { return f })
	due = true
	gate.part(0).End()
	if len(p.all()) != 0 {
		t.Fatal("a cancelled frame was sent")
	}
}

func TestGateReset(t *testing.T) {
	g := NewGraph(sorted(dockerRun()), docker)
	gate := newStage(g)
	var p sink
	wait, attach, start := index(g, "/wait"), index(g, "/attach"), index(g, "/start")
	gate.part(attach).End()
	gate.part(wait).End()
	gate.part(wait).Offer(p.chain(map[int64]string{65: "exited", 66: "end"}))
	gate.Reset()
	gate.part(start).End() // it is the last run's client
	gate.again()
	if want := []string{"exited", "end"}; !slices.Equal(p.all(), want) {
		t.Fatalf("sent %q, want %q", p.all(), want)
	}
	gate.part(start).End()
	gate.part(wait).Offer(p.frame(65, "again"))
	if len(p.all()) != 2 {
		t.Fatal("what had happened before the reset still counts")
	}
	gate.part(attach).End()
	if len(p.all()) != 3 {
		t.Fatalf("sent %q, want three", p.all())
	}
}

// TestResetWhileClientsType checks that two clients which are in the same exchange,
// because one was there before the reset, get what each waits for.
func TestResetWhileClientsType(t *testing.T) {
	g := NewGraph([]Exchange{{Method: "POST", Target: "/exec/x/start", Stream: true, Begin: 1, End: 9, Client: []Event{{3, 5}}}}, docker)
	gate := newStage(g)
	var p sink
	typed := map[string]bool{}
	waits := func(who string) *Frame {
		f := p.frame(4, who)
		f.Due = func() bool { return typed[who] }
		return f
	}
	before := gate.part(0)
	before.Enter(waits("before"), 0, true)
	gate.Reset()
	gate.again()
	after := gate.part(0)
	after.Enter(waits("after"), 0, true)
	for _, who := range []string{"after", "before"} {
		typed[who] = true
		map[string]*Part{"before": before, "after": after}[who].Progress(5)
	}
	if want := []string{"after", "before"}; !slices.Equal(p.all(), want) {
		t.Errorf("sent %q, want %q", p.all(), want)
	}
}

// TestNames checks which parts of targets are names of things, and which words.
func TestNames(t *testing.T) {
	for target, want := range map[string]bool{
		"/v1.41/containers/a/wait?condition=x": true,
		"/containers/wait/wait":                true,
		"/containers/wait":                     false,
		"/v1.41/containers/wait?force=1":       false,
		"/containers/a/start":                  false,
	} {
		if got := docker.passive(&Exchange{Target: target}); got != want {
			t.Errorf("%s is passive: %v, want %v", target, got, want)
		}
	}
	for filters, want := range map[string]string{
		`{"container":["a"]}`:                 "a",
		`{"container":{"a":true}}`:            "a",
		`{"container":["a","b"]}`:             "",
		`{"container":["a"],"network":["n"]}`: "",
		`{"container":["a"],"event":["die"]}`: "a",
		`[]`:                                  "",
	} {
		if got, _ := docker.filtered(filters); got.item != want {
			t.Errorf("%s names %q, want %q", filters, got.item, want)
		}
	}
}

// TestLoneIsNoCause checks that nothing waits for an exchange that is marked so.
func TestLoneIsNoCause(t *testing.T) {
	exchanges := sorted(dockerRun())
	for i := range exchanges {
		exchanges[i].Lone = strings.HasSuffix(exchanges[i].Target, "/start")
	}
	g := NewGraph(exchanges, docker)
	for i := range exchanges {
		for _, name := range waits(g, i, 100) {
			if name == "start" {
				t.Errorf("%s waits for a start that nobody is told of", exchanges[i].Target)
			}
		}
	}
}
