package replay

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/issued"
)

// id returns an identifier as an engine issues them: 64 hexadecimal digits.
func id(name byte) string { return strings.Repeat(fmt.Sprintf("%02x", name), 32) }

// story is a line of a recording or of a client: a request and its answer.
type story struct{ request, answer string }

func creates(name byte) story {
	return story{post("/containers/create", `{"Image":"i"}`), `{"Id":"` + id(name) + `"}`}
}

func starts(name byte) story { return story{post("/containers/"+id(name)+"/start", ""), "started"} }

func inspects(name byte, what string) story {
	return story{get("/containers/" + id(name) + "/json"), `{"Id":"` + id(name) + `","What":"` + what + `"}`}
}

func execs(name, exec byte, command string) story {
	return story{post("/containers/"+id(name)+"/exec", `{"Cmd":"`+command+`"}`), `{"Id":"` + id(exec) + `"}`}
}

func looks(exec byte, code string) story {
	return story{get("/exec/" + id(exec) + "/json"), `{"ID":"` + id(exec) + `","ExitCode":` + code + `}`}
}

func removes(name byte) story { return story{"DELETE" + post("/containers/"+id(name), "")[4:], "gone"} }

// connects has the id in its body alone, in short.
func connects(name byte, alias string) story {
	return story{post("/networks/n/connect", `{"Container":"`+id(name)[:12]+`"}`), alias}
}

// uploads is a registry's: the location that the answer to one request gives is
// where the next goes.
func uploads(uuid, state, host string) story {
	return story{post("/v2/r/blobs/uploads/", ""), "Location: http://" + host + "/v2/r/blobs/uploads/" + uuid + "?_state=" + state + "\nRange: 0-0\n"}
}

func patches(uuid, state, body, next string) story {
	return story{"PATCH" + post("/v2/r/blobs/uploads/"+uuid+"?_state="+state, body)[4:], "Location: http://h/v2/r/blobs/uploads/" + uuid + "?_state=" + next + "\nRange: 0-9\n"}
}

func puts(uuid, state, digest string) story {
	return story{"PUT" + post("/v2/r/blobs/uploads/"+uuid+"?_state="+state+"&digest=sha256:"+digest, "")[4:], "created"}
}

func jobs(name byte) story {
	return story{post("/jobs", ""), fmt.Sprintf(`{"id":"job-%s","state":"scheduled"}`, strings.Repeat(string(name), 8))}
}

func does(name byte, what string) story {
	return story{post("/jobs/job-"+strings.Repeat(string(name), 8)+"/do?from=scheduled", what), what}
}

func scrolls(n int) story {
	return story{"GET" + post("/_search/scroll", fmt.Sprintf(`{"id":"scroll-aaaaaaaa","n":%d}`, n))[4:], fmt.Sprintf("page %d", n)}
}

func makes(id string) story { return story{post("/up", ""), `{"Id":"` + id + `"}`} }

func names(id, name string) story {
	return story{"PUT" + post("/up/"+id+"?name="+name[:1], "")[4:], `{"Id":"` + id + `","Name":"` + name + `"}`}
}

// spaces are more than is kept in a cassette.
var spaces = strings.Repeat(" ", 100<<10)

// lengthy is more than values are looked for in.
var lengthy = strings.Repeat("a long command ", issued.DocumentMax/10)

// item returns the interaction of the n-th line: an answer that begins with a
// field is fields alone.
func (s story) item(t testing.TB, n int) *cassettes.Interaction {
	t.Helper()
	answer := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(s.answer), s.answer)
	if strings.HasPrefix(s.answer, "Location: ") {
		answer = "HTTP/1.1 202 Accepted\r\n" + strings.ReplaceAll(s.answer, "\n", "\r\n") + "Content-Length: 0\r\n\r\n"
	}
	return item(t, in(int64(2*n+1), s.request), in(int64(2*n+2), answer))
}

// tell has clients ask what lines ask, one after the other, and compares what
// they are answered; "miss" is a miss.
func (p *player) tell(t *testing.T, lines []story) {
	t.Helper()
	c := p.dial(t)
	r := newResponseReader(c)
	for i, line := range lines {
		send(t, c, line.request)
		resp, got := r.read(t)
		switch {
		case resp.StatusCode == 501:
			got = "miss"
		case resp.Header.Get("Location") != "":
			got = fmt.Sprintf("Location: %s\nRange: %s\n", resp.Header.Get("Location"), resp.Header.Get("Range"))
		}
		if got != line.answer {
			t.Errorf("line %d, %.200q:\n got %s\nwant %s", i, line.request, got, line.answer)
		}
	}
}

