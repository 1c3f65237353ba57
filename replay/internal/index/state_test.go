package index_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/index"
	"github.com/wiretape/wiretape/replay/internal/rule"
	"github.com/wiretape/wiretape/replay/internal/tapetest"
)

// daemon is a server of things that have names, as it answers while it is recorded.
type daemon struct {
	things []string
	next   int
}

// step is a request and its answer.
type step struct {
	method, path string
	code         int
	body         string
	peer         int
}

func (d *daemon) create(name string) step {
	d.next++
	id := fmt.Sprintf("%064x", d.next*7919)
	d.things = append(d.things, name)
	return step{"POST", "/things/create?name=" + name, 201, `{"Id":"` + id + `"}`, 1}
}

func (d *daemon) remove(name string) step {
	d.things = slices.DeleteFunc(d.things, func(s string) bool { return s == name })
	return step{"DELETE", "/things/" + name, 204, "", 1}
}

func (d *daemon) list() step {
	return step{"GET", "/things/json", 200, strings.Join(d.things, ","), 1}
}

// play is a live client's or several clients' replay of recorded steps.
type play struct {
	t *testing.T
	x *index.Index
	k rule.Keyer
}

func record(t *testing.T, strict bool, steps ...step) *play {
	t.Helper()
	var items []*cassettes.Interaction
	seq := int64(1)
	for _, s := range steps {
		it := tapetest.Item(t, tapetest.In(seq, fmt.Sprintf("%s %s HTTP/1.1\r\nHost: h\r\n\r\n", s.method, s.path)),
			tapetest.In(seq+1, fmt.Sprintf("HTTP/1.1 %d OK\r\nContent-Length: %d\r\n\r\n%s", s.code, len(s.body), s.body)))
		it.Peer = s.peer
		items, seq = append(items, it), seq+2
	}
	cs := []*cassettes.Cassette{tapetest.Cassette(t, cassettes.Header{}, items...)}
	r, err := rule.Resolve(cassettes.Match{}, nil, cs, "none")
	if err != nil {
		t.Fatal(err)
	}
	x, err := index.New(cs, r, index.Options{Bind: true, Guess: !strict, Strict: strict})
	if err != nil {
		t.Fatal(err)
	}
	return &play{t, x, x.Keyer()}
}

// ask returns the body of the answer, and whether it may be of another state; of a
// refusal, "refused".
func (p *play) ask(c *index.Client, s step) (body string, unsure bool) {
	p.t.Helper()
	g, refs := p.x.Find(&p.k, []byte(s.method), []byte(s.path), []byte("h"))
	if g == nil {
		return "miss", false
	}
	head := fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: h\r\n\r\n", s.method, s.path)
	how := index.Never
	if http1.IsSafe(s.method) {
		how = index.Last
	}
	q := index.Query{Body: rule.NoContent, Refs: refs, Client: c, Traits: p.x.Traits(g, []byte(s.path), head, []byte("h"))}
	cl, ok := p.x.Claim(g, q, how)
	switch {
	case !ok && cl.Refusal != nil:
		return "refused", true
	case !ok:
		return "miss", false
	}
	it, err := p.x.Item(cl.Pos)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(it.Response.Body.Data), cl.Order != ""
}

// suite is tests that create, list, change and remove; each asserts on the things of
// its own, as test i has them.
type suite struct {
	tests [][]func(d *daemon) step
}

// newSuite returns n tests of several kinds.
func newSuite(n int) (s suite) {
	for i := range n {
		name := fmt.Sprintf("thing%d", i)
		list := (*daemon).list
		create := func(d *daemon) step { return d.create(name) }
		remove := func(d *daemon) step { return d.remove(name) }
		steps := []func(d *daemon) step{create, list, remove}
		switch i % 4 {
		case 1:
			steps = []func(d *daemon) step{list, create, list, list, remove, list}
		case 2:
			other := name + "b"
			steps = []func(d *daemon) step{
				create, list, func(d *daemon) step { return d.create(other) }, list, remove, list, func(d *daemon) step { return d.remove(other) },
			}
		case 3:
			steps = []func(d *daemon) step{list, list, create, list, remove}
		}
		s.tests = append(s.tests, steps)
	}
	return s
}

// record returns the steps of the tests in order, and those of each.
func (s suite) record() (all []step, each [][]step) {
	d := new(daemon)
	for _, test := range s.tests {
		var own []step
		for _, f := range test {
			own = append(own, f(d))
		}
		all, each = append(all, own...), append(each, own)
	}
	return all, each
}

// TestShuffledTestsSeeTheirOwnState plays suites of 3, 10 and 30 tests in twenty
// orders each: every listing is the recorded one of that test.
func TestShuffledTestsSeeTheirOwnState(t *testing.T) {
	for _, n := range []int{3, 10, 30} {
		for seed := range uint64(20) {
			all, each := newSuite(n).record()
			p := record(t, true, all...)
			c := p.x.Join("tests")
			for _, i := range rand.New(rand.NewPCG(seed, 1)).Perm(n) {
				for _, s := range each[i] {
					if got, _ := p.ask(c, s); got != s.body {
						t.Fatalf("%d tests, seed %d, test %d, %s %s: got %q, want %q", n, seed, i, s.method, s.path, got, s.body)
					}
				}
			}
		}
	}
}

