package replay

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
)

// says is an exchange whose response's body is text.
func saying(t testing.TB, request, text string) *cassettes.Interaction {
	t.Helper()
	return plain(t, request, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(text), text))
}

func get(target string) string { return "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n" }

func post(target, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", target, len(body), body)
}

// conversation sends requests over one connection, each after the answer to
// the one before, and returns the bodies; of a miss, "miss".
func (p *player) conversation(t testing.TB, requests ...string) (bodies []string) {
	t.Helper()
	c := p.dial(t)
	defer c.Close()
	r := newResponseReader(c)
	for _, request := range requests {
		send(t, c, request)
		bodies = append(bodies, r.body(t))
	}
	return bodies
}

// matching is a conversation with what was recorded of others.
type matching struct {
	name     string
	recorded []string // requests; the answers are their numbers
	live     []string
	want     string
}

// byTarget is the rule that leaves bodies out.
var byTarget = cassettes.Match{By: []string{"method", "path", "query"}}

func TestMatching(t *testing.T) {
	checkMatching(t, cassettes.Match{}, []matching{
		{"recorded order", []string{get("/a"), get("/a"), get("/a")}, []string{get("/a"), get("/a"), get("/a")}, "0 1 2"},
		{"another order", []string{get("/a"), get("/b")}, []string{get("/b"), get("/a")}, "1 0"},
		{"host is ignored", []string{get("http://x/a")}, []string{get("/a")}, "0"},
		{"another query", []string{get("/a?x=1"), get("/a?x=2")}, []string{get("/a?x=2"), get("/a")}, "1 miss"},
		{"query in another order", []string{get("/a?x=1&y=2")}, []string{get("/a?y=2&x=1")}, "0"},
		{"another method", []string{get("/a")}, []string{post("/a", "")}, "miss"},
		{"repeats of a GET", []string{get("/a"), get("/a")}, []string{get("/a"), get("/a"), get("/a"), get("/a")}, "0 1 1 1"},
		{"a repeated POST", []string{post("/a", "x")}, []string{post("/a", "x"), post("/a", "x")}, "0 miss"},
		{"equal body first", []string{post("/a", "x"), post("/a", "y"), post("/a", "x")}, []string{post("/a", "y"), post("/a", "x"), post("/a", "x")}, "1 0 2"},
		{"another body", []string{post("/a", "x"), post("/a", "y")}, []string{post("/a", "z"), post("/a", "x")}, "miss 0"},
		{"another JSON body", []string{post("/a", `{"Cmd":"one","L":"x"}`), post("/a", `{"Cmd":"two","L":"y"}`)}, []string{post("/a", `{"Cmd":"two","L":"z"}`), post("/a", `{"Cmd":"one","L":"y"}`)}, "miss miss"},
		{"another text", []string{post("/a", "one x"), post("/a", "two y")}, []string{post("/a", "two z"), post("/a", "one y")}, "miss miss"},
		{"an empty body", []string{post("/a", "x"), post("/a", "")}, []string{post("/a", ""), post("/a", "")}, "1 miss"},
		{"one candidate with another body", []string{post("/a", "x")}, []string{post("/a", "y")}, "miss"},
		{"chunked, equal body", []string{post("/a", "x"), post("/a", "yz")},
			[]string{"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\ny\r\n1\r\nz\r\n0\r\n\r\n"}, "1"},
		{"a repeated GET, equal body", []string{"GET /a HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "GET /a HTTP/1.1\r\nContent-Length: 1\r\n\r\ny"},
			[]string{"GET /a HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "GET /a HTTP/1.1\r\nContent-Length: 1\r\n\r\ny", "GET /a HTTP/1.1\r\nContent-Length: 1\r\n\r\nx"}, "0 1 0"},
	})
}

// TestMatchingWithoutBodies checks that a body decides among recordings, but need not be
// equal, where the rule leaves bodies out.
func TestMatchingWithoutBodies(t *testing.T) {
	checkMatching(t, byTarget, []matching{
		{"else the first unplayed", []string{post("/a", "x"), post("/a", "y")}, []string{post("/a", "z"), post("/a", "x")}, "0 1"},
		{"else the likest", []string{post("/a", `{"Cmd":"one","L":"x"}`), post("/a", `{"Cmd":"two","L":"y"}`)}, []string{post("/a", `{"Cmd":"two","L":"z"}`), post("/a", `{"Cmd":"one","L":"y"}`)}, "1 0"},
		{"not of what is no JSON", []string{post("/a", "one x"), post("/a", "two y")}, []string{post("/a", "two z"), post("/a", "one y")}, "0 1"},
		{"an empty body too", []string{post("/a", "x"), post("/a", "")}, []string{post("/a", ""), post("/a", "")}, "1 0"},
		{"one candidate, whatever its body", []string{post("/a", "x")}, []string{post("/a", "y")}, "0"},
	})
}

func checkMatching(t *testing.T, m cassettes.Match, table []matching) {
	t.Helper()
	for _, tt := range table {
		t.Run(tt.name, func(t *testing.T) {
			var items []*cassettes.Interaction
			for i, request := range tt.recorded {
				items = append(items, saying(t, request, fmt.Sprint(i)))
			}
			p := serve(t, "unix", &Server{Match: m, Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{}, items...)}})
			if got := strings.Join(p.conversation(t, tt.live...), " "); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if got, want := len(p.Report().Misses), strings.Count(tt.want, "miss"); got != want {
				t.Errorf("%d misses, want %d", got, want)
			}
		})
	}
}

// TestMaskedRequestsMatch checks that a masked secret in the recording matches a
// live secret of another length.
func TestMaskedRequestsMatch(t *testing.T) {
	h := cassettes.Header{Redaction: []string{"default", "query:sig", "json:pin"}}
	jsonPost := func(body string) string {
		return fmt.Sprintf("POST /login HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	}
	c := tape(t, h,
		saying(t, get("/a?sig=***&x=1"), "0"),
		saying(t, jsonPost(`{"user":"joe","password":"***"}`), "1"),
		saying(t, jsonPost(`{"user":"ann","password":"*****"}`), "2"))
	p := serve(t, "unix", &Server{Cassettes: []*cassettes.Cassette{c}})
	got := p.conversation(t,
		get("/a?sig=0123456789&x=1"),
		jsonPost(`{"user":"ann","password":"a long one"}`),
		jsonPost(`{"user":"joe","password":"x"}`),
		get("/a?sig=0123456789&x=2"))
	if want := "0 2 1 miss"; strings.Join(got, " ") != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if text := p.Report().Misses[0].Text; strings.Contains(text, "0123456789") {
		t.Errorf("the miss shows the secret: %s", text)
	}
}

func TestCassettesArePlayedAsOne(t *testing.T) {
	a := tape(t, cassettes.Header{}, saying(t, get("/a"), "0"), saying(t, get("/b"), "1"))
	b := tape(t, cassettes.Header{})
	c := tape(t, cassettes.Header{Redaction: []string{"query:k"}}, saying(t, get("/a"), "2"), saying(t, get("/c?k=*"), "3"))
	p := serve(t, "unix", &Server{Cassettes: []*cassettes.Cassette{a, b, c}})
	got := strings.Join(p.conversation(t, get("/c?k=secret"), get("/a"), get("/a"), get("/b"), get("/a")), " ")
	if want := "3 0 2 1 2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if r := p.Report(); r.Played != 4 || r.Unplayed != 0 || r.Repeats != 1 {
		t.Errorf("the report is %+v", r)
	}
}

func TestMiss(t *testing.T) {
	p := play(t, "unix", saying(t, get("/containers/1/json"), "0"), saying(t, get("/images/json?all=1"), "1"))
	c := p.dial(t)
	r := newResponseReader(c)
	send(t, c, post("/containers/2/json", strings.Repeat("x", 100_000))+get("/images/json?all=1"))
	resp, body := r.read(t)
	if resp.StatusCode != 501 || resp.Header.Get("Wiretape-Miss") == "" || resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("the answer to a miss is %v", resp)
	}
	var message struct{ Message string }
	if err := json.Unmarshal([]byte(body), &message); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"POST /containers/2/json", "0 GET /containers/1/json", "1 GET /images/json?all=1"} {
		if !strings.Contains(message.Message, want) {
			t.Errorf("%q is missing in %q", want, message.Message)
		}
	}
	if got := r.body(t); got != "1" {
		t.Errorf("the next request got %q", got)
	}
	misses := p.Report().Misses
	if len(misses) != 1 || misses[0].Request != "POST /containers/2/json" || misses[0].Text != message.Message {
		t.Errorf("the report has %+v", misses)
	}
}