// TestStories has clients use issued values in another order than the recorded
// ones. A line in want is the answer that the client's line gets; where it is
// left out, that of the recorded line that is equal to it.
func TestStories(t *testing.T) {
	two := []story{creates('a'), creates('b'), starts('a'), starts('b'), execs('a', 'x', "one"), execs('b', 'y', "two"),
		looks('x', "1"), looks('y', "2"), removes('a'), removes('b')}
	uploaded := []story{
		uploads("uuid-aaa", "state-a0", "h"), uploads("uuid-bbb", "state-b0%3D", "h"), uploads("uuid-ccc", "state-c0-longer", "h"),
		patches("uuid-aaa", "state-a0", "alpha", "state-a1"), patches("uuid-bbb", "state-b0%3D", "beta", "state-b1%3D%3D"), patches("uuid-ccc", "state-c0-longer", "gamma", "state-c1"),
		puts("uuid-aaa", "state-a1", id('1')), puts("uuid-bbb", "state-b1%3D%3D", id('2')), puts("uuid-ccc", "state-c1", id('3')),
	}
	answered := func(s story, answer string) story { return story{s.request, answer} }
	for _, tt := range []struct {
		name      string
		recorded  []story
		live      []story
		exchanges int
		guesses   int
	}{
		{"in recorded order", two, two, 0, 0},
		{"execs in the other container", two, []story{
			creates('a'), creates('b'), starts('a'), starts('b'),
			execs('a', 'y', "two"), execs('b', 'x', "one"), looks('y', "2"), looks('x', "1"), removes('b'), removes('a'),
		}, 1, 0},
		{"one client at a time, the second first", two, []story{
			creates('a'), starts('a'), execs('a', 'y', "two"), looks('y', "2"), removes('a'),
			creates('b'), starts('b'), execs('b', 'x', "one"), looks('x', "1"), removes('b'),
		}, 1, 0},
		{"and the same again where nothing was exchanged back", two, []story{
			creates('a'), starts('a'), execs('a', 'y', "two"), creates('b'), execs('b', 'x', "one"), starts('b'), looks('x', "1"), looks('y', "2"),
		}, 1, 0},
		{"an exec that was recorded for neither", two, []story{
			creates('a'), answered(execs('a', 'x', "three"), "miss"),
		}, 0, 0},
		{"a third exec", two, []story{
			creates('a'), creates('b'), execs('a', 'x', "one"), execs('b', 'y', "two"), answered(execs('b', 'y', "one"), "miss"),
		}, 0, 0},
		{"an inspection that told them apart already", []story{
			creates('a'), creates('b'), inspects('a', "A"), inspects('b', "B"), execs('a', 'x', "one"), execs('b', 'y', "two"),
		}, []story{
			creates('a'), creates('b'), inspects('a', "A"), inspects('b', "B"), execs('a', 'y', "two"), execs('b', 'x', "one"),
		}, 0, 1},
		{"inspections again, after an exchange", []story{
			creates('a'), creates('b'), inspects('a', "A"), inspects('b', "B"), execs('a', 'x', "one"), execs('b', 'y', "two"),
		}, []story{
			creates('a'), execs('a', 'y', "two"), inspects('a', "B"), inspects('a', "B"), creates('b'), inspects('b', "A"), execs('b', 'x', "one"), inspects('b', "A"),
		}, 1, 0},
		{"an id in a body, in short", []story{
			creates('a'), creates('b'), connects('a', "A"), execs('a', 'x', "one"), connects('b', "B"), execs('b', 'y', "two"),
		}, []story{
			creates('a'), creates('b'), execs('b', 'x', "one"), connects('b', "A"), connects('a', "B"), execs('a', 'y', "two"),
		}, 1, 0},
		{"uploads in another order", uploaded, []story{
			uploads("uuid-aaa", "state-a0", "h"), uploads("uuid-bbb", "state-b0%3D", "h"),
			patches("uuid-bbb", "state-b0%3D", "alpha", "state-a1"),
			uploads("uuid-ccc", "state-c0-longer", "h"),
			patches("uuid-ccc", "state-c0-longer", "beta", "state-b1%3D%3D"),
			puts("uuid-ccc", "state-b1%3D%3D", id('2')),
			puts("uuid-bbb", "state-a1", id('1')),
			patches("uuid-aaa", "state-a0", "gamma", "state-c1"), puts("uuid-aaa", "state-c1", id('3')),
		}, 2, 0},
		{"the digest alone tells", []story{
			uploads("uuid-aaa", "state-a0", "h"), uploads("uuid-bbb", "state-b0", "h"),
			patches("uuid-aaa", "state-a0", "same", "state-a1"), patches("uuid-bbb", "state-b0", "same", "state-b1"),
			puts("uuid-aaa", "state-a1", id('1')), puts("uuid-bbb", "state-b1", id('2')),
		}, []story{
			uploads("uuid-aaa", "state-a0", "h"), uploads("uuid-bbb", "state-b0", "h"),
			patches("uuid-aaa", "state-a0", "same", "state-a1"), patches("uuid-bbb", "state-b0", "same", "state-b1"),
			puts("uuid-bbb", "state-b1", id('1')), puts("uuid-aaa", "state-a1", id('2')),
		}, 1, 0},
		{"unequal containers keep their own", []story{
			{post("/containers/create", `{"Image":"i"}`), `{"Id":"` + id('a') + `"}`},
			{post("/containers/create", `{"Image":"j"}`), `{"Id":"` + id('b') + `"}`}, starts('b'),
		}, []story{
			{post("/containers/create", `{"Image":"i"}`), `{"Id":"` + id('a') + `"}`},
			{post("/containers/create", `{"Image":"j"}`), `{"Id":"` + id('b') + `"}`},
			answered(starts('a'), "miss"), starts('b'),
		}, 0, 0},
		{"an exec on the wrong container", []story{
			{post("/containers/create", `{"Image":"i"}`), `{"Id":"` + id('a') + `"}`},
			{post("/containers/create", `{"Image":"j"}`), `{"Id":"` + id('b') + `"}`}, execs('b', 'y', "two"), starts('a'),
		}, []story{
			{post("/containers/create", `{"Image":"i"}`), `{"Id":"` + id('a') + `"}`},
			{post("/containers/create", `{"Image":"j"}`), `{"Id":"` + id('b') + `"}`},
			answered(execs('a', 'y', "two"), "miss"), execs('b', 'y', "two"),
		}, 0, 0},
		{"an id that was reported, not issued", []story{
			inspects('a', "A"), {post("/x", ""), "x"}, starts('a'), starts('b'),
		}, []story{starts('a'), inspects('a', "A"), starts('b')}, 0, 0},
		{"a word that every answer has", []story{
			jobs('a'), jobs('b'), does('a', "one"), does('b', "two"),
		}, []story{
			jobs('a'), jobs('b'), does('a', "two"), does('b', "one"),
		}, 1, 0},
		{"an id in the body of a GET", []story{
			{post("/idx/_search", ""), `{"id":"scroll-aaaaaaaa"}`}, scrolls(1), scrolls(2), {"DELETE" + scrolls(3).request[3:], "gone"},
		}, []story{
			{post("/idx/_search", ""), `{"id":"scroll-aaaaaaaa"}`}, scrolls(1), scrolls(2), scrolls(1), {"DELETE" + scrolls(3).request[3:], "gone"},
		}, 0, 0},
		{"an id behind much else", []story{
			creates('a'), execs('a', 'x', lengthy+id('a')),
		}, []story{
			creates('a'), execs('a', 'x', lengthy+id('a')),
		}, 0, 0},
		{"ids of other lengths", []story{
			makes("w3e5r7t9"), makes("q1z2x3c4v5"), names("w3e5r7t9", "A"), names("q1z2x3c4v5", "B"),
		}, []story{
			makes("w3e5r7t9"), makes("q1z2x3c4v5"), answered(names("w3e5r7t9", "B"), "miss"), names("w3e5r7t9", "A"), names("q1z2x3c4v5", "B"),
		}, 0, 0},
		{"a large answer", []story{
			makes("w3e5r7t9"), makes("q1z2x3c4"), names("w3e5r7t9", "A"+spaces), names("q1z2x3c4", "B"+spaces),
		}, []story{
			makes("w3e5r7t9"), makes("q1z2x3c4"), names("w3e5r7t9", "B"+spaces), names("q1z2x3c4", "A"+spaces),
		}, 1, 0},
		{"the host of a mount", []story{
			{post("/v2/a/blobs/uploads/?from=b&origin=h", ""), "first"}, {post("/x", ""), "x"},
		}, []story{
			{"POST /v2/a/blobs/uploads/?from=b&origin=localhost:1 HTTP/1.1\r\nHost: localhost:1\r\nContent-Length: 0\r\n\r\n", "first"},
		}, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var items []*cassettes.Interaction
			for n, line := range tt.recorded {
				items = append(items, line.item(t, n))
			}
			p := play(t, "unix", items...)
			for range 2 { // the second time after a reset
				before := p.Report()
				p.tell(t, tt.live)
				after := p.Report()
				if got := after.Exchanges - before.Exchanges; got != tt.exchanges {
					t.Errorf("%d exchanges, want %d", got, tt.exchanges)
				}
				if got := len(after.Guesses) - len(before.Guesses); got != tt.guesses {
					t.Errorf("%d guesses, want %d", got, tt.guesses)
				}
				p.Reset()
			}
		})
	}
}