// TestParallelWorkersSeeTheirOwnState plays the tests in two to four processes at
// once, in random order.
func TestParallelWorkersSeeTheirOwnState(t *testing.T) {
	for _, n := range []int{3, 10, 30} {
		for seed := range uint64(20) {
			all, each := newSuite(n).record()
			p := record(t, true, all...)
			r := rand.New(rand.NewPCG(seed, 2))
			tests := r.Perm(n)
			workers := make([]struct {
				c    *index.Client
				todo []step
			}, 2+r.IntN(3))
			for w := range workers {
				workers[w].c = p.x.Join(w)
			}
			for len(tests) > 0 || slices.ContainsFunc(workers, func(w struct {
				c    *index.Client
				todo []step
			}) bool {
				return len(w.todo) > 0
			}) {
				w := &workers[r.IntN(len(workers))]
				if len(w.todo) == 0 {
					if len(tests) == 0 {
						continue
					}
					w.todo, tests = each[tests[0]], tests[1:]
				}
				s := w.todo[0]
				w.todo = w.todo[1:]
				if got, _ := p.ask(w.c, s); got != s.body {
					t.Fatalf("%d tests, seed %d, %s %s: got %q, want %q", n, seed, s.method, s.path, got, s.body)
				}
			}
		}
	}
}

// TestProxyOfSeveralClientsAsksForEach plays two processes that asked, and then
// changed something, at once: a single client, as a proxy is, makes the requests of
// both in any order that each could have kept.
func TestProxyOfSeveralClientsAsksForEach(t *testing.T) {
	look := func(peer int, body string) step { return step{"GET", "/things/a/json", 200, body, peer} }
	run := func(peer int) step {
		return step{"POST", fmt.Sprintf("/things/a/exec?cmd=%d", peer), 201, fmt.Sprintf(`{"Id":"%064x"}`, peer), peer}
	}
	start := func(peer int) step { return step{"POST", fmt.Sprintf("/exec/%064x/start", peer), 200, "hi", peer} }
	one := []step{look(1, "none runs"), run(1), start(1)}
	two := []step{look(2, "one runs"), run(2), start(2)}
	tape := []step{one[0], one[1], two[0], two[1], one[2], two[2]}
	for _, order := range []string{"111222", "222111", "121212", "112122", "221211", "122211"} {
		p := record(t, true, tape...)
		c := p.x.Join("proxy")
		var looks []string
		left := map[rune][]step{'1': one, '2': two}
		for _, who := range order {
			s := left[who][0]
			left[who] = left[who][1:]
			got, _ := p.ask(c, s)
			if s.method == "GET" {
				looks = append(looks, got)
			} else if got != s.body {
				t.Errorf("order %s, %s: got %q, want %q", order, s.path, got, s.body)
			}
		}
		slices.Sort(looks)
		if want := []string{"none runs", "one runs"}; !slices.Equal(looks, want) {
			t.Errorf("order %s: got %q, want %q", order, looks, want)
		}
	}
}

// TestProxyGetsNoAnswerOfAnotherStateSilently asks once more, after changes of both
// processes, for a listing that neither had then.
func TestProxyGetsNoAnswerOfAnotherStateSilently(t *testing.T) {
	d := new(daemon)
	before := d.list()
	one := d.create("one")
	between := d.list()
	two := d.create("two")
	between.peer, two.peer = 2, 2
	p := record(t, true, before, one, between, two, step{"GET", "/end", 200, "", 1})
	c := p.x.Join("proxy")
	for _, s := range []step{before, between, one, two} {
		p.ask(c, s)
	}
	if got, unsure := p.ask(c, before); !unsure {
		t.Errorf("got %q after both changes", got)
	}
}

// TestClientOfSeveralConnectionsAsksAtOnce checks that one client may change
// something on a connection while it asks on another. It is for the race detector.
func TestClientOfSeveralConnectionsAsksAtOnce(t *testing.T) {
	list := step{"GET", "/things/json", 200, "", 2}
	after := step{"GET", "/things/json", 200, "a", 2}
	change := step{"POST", "/other", 200, "done", 4}
	p := record(t, false, list, step{"POST", "/things/create?name=a", 200, "made", 3}, after, change)
	other := &play{t, p.x, p.x.Keyer()}
	c := p.x.Join("client")
	p.ask(c, list)
	var changes sync.WaitGroup
	changes.Go(func() { other.ask(c, change) })
	for range 1000 {
		p.ask(c, list)
	}
	changes.Wait()
}

// TestResetForgetsClients checks that a client which comes after a Reset has not
// asked before it: its key, a process id, may be another process's by then.
func TestResetForgetsClients(t *testing.T) {
	list := step{"GET", "/things/json", 200, "", 2}
	made := step{"POST", "/things/create?name=a", 201, `{"Id":"a"}`, 1}
	after := step{"GET", "/things/json", 200, "a", 3}
	p := record(t, false, list, made, after)
	old := p.x.Join("process 7")
	p.ask(old, list)
	p.x.Leave(old)
	p.x.Reset()
	p.ask(p.x.Join("process 8"), made)
	if got, _ := p.ask(p.x.Join("process 7"), list); got != "a" {
		t.Errorf("a client that came after the change got %q, want %q", got, "a")
	}
}

// TestClientReconnects checks that a client keeps its state while it has no
// connection: many open one for each request.
func TestClientReconnects(t *testing.T) {
	d := new(daemon)
	before, made, after := d.list(), d.create("a"), d.list()
	p := record(t, false, before, made, after)
	c := p.x.Join("process 7")
	p.ask(c, made)
	p.x.Leave(c)
	if got, _ := p.ask(p.x.Join("process 7"), after); got != after.body {
		t.Errorf("got %q, want %q", got, after.body)
	}
}
