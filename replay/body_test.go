package replay

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
)

// sending returns a request with a body of a kind.
func sending(target, kind, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: h\r\n%s\r\nContent-Length: %d\r\n\r\n%s", target, kind, len(body), body)
}

const (
	jsonKind = "Content-Type: application/json"
	formKind = "Content-Type: application/x-www-form-urlencoded"
	tarKind  = "Content-Type: application/x-tar"
)

// buildContext returns an archive with files of these names and contents.
func buildContext(t *testing.T, at int64, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		if err := w.WriteHeader(&tar.Header{Name: files[i], Mode: 0o600, Size: int64(len(files[i+1])), ModTime: time.Unix(at, 0)}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gzipped(t *testing.T, level int, text string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// multi returns a request with a multipart form.
func multi(boundary string, fields ...string) string {
	var b strings.Builder
	for i := 0; i < len(fields); i += 2 {
		fmt.Fprintf(&b, "--%s\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", boundary, fields[i], fields[i+1])
	}
	return sending("/u", "Content-Type: multipart/form-data; boundary="+boundary, b.String()+"--"+boundary+"--\r\n")
}

func filters(json string) string {
	return get("/v1.41/containers/json?filters=" + url.QueryEscape(json))
}

// TestBodyCounts plays requests that mean what was recorded, and others, which are
// misses that say where they differ in their first lines.
func TestBodyCounts(t *testing.T) {
	headers := cassettes.Match{By: []string{"method", "path", "query", "headers", "content"}}
	docker := cassettes.Header{API: cassettes.API{Product: "docker", Version: "1.41"}}
	for _, tt := range []struct {
		name           string
		header         cassettes.Header
		match          cassettes.Match
		recorded, live string
		want           string // in the miss; "" where the recording answers
	}{
		{"JSON in another order", cassettes.Header{}, cassettes.Match{}, sending("/a", jsonKind, `{"a":1,"b":[2]}`), sending("/a", jsonKind, `{"b": [2.0], "a": 1}`), ""},
		{"JSON without a media type", cassettes.Header{}, cassettes.Match{}, post("/a", `{"a":1}`), sending("/a", formKind, `{"a": 1}`), ""},
		{"JSON value", cassettes.Header{}, cassettes.Match{}, post("/a", `{"Cmd":["x","a"]}`), post("/a", `{"Cmd":["x","b"]}`), `$.Cmd[1]: "b" instead of "a"`},
		{"ignored JSON", cassettes.Header{}, cassettes.Match{IgnoreJSON: []string{"$.t"}}, post("/a", `{"t":1,"x":1}`), post("/a", `{"t":2,"x":1}`), ""},
		{"beside ignored JSON", cassettes.Header{}, cassettes.Match{IgnoreJSON: []string{"$.t"}}, post("/a", `{"t":1,"x":1}`), post("/a", `{"t":2,"x":2}`), "$.x: 2 instead of 1"},
		{"without bodies", cassettes.Header{}, byTarget, post("/a", "a"), post("/a", "b"), ""},
		{"a cassette's own words", cassettes.Header{Match: &byTarget}, cassettes.Match{}, post("/a", "a"), post("/a", "b"), ""},
		{"text", cassettes.Header{}, cassettes.Match{}, post("/a", "a\nb\n"), post("/a", "a\nc\n"), `line 2: "c\n" instead of "b\n"`},
		{"bytes", cassettes.Header{}, cassettes.Match{}, post("/a", "\x00\x01\x02"), post("/a", "\x00\x01\x03"), "different from byte 2 on"},
		{"a body in place of none", cassettes.Header{}, cassettes.Match{}, post("/a", ""), post("/a", "x"), "recorded without one"},
		{"none in place of a body", cassettes.Header{}, cassettes.Match{}, post("/a", "x"), post("/a", ""), "none instead of 1 B"},

		{"form in another order", cassettes.Header{}, cassettes.Match{}, sending("/t", formKind, "a=1&b=2"), sending("/t", formKind, "b=%32&a=1"), ""},
		{"form with another nonce", cassettes.Header{}, cassettes.Match{}, sending("/t", formKind, "a=1&nonce=1"), sending("/t", formKind, "a=1&nonce=2"), `Match.IgnoreForm = []string{"nonce"}`},
		{"ignored field", cassettes.Header{}, cassettes.Match{IgnoreForm: []string{"nonce"}}, sending("/t", formKind, "a=1&nonce=1"), sending("/t", formKind, "a=1&nonce=2"), ""},
		{"beside an ignored field", cassettes.Header{}, cassettes.Match{IgnoreForm: []string{"nonce"}}, sending("/t", formKind, "a=1&nonce=1"), sending("/t", formKind, "a=2&nonce=2"), `a: "2" instead of "1"`},
		{"JSON in a field", cassettes.Header{}, cassettes.Match{}, sending("/t", formKind, "p="+url.QueryEscape(`{"a":1,"b":2}`)), sending("/t", formKind, "p="+url.QueryEscape(`{"b":2,"a":1}`)), ""},

		{"boundary", cassettes.Header{}, cassettes.Match{}, multi("AAA", "f", "xyz"), multi("BBB", "f", "xyz"), ""},
		{"boundary in a field", cassettes.Header{}, headers, multi("AAA", "f", "xyz"), multi("BBB", "f", "xyz"), ""},
		{"part", cassettes.Header{}, headers, multi("AAA", "f", "xyz", "g", "1"), multi("BBB", "f", "xyz", "g", "2"), `g: "2" instead of "1"`},
		{"ignored part", cassettes.Header{}, cassettes.Match{IgnoreForm: []string{"g"}}, multi("AAA", "f", "xyz", "g", "1"), multi("BBB", "f", "xyz", "g", "2"), ""},

		{"archive of another time", cassettes.Header{}, cassettes.Match{}, sending("/build", tarKind, buildContext(t, 1e9, "Dockerfile", "FROM a\n")), sending("/build", tarKind, buildContext(t, 15e8, "Dockerfile", "FROM a\n")), ""},
		{"file", cassettes.Header{}, cassettes.Match{}, sending("/build", tarKind, buildContext(t, 1e9, "Dockerfile", "FROM a\nRUN b\n")), sending("/build", tarKind, buildContext(t, 1e9, "Dockerfile", "FROM a\nRUN c\n")), `Dockerfile, line 2: "RUN c\n" instead of "RUN b\n"`},
		{"gzip of another level", cassettes.Header{}, cassettes.Match{}, sending("/a", "Content-Encoding: gzip", gzipped(t, 1, `{"a":1}`)), sending("/a", "Content-Encoding: gzip", gzipped(t, 9, `{"a": 1}`)), ""},
		{"gzip of another text", cassettes.Header{}, cassettes.Match{}, sending("/a", "Content-Encoding: gzip", gzipped(t, 1, `{"a":1}`)), sending("/a", "Content-Encoding: gzip", gzipped(t, 1, `{"a":2}`)), "$.a: 2 instead of 1"},

		{"filters in another order", docker, cassettes.Match{}, filters(`{"label":["a","b"],"status":["running"]}`), filters(`{"status": ["running"], "label": ["b", "a"]}`), ""},
		{"lists in another order elsewhere", cassettes.Header{}, cassettes.Match{}, get(`/a?x=["a","b"]`), get(`/a?x=["b","a"]`), `x $[0]: "b" instead of "a"`},
		{"another filter", docker, cassettes.Match{}, filters(`{"label":["a"],"status":["x"]}`), filters(`{"label":["b"],"status":["x"]}`), `Match.IgnoreQuery = []string{"filters:$.label"}`},
		{"other filters", docker, cassettes.Match{IgnoreQuery: []string{"filters"}}, filters(`{"label":["a"]}`), filters(`{"name":["a"]}`), "instead of"},
		{"values of filters ignored", docker, cassettes.Match{IgnoreQuery: []string{"filters:$.label"}}, filters(`{"label":["a"],"status":["x"]}`), filters(`{"label":["b"],"status":["x"]}`), ""},
		{"another terminal", docker, cassettes.Match{}, post("/exec", `{"ConsoleSize":[0,0],"Cmd":["a"]}`), post("/exec", `{"ConsoleSize":[24,80],"Cmd":["a"]}`), ""},
		{"paths with **", cassettes.Header{}, cassettes.Match{IgnorePath: []string{"/a/**/z"}}, get("/a/b/c/z"), get("/a/z"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := serve(t, "unix", &Server{Order: OrderNone, Match: tt.match, Cassettes: []*cassettes.Cassette{tape(t, tt.header, saying(t, tt.recorded, "0"))}})
			got := p.conversation(t, tt.live)[0]
			if (got == "0") != (tt.want == "") {
				t.Fatalf("the answer is %q", got)
			}
			if tt.want == "" {
				return
			}
			lines := strings.Split(p.Report().Misses[0].Text, "\n")
			if top := strings.Join(lines[:min(len(lines), 10)], "\n"); !strings.Contains(top, tt.want) {
				t.Errorf("%q is not in\n%s", tt.want, top)
			}
		})
	}
}

// create is a recorded docker create; changes to it are other requests.
const create = `{"Image":"app@sha256:aa11","Cmd":["echo","hi"],"Env":["A=1","B=2"],"Labels":{"run":"r1"},"HostConfig":{"Memory":64,"Binds":["/a:/b"],"PortBindings":{"80/tcp":[{"HostPort":"8080"}]}},"User":"0"}`

// TestMutationsAreMisses changes a recorded script in one place each.
func TestMutationsAreMisses(t *testing.T) {
	const base = "/v1.41/containers/create?name=web&filters=%7B%22label%22%3A%5B%22a%22%5D%7D&page=1"
	id := strings.Repeat("ab12", 16)
	recorded := []string{post(base, create), get("/v1.41/containers/" + id + "/json"), get("/list?page=1&cursor=aaa"), post("/v2/app/blobs/uploads/1?digest=sha256:aa11", "layer")}
	var mutations [][2]string // request, the text that names the difference
	for _, c := range [][3]string{
		{"aa11", "bb22", "$.Image"}, {"app@", "db@", "$.Image"}, {"@sha256:aa11", ":2", "$.Image"}, {`"echo"`, `"rm"`, "$.Cmd[0]"},
		{`"echo","hi"`, `"rm","-rf","/"`, "$.Cmd"}, {`"hi"`, `"ho"`, "$.Cmd[1]"}, {`,"hi"`, ``, "$.Cmd[1]"}, {`["echo","hi"]`, `null`, "$.Cmd"},
		{"A=1", "A=2", "$.Env[0]"}, {"B=2", "C=2", "$.Env[1]"}, {`"A=1",`, ``, "$.Env[0]"}, {`"B=2"`, `"B=2","C=3"`, "$.Env[2]"},
		{"r1", "r2", "$.Labels.run"}, {`"run"`, `"ran"`, "$.Labels.ran"}, {`{"run":"r1"}`, `{}`, "$.Labels.run"}, {`"run":"r1"`, `"run":"r1","x":"y"`, "$.Labels.x"},
		{"64", "65", "$.HostConfig.Memory"}, {"64", `"64"`, "$.HostConfig.Memory"}, {"64", "0", "$.HostConfig.Memory"}, {"64", "null", "$.HostConfig.Memory"},
		{"/a:/b", "/:/b", "$.HostConfig.Binds[0]"}, {"/a:/b", "/a:/b:ro", "$.HostConfig.Binds[0]"}, {`["/a:/b"]`, `[]`, "$.HostConfig.Binds[0]"}, {`["/a:/b"]`, `["/a:/b","/c:/d"]`, "$.HostConfig.Binds[1]"},
		{"8080", "8081", "HostPort"}, {"80/tcp", "80/udp", "80/udp"}, {`"User":"0"`, `"User":"1"`, "$.User"}, {`,"User":"0"`, ``, "$.User"},
		{`"User":"0"`, `"User":"0","Tty":true`, "$.Tty"}, {`"User":"0"`, `"User":0`, "$.User"}, {`"Labels"`, `"labels"`, "$.labels"}, {`"Env"`, `"env"`, "$.env"},
		{`"64"`, `64`, ""}, {"Memory", "MemorySwap", "$.HostConfig.MemorySwap"}, {create, "{}", "$.Image"}, {create, "", "none instead of"},
		{create, "[]", "body: $"}, {create, "text", `body: line 1: "text"`}, {create, create + create, "body: $"}, {`"hi"`, `"hi "`, "$.Cmd[1]"},
		{`"hi"`, `"HI"`, "$.Cmd[1]"}, {`"echo"`, `"/bin/echo"`, "$.Cmd[0]"}, {`"echo","hi"`, `"hi","echo"`, "$.Cmd"}, {`"A=1","B=2"`, `"B=2","A=1"`, "$.Env"},
	} {
		if body := strings.Replace(create, c[0], c[1], 1); body != create {
			mutations = append(mutations, [2]string{post(base, body), c[2]})
		}
	}
	for _, c := range [][3]string{
		{"name=web", "name=db", "name"}, {"page=1", "page=2", "page"}, {"%22a%22", "%22b%22", "filters $.label"}, {"label", "name", "filters $.name"},
		{"&page=1", "", "page"}, {"page=1", "page=1&page=2", "page"}, {"1.41", "1.40", "API version"}, {"create", "update", "path"}, {"containers", "volumes", "path"},
	} {
		mutations = append(mutations, [2]string{post(strings.Replace(base, c[0], c[1], 1), create), c[2]})
	}
	mutations = append(mutations,
		[2]string{get("/v1.41/containers/" + strings.Repeat("cd34", 16) + "/json"), "path"},
		[2]string{get("/v1.41/containers/" + id + "/top"), "path"},
		[2]string{get("/v1.41/containers/" + id + "/json?size=1"), "size"},
		[2]string{get("/list?page=2&cursor=aaa"), "page"},
		[2]string{get("/list?page=1&cursor=bbb"), "cursor"},
		[2]string{post("/v2/app/blobs/uploads/1?digest=sha256:bb22", "layer"), "digest"},
		[2]string{post("/v2/app/blobs/uploads/1?digest=sha256:aa11", "layer2"), `"layer2" instead of "layer"`},
		[2]string{post("/v2/db/blobs/uploads/1?digest=sha256:aa11", "layer"), "path"},
		[2]string{post("/v2/app/blobs/uploads/1", "layer"), "digest"},
	)
	if len(mutations) < 60 {
		t.Fatalf("%d mutations, want 60", len(mutations))
	}
	for _, m := range mutations {
		var items []*cassettes.Interaction
		for i, request := range recorded {
			items = append(items, saying(t, request, fmt.Sprint(i)))
		}
		p := serve(t, "unix", &Server{Order: OrderNone, Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{}, items...)}})
		if got := p.conversation(t, m[0])[0]; got != "miss" {
			t.Errorf("%s: answered %q", m[0], got)
			continue
		}
		lines := strings.Split(p.Report().Misses[0].Text, "\n")
		if top := strings.Join(lines[:min(len(lines), 10)], "\n"); !strings.Contains(top, m[1]) {
			t.Errorf("%q is not in\n%s", m[1], top)
		}
	}
}