// TestIssuedBeforeTheBody checks that a client is let go on whose body alone
// says whose story it tells, and that an answer that came before its request's
// end has the ids that the client holds.
func TestIssuedBeforeTheBody(t *testing.T) {
	early := func(name byte) string {
		return "POST /containers/" + id(name) + "/archive HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\nfour"
	}
	answer := func(name byte) string {
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n%s", id(name))
	}
	items := []*cassettes.Interaction{}
	for n, line := range []story{creates('a'), creates('b'), execs('a', 'x', "one"), execs('b', 'y', "two"), connects('a', "A"), connects('b', "B")} {
		items = append(items, line.item(t, n))
	}
	for i, name := range []byte{'a', 'b'} {
		seq := int64(100 + 10*i)
		items = append(items, item(t, []read{{seq, early(name)}, {seq + 2, "more"}}, []read{{seq + 1, answer(name)}}))
	}
	p := play(t, "unix", items...)
	p.tell(t, []story{creates('a'), creates('b'), execs('a', 'y', "two")})
	c := p.dial(t)
	connect := connects('a', "B")
	head, body, _ := strings.Cut(connect.request, "\r\n\r\n")
	send(t, c, head+"\r\nExpect: 100-continue\r\n\r\n")
	expect(t, c, "HTTP/1.1 100 Continue\r\n\r\n")
	send(t, c, body)
	if got := newResponseReader(c).body(t); got != connect.answer {
		t.Errorf("got %s, want %s", got, connect.answer)
	}
	c = p.dial(t)
	send(t, c, early('a'))
	expect(t, c, answer('a'))
}

