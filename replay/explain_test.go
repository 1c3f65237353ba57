package replay

import (
	"encoding/json"
	"flag"
	"fmt"
	"github.com/wiretape/wiretape/internal/target"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wiretape/wiretape/cassettes"
)

var update = flag.Bool("update", false, "write the golden files")

// call is a request of a client script, and the answer of a session's engine.
type call struct{ method, target, body, answer string }

func (c call) bytes() string {
	fields := ""
	if c.body != "" {
		fields = fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(c.body))
	}
	return fmt.Sprintf("%s /v1.41%s HTTP/1.1\r\nHost: docker\r\n%s\r\n%s", c.method, c.target, fields, c.body)
}

// session opens the recording of a client script and an engine, see
// testdata/session.sh, and returns the script.
func session(t *testing.T) (*cassettes.Cassette, []call) {
	t.Helper()
	c := openTape(t, filepath.Join("testdata", "session.yaml"))
	var calls []call
	for i := range c.Len() {
		it, err := c.Interaction(i)
		if err != nil {
			t.Fatal(err)
		}
		e := c.Entry(i)
		target := strings.TrimPrefix(target.PathAndQuery(e.URL), "/v1.41")
		calls = append(calls, call{e.Method, target, string(it.Request.Body.Data), string(it.Response.Body.Data)})
	}
	if len(calls) != 20 {
		t.Fatalf("the session has %d calls, want 20", len(calls))
	}
	return c, calls
}

// item returns the path of the container that a call is about, "/containers/ID".
func (c call) item() string {
	return "/containers/" + strings.FieldsFunc(c.target, func(r rune) bool { return r == '/' || r == '?' })[1]
}

// mutations are ways in which a script comes to differ from its recording.
var mutations = []struct {
	name   string
	change func([]call) []call
}{
	{"path-segment", func(c []call) []call { c[9].target = strings.Replace(c[9].target, "/json", "/ps", 1); return c }},
	{"query-value", func(c []call) []call { c[9].target = strings.Replace(c[9].target, "all=1", "all=0", 1); return c }},
	{"query-value-long", func(c []call) []call { c[1].target = "/images/json?all=0&filters=%7B%7D"; return c }},
	{"query-key-added", func(c []call) []call { c[9].target += "&size=1"; return c }},
	{"query-key-gone", func(c []call) []call { c[17].target = c[17].item(); return c }},
	{"query-two-values", func(c []call) []call {
		c[13].target = c[13].item() + "/logs?stdout=1&stderr=0&tail=10"
		return c
	}},
	{"tag", func(c []call) []call { c[2].target = strings.Replace(c[2].target, "tag=1", "tag=2", 1); return c }},
	{"method", func(c []call) []call { c[6].method = "PUT"; return c }},
	{"other-id", func(c []call) []call { c[6].target = "/containers/77ab00000001/start"; return c }},
	{"name-for-id", func(c []call) []call { c[10].target = "/containers/web/json"; return c }},
	{"body-field", func(c []call) []call { c[5].body = strings.Replace(c[5].body, "100", "150", 1); return c }},
	{"body-field-added", func(c []call) []call {
		c[4].body = strings.Replace(c[4].body, `"local"`, `"local","DriverOpts":{"type":"tmpfs"}`, 1)
		return c
	}},
	{"body-list", func(c []call) []call { c[12].body = strings.Replace(c[12].body, `"/"`, `"-l","/tmp"`, 1); return c }},
	{"body-gone", func(c []call) []call { c[12].body = ""; return c }},
	{"body-other", func(c []call) []call { c[7].body = `{"Image":"redis"}`; return c }},
	{"swapped-names", func(c []call) []call { c[5].target, c[7].target = c[7].target, c[5].target; return c }},
	{"added-again", func(c []call) []call { return slices.Insert(c, 7, c[6]) }},
	{"added-new", func(c []call) []call {
		return slices.Insert(c, 7, call{"POST", c[6].item() + "/pause", "", ""})
	}},
	{"left-out", func(c []call) []call { return slices.Delete(c, 3, 4) }},
	{"swapped-order", func(c []call) []call { c[6], c[8] = c[8], c[6]; return c }},
}

// byContent is how sessions are matched here: with their bodies.
var byContent = cassettes.Match{By: []string{"method", "path", "query", "content"}}