// TestMissOfALongBody checks that a client gets the answer even if its body
// never ends.
func TestMissOfALongBody(t *testing.T) {
	p := play(t, "tcp", saying(t, get("/a"), "0"))
	c := p.dial(t)
	send(t, c, "POST /b HTTP/1.1\r\nContent-Length: 1000000000000\r\n\r\n")
	go io.Copy(c, zeros{}) // until the server closes
	resp, _ := newResponseReader(c).read(t)
	if resp.StatusCode != 501 || !resp.Close {
		t.Errorf("the answer is %v", resp)
	}
	expectEnd(t, c, eof)
	c.Close()
}

// zeros is an endless body.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestPipelining(t *testing.T) {
	p := play(t, "unix",
		saying(t, get("/a"), "0"),
		item(t, in(1, get("/slow")), in(2, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n1\r\n", "0\r\n\r\n")),
		saying(t, post("/b", "xyz"), "2"),
		saying(t, get("/c"), "3"))
	c := p.dial(t)
	send(t, c, get("/c")+get("/slow")+post("/b", "xyz")+get("/a")+get("/nowhere")+get("/c"))
	r := newResponseReader(c)
	for _, want := range []string{"3", "1", "2", "0", "miss", "3"} {
		if got := r.body(t); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

const wantsToGoOn = "POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"

func TestExpectContinue(t *testing.T) {
	goOn, ok := "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	early := "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
	recorded := func(body string) *cassettes.Interaction {
		return item(t, []read{{1, wantsToGoOn}, {3, body}}, []read{{2, goOn}, {4, ok}})
	}
	unasked := item(t, in(1, post("/a", "xyz")), in(2, ok))
	refused := item(t, []read{{1, wantsToGoOn}}, []read{{2, early}})
	refused.Request.End = cassettes.Incomplete
	for _, tt := range []struct {
		name  string
		items []*cassettes.Interaction
		first string // before the body
		then  string
	}{
		{"recorded", []*cassettes.Interaction{recorded("xyz")}, goOn, ok},
		{"recorded, body decides", []*cassettes.Interaction{recorded("abc"), recorded("xyz")}, goOn, ok},
		{"not recorded", []*cassettes.Interaction{unasked}, goOn, ok},
		{"not recorded, body decides", []*cassettes.Interaction{saying(t, post("/a", "abc"), "no"), unasked}, goOn, ok},
		{"refused", []*cassettes.Interaction{closed(refused, 5, 0, cassettes.EOF)}, early, ""},
		{"refused, of several", []*cassettes.Interaction{closed(refused, 5, 0, cassettes.EOF), unasked}, early, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := play(t, "unix", tt.items...)
			c := p.dial(t)
			send(t, c, wantsToGoOn)
			expect(t, c, tt.first)
			if tt.then == "" {
				expectEnd(t, c, eof)
				return
			}
			expectEnd(t, c, open)
			send(t, c, "xyz")
			expect(t, c, tt.then)
			expectEnd(t, c, open)
		})
	}
}

func TestExpectContinueMiss(t *testing.T) {
	p := play(t, "unix", saying(t, get("/a"), "0"))
	c := p.dial(t)
	send(t, c, wantsToGoOn)
	if resp, _ := newResponseReader(c).read(t); resp.StatusCode != 501 || !resp.Close {
		t.Errorf("the answer is %v", resp)
	}
	expectEnd(t, c, eof)
}

// TestEarlyAnswer checks that a client reads an answer that was recorded
// before its request had ended, and was followed by a close.
func TestEarlyAnswer(t *testing.T) {
	answer := "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
	for _, network := range []string{"unix", "tcp"} {
		for _, mark := range []cassettes.Mark{cassettes.EOF, cassettes.FullClose} {
			t.Run(network+"/"+string(mark), func(t *testing.T) {
				it := item(t, []read{{1, "PUT /x HTTP/1.1\r\nContent-Length: 10000000\r\n\r\nabc"}}, in(2, answer))
				it.Request.End = cassettes.Incomplete
				p := play(t, network, closed(it, 3, 0, mark))
				c := p.dial(t)
				send(t, c, "PUT /x HTTP/1.1\r\nContent-Length: 10000000\r\n\r\n")
				expectEnd(t, c, open)
				sent := make(chan error, 1)
				go func() {
					_, err := io.Copy(c, io.LimitReader(zeros{}, 10_000_000))
					sent <- err
				}()
				expect(t, c, answer)
				expectEnd(t, c, eof)
				if err := <-sent; err != nil {
					t.Errorf("the client could not send its body: %v", err)
				}
			})
		}
	}
}

// TestEarlyAnswerAmongEquals checks that an answer that did not wait for its
// request's body does not wait for the body that would tell which it is.
func TestEarlyAnswerAmongEquals(t *testing.T) {
	head := "POST /d HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
	first := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	duplex := func(up, down string) *cassettes.Interaction {
		return item(t,
			[]read{{1, head}, {3, "1\r\n" + up + "\r\n0\r\n\r\n"}},
			[]read{{2, first}, {4, "1\r\n" + down + "\r\n0\r\n\r\n"}})
	}
	p := play(t, "unix", duplex("a", "0"), duplex("b", "1"))
	for _, want := range []string{"0", "1"} {
		c := p.dial(t)
		send(t, c, head)
		expect(t, c, first)
		expectEnd(t, c, open)
		send(t, c, "1\r\nx\r\n0\r\n\r\n")
		expect(t, c, "1\r\n"+want+"\r\n0\r\n\r\n")
	}
}

// TestDuplex checks that a response that was recorded while its request came
// in waits for as much of it as there had been.
func TestDuplex(t *testing.T) {
	head := "POST /d HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
	it := item(t,
		[]read{{1, head}, {3, "3\r\none\r\n"}, {5, "3\r\ntwo\r\n"}, {7, "0\r\n\r\n"}},
		[]read{{2, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"}, {4, "1\r\n1\r\n"}, {6, "1\r\n2\r\n"}, {8, "0\r\n\r\n"}})
	p := play(t, "unix", it)
	c := p.dial(t)
	send(t, c, head)
	expect(t, c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
	send(t, c, "2\r\non\r\n")
	expectEnd(t, c, open)
	send(t, c, "1\r\ne\r\n")
	expect(t, c, "1\r\n1\r\n")
	expectEnd(t, c, open)
	send(t, c, "3\r\ntwo\r\n")
	expect(t, c, "1\r\n2\r\n")
	expectEnd(t, c, open)
	send(t, c, "0\r\n\r\n")
	expect(t, c, "0\r\n\r\n")
}

func TestReset(t *testing.T) {
	head := "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n"
	body := strings.Repeat("x", 100_000)
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			it := item(t, []read{{1, "PUT /x HTTP/1.1\r\nContent-Length: 9\r\n\r\n"}, {2, "abc"}}, in(3, head+body))
			it.Response.End = cassettes.Incomplete
			it.Request.End = cassettes.Incomplete
			p := play(t, network, closed(it, 4, time.Hour, cassettes.Reset))
			c := p.dial(t)
			send(t, c, "PUT /x HTTP/1.1\r\nContent-Length: 9\r\n\r\n")
			time.Sleep(5 * time.Millisecond) // it is read by itself
			send(t, c, "abc")
			expect(t, c, head+body)
			expectEnd(t, c, reset)
		})
	}
}

// TestCancel checks that a client's half-close is a cause of what follows.
func TestCancel(t *testing.T) {
	answer := "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
	it := item(t, in(1, post("/images/create", "")), in(3, answer))
	it.Request.Closed = []cassettes.Closed{{Mark: cassettes.EOF, Seq: 2}}
	p := play(t, "unix", it)
	c := p.dial(t)
	send(t, c, post("/images/create", ""))
	expectEnd(t, c, open)
	c.(interface{ CloseWrite() error }).CloseWrite()
	expect(t, c, answer)
	expectEnd(t, c, eof)
}

// TestMalformedBody checks that a request that is not understood to its end
// gets its answer all the same.
func TestMalformedBody(t *testing.T) {
	p := serve(t, "unix", &Server{Match: byTarget, Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{}, saying(t, post("/a", "x"), "0"))}})
	c := p.dial(t)
	send(t, c, "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n")
	if got := newResponseReader(c).body(t); got != "0" {
		t.Errorf("got %q", got)
	}
	expectEnd(t, c, eof)
}

// TestUploadCutShort checks that a request that did not end uses up no recording of
// a whole one, and is answered as one that was cut at the same place.
func TestUploadCutShort(t *testing.T) {
	for _, bodies := range [][]string{{"aa"}, {"aa", "bb"}} {
		var items []*cassettes.Interaction
		for _, body := range bodies {
			items = append(items, plain(t, post("/up", body), noContent204))
		}
		p := play(t, "unix", items...)
		c := p.dial(t)
		send(t, c, "POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na")
		closeWrite(t, c)
		expectEnd(t, c, eof)
		if r := p.Report(); r.Played != 0 || r.Unplayed != len(bodies) {
			t.Errorf("%d played, %d not", r.Played, r.Unplayed)
		}
		other := p.dial(t)
		send(t, other, "POST /up HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
		expect(t, other, "HTTP/1.1 100 Continue\r\n\r\n")
		send(t, other, "a")
		closeWrite(t, other)
		expectEnd(t, other, eof)
		another := p.dial(t)
		for _, body := range bodies {
			send(t, another, post("/up", body))
			expect(t, another, noContent204)
		}
	}
}

// TestEarlyAnswerToBadChunk checks that a connection is closed whose request goes
// bad after its answer.
func TestEarlyAnswerToBadChunk(t *testing.T) {
	const begin, answer = "POST /up HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	for range 20 {
		p := play(t, "unix", item(t, []read{{1, begin}, {5, "1\r\nb\r\n0\r\n\r\n"}}, []read{{2, answer}}))
		c := p.dial(t)
		send(t, c, begin+"zz\r\n")
		expect(t, c, answer)
		expectEnd(t, c, eof)
	}
}