// TestStoriesInAnyOrder has clients take their steps in any order between each
// other, each with its own ids. Each is to get its own answers, whatever the
// order.
func TestStoriesInAnyOrder(t *testing.T) {
	const clients = 6
	var items []*cassettes.Interaction
	add := func(s story) { items = append(items, s.item(t, len(items))) }
	for i := range clients {
		add(creates(byte(0x10 + i)))
	}
	for i := range clients {
		container, exec := byte(0x10+i), byte(0x40+i)
		add(starts(container))
		add(execs(container, exec, fmt.Sprintf("command-%d", i/2))) // two are equal each
		add(looks(exec, fmt.Sprint(i/2)))
		add(removes(container))
	}
	tape := tape(t, cassettes.Header{}, items...)
	for seed := range uint64(50) {
		p := serve(t, "unix", &Server{Cassettes: []*cassettes.Cassette{tape}, Bind: BindSure, CausalTimeout: -1})
		c := p.dial(t)
		r := newResponseReader(c)
		ask := func(request string) string {
			send(t, c, request)
			return r.body(t)
		}
		containers, held := make([]string, clients), make([]string, clients)
		idOf := func(answer string) string {
			_, rest, _ := strings.Cut(answer, `"Id":"`)
			value, _, _ := strings.Cut(rest, `"`)
			return value
		}
		steps := []func(i int){
			func(i int) { containers[i] = idOf(ask(creates(0).request)) },
			func(i int) { ask(post("/containers/"+containers[i]+"/start", "")) },
			func(i int) {
				held[i] = idOf(ask(post("/containers/"+containers[i]+"/exec", fmt.Sprintf(`{"Cmd":"command-%d"}`, i/2))))
			},
			func(i int) {
				want := fmt.Sprintf(`{"ID":"%s","ExitCode":%d}`, held[i], i/2)
				if got := ask(get("/exec/" + held[i] + "/json")); got != want {
					t.Errorf("seed %d: client %d got %s, want %s", seed, i, got, want)
				}
			},
			func(i int) { ask("DELETE" + post("/containers/"+containers[i], "")[4:]) },
		}
		random := rand.New(rand.NewPCG(seed, 1))
		var order []int
		for i := range clients {
			for range steps {
				order = append(order, i)
			}
		}
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		next := make([]int, clients)
		for _, i := range order {
			steps[next[i]](i)
			next[i]++
		}
		if r := p.Report(); len(r.Misses) > 0 || r.Unplayed > 0 {
			t.Errorf("seed %d: %d misses, %d not played", seed, len(r.Misses), r.Unplayed)
		}
		c.Close()
		p.Close()
	}
}