// TestExplanations holds the explanation of each mutation to a golden file.
// People read the first lines: the nearest request, the differences, the remedy.
func TestExplanations(t *testing.T) {
	c, _ := session(t)
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			p := serve(t, "unix", &Server{Order: OrderNone, Match: byContent, Cassettes: []*cassettes.Cassette{c}})
			var requests []string
			_, calls := session(t)
			for _, c := range m.change(calls) {
				requests = append(requests, c.bytes())
			}
			p.conversation(t, requests...)
			var b strings.Builder
			for _, miss := range p.Report().Misses {
				b.WriteString(miss.Text + "\n\n")
			}
			for _, left := range p.Unplayed() {
				left.Cassette = "the session"
				fmt.Fprintf(&b, "not played: %v\n", left)
			}
			golden(t, filepath.Join("testdata", "misses", m.name+".txt"), b.String())
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// TestSessionAsRecorded has nothing to explain, whatever the clock says.
func TestSessionAsRecorded(t *testing.T) {
	c, calls := session(t)
	calls[13].target = calls[13].item() + "/logs?stdout=1&stderr=1&since=1800000000&tail=all"
	calls[14].target = strings.Replace(calls[14].target, "since=", "since=9", 1)
	calls[5].body = strings.Replace(calls[5].body, `:["sleep","60"]`, ` : [ "sleep", "60" ]`, 1)
	p := serve(t, "unix", &Server{Order: OrderNone, Match: byContent, Cassettes: []*cassettes.Cassette{c}})
	for i, c := range calls {
		if got := p.conversation(t, c.bytes()); got[0] != c.answer {
			t.Errorf("call %d got %s, want %s", i, got[0], c.answer)
		}
	}
	if r := p.Report(); len(r.Misses) > 0 || r.Unplayed > 0 {
		t.Errorf("the report is %+v", r)
	}
}

// TestHintsAreTrue follows each hint, one after the other: the request matches
// then.
func TestHintsAreTrue(t *testing.T) {
	recorded := postJSON(`{"Name":"a","Memory":1,"Labels":{"x":"y"}}`)
	for _, tt := range []struct {
		name, live, hint string
		loose            cassettes.Match
	}{
		{"query", strings.Replace(recorded, "POST /", "POST /?since=5&x=1", 1), "", cassettes.Match{}},
		{"JSON", postJSON(`{"Name":"b","Memory":1,"Labels":{"x":"y"}}`), `hint: in replay.Server set Match.IgnoreJSON = []string{"$.Name"}`, cassettes.Match{IgnoreJSON: []string{"$.Name"}}},
		{"spaces", postJSON(`{"Name": "a","Memory":1,"Labels":{"x":"y"}}`), `hint: in replay.Server set Match.By = []string{"method", "path", "query", "content"}`, cassettes.Match{By: []string{"method", "path", "query", "content"}}},
	} {
		c := tape(t, cassettes.Header{Match: &cassettes.Match{By: []string{"method", "path", "query", "body"}}}, saying(t, recorded, "0"))
		p := serve(t, "unix", &Server{Order: OrderNone, Cassettes: []*cassettes.Cassette{c}})
		p.conversation(t, tt.live)
		misses := p.Report().Misses
		if len(misses) != 1 || !strings.Contains(misses[0].Text, tt.hint) {
			t.Fatalf("%s: %q is missing in %+v", tt.name, tt.hint, misses)
		}
		if tt.hint == "" {
			continue
		}
		loose := &Server{Match: tt.loose, Cassettes: []*cassettes.Cassette{c}}
		if got := serve(t, "unix", loose).conversation(t, tt.live); got[0] != "0" {
			t.Errorf("%s: with the hint followed, the answer is %s", tt.name, got[0])
		}
	}
}

// TestMissIsTheSameEverywhere compares the reply with the report; what would
// act on a terminal is in neither.
func TestMissIsTheSameEverywhere(t *testing.T) {
	p := serve(t, "unix", &Server{MissStatus: 404, Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{}, saying(t, get("/a"), "0"))}})
	c := p.dial(t)
	send(t, c, get("/b\u202ec"))
	resp, body := newResponseReader(c).read(t)
	var reply struct{ Message string }
	if err := json.Unmarshal([]byte(body), &reply); err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 404 || reply.Message != p.Report().Misses[0].Text || strings.Contains(reply.Message, "\u202e") {
		t.Errorf("%v, %q", resp.Status, reply.Message)
	}
}

func postJSON(body string) string {
	return strings.Replace(post("/", body), "Host: h", "Host: h\r\nContent-Type: application/json", 1)
}
