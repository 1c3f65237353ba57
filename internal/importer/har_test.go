package importer

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/har"
)

// archive returns an HTTP archive with these entries.
func archive(entries ...string) []byte {
	return []byte(`{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[` + strings.Join(entries, ",") + `]}}`)
}

// entry returns an entry without times, with the given response.
func entry(request, response string) string {
	return `{"request":{"httpVersion":"h2","headers":[],` + request + `},"response":{"httpVersion":"h2","statusText":"",` + response + `}}`
}

func TestImportHAR(t *testing.T) {
	const get = `"method":"GET","url":"https://example.com:8443/a?b=c#d"`
	const ask = "GET /a?b=c HTTP/1.1\nHost: example.com:8443\n\n"
	for _, test := range []struct{ name, entry, want, notices string }{
		{
			name:  "HTTP/2 becomes HTTP/1.1",
			entry: entry(`"method":"GET","url":"https://x/a","headers":[{"name":":method","value":"GET"},{"name":":authority","value":"example.com"},{"name":"accept","value":"*/*"}]`, `"status":200,"headers":[{"name":":status","value":"200"},{"name":"server","value":"x"}],"content":{"text":"hello"}`),
			want:  "GET /a HTTP/1.1\nHost: example.com\naccept: */*\n\nHTTP/1.1 200 OK\nserver: x\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n",
			notices: "the recording does not say where the response's body ends; it is sent in chunks, as a server would\n" +
				"the recording joined chunks; their boundaries are gone, and each body is one chunk",
		},
		{
			name:  "base64",
			entry: entry(get, `"status":200,"headers":[{"name":"Content-Length","value":"2"}],"content":{"text":"AP8=","encoding":"base64"}`),
			want:  ask + "HTTP/1.1 200 OK\nContent-Length: 2\n\n\x00\xff",
		},
		{
			name:    "text is decoded",
			entry:   entry(get, `"status":200,"headers":[{"name":"Content-Encoding","value":"br"},{"name":"Content-Length","value":"9"}],"content":{"text":"OK"}`),
			want:    ask + "HTTP/1.1 200 OK\nContent-Length: 2\n\nOK",
			notices: "the recording holds the decoded body; Content-Encoding is left out\nthe response's Content-Length differed from the length of its body and was corrected",
		},
		{
			name:  "base64 may be encoded",
			entry: entry(get, `"status":200,"headers":[{"name":"Content-Encoding","value":"gzip"},{"name":"Content-Length","value":"3"}],"content":{"text":"H4sI","encoding":"base64"}`),
			want:  ask + "HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: 3\n\n\x1f\x8b\x08",
		},
		{
			name:    "a character set",
			entry:   entry(get, `"status":200,"headers":[{"name":"Content-Length","value":"1"}],"content":{"text":"é","mimeType":"text/plain; charset=ISO-8859-1"}`),
			want:    ask + "HTTP/1.1 200 OK\nContent-Length: 1\n\n\xe9",
			notices: "",
		},
		{
			name:    "contents that were not saved",
			entry:   entry(get, `"status":200,"headers":[{"name":"Content-Length","value":"7"}],"content":{"size":7}`),
			want:    ask + "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
			notices: "the archive does not hold the response's body\nthe response's Content-Length differed from the length of its body and was corrected",
		},
		{
			name:  "a posted text",
			entry: entry(`"method":"POST","url":"http://x/","postData":{"mimeType":"application/json","text":"{}"}`, `"status":204,"headers":[],"content":{"text":""}`),
			want:  "POST / HTTP/1.1\nHost: x\nContent-Length: 2\n\n{}HTTP/1.1 204 No Content\n\n",
		},
		{
			name:  "a form's parameters",
			entry: entry(`"method":"POST","url":"http://x/","postData":{"mimeType":"application/x-www-form-urlencoded; charset=UTF-8","text":"","params":[{"name":"a b","value":"&"},{"name":"c","value":""}]}`, `"status":204,"headers":[],"content":{}`),
			want:  "POST / HTTP/1.1\nHost: x\nContent-Length: 10\n\na+b=%26&c=HTTP/1.1 204 No Content\n\n",
		},
		{
			name:    "other parameters",
			entry:   entry(`"method":"POST","url":"http://x/","postData":{"mimeType":"multipart/form-data","params":[{"name":"a","value":"b"}]}`, `"status":204,"headers":[],"content":{}`),
			want:    "POST / HTTP/1.1\nHost: x\n\nHTTP/1.1 204 No Content\n\n",
			notices: "the archive holds only the parameters of the request's body; the body is left out",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			checkImport(t, "x.har", archive(test.entry), Options{}, test.want, test.notices)
		})
	}
}

// Entries stand in any order in an archive: reads are numbered by time, and
// waits come from the archive.
func TestImportHARInOrder(t *testing.T) {
	const timed = `{"startedDateTime":"2026-11-21T10:00:0`
	data := archive(
		timed+`2.5Z","time":200,"connection":"7","request":{"method":"GET","url":"http://x/third"},"response":{"status":200,"headers":[{"name":"Content-Length","value":"0"}],"content":{}},"timings":{"blocked":-1,"dns":-1,"send":1,"wait":99,"receive":100}}`,
		timed+`0Z","time":4000,"connection":"3","request":{"method":"GET","url":"http://x/first"},"response":{"status":200,"headers":[{"name":"Transfer-Encoding","value":"chunked"}],"content":{"text":"a"}},"timings":{"send":0,"wait":1000,"receive":3000}}`,
		timed+`0.5Z","time":100,"connection":"7","request":{"method":"GET","url":"http://x/second"},"response":{"status":200,"headers":[{"name":"Connection","value":"close"}],"content":{"text":"b"}},"timings":{"blocked":10,"send":0,"wait":40,"receive":50}}`,
	)
	c, rec := importData(t, "x.har", data, Options{})
	if want := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC); !rec.Header.Recorded.Equal(want) || !c.Header.Recorded.Equal(want) {
		t.Errorf("recorded at %v", c.Header.Recorded)
	}
	type row struct {
		Target             string
		Conn               int
		Seqs               []int64
		Asked, Began, Last time.Duration
	}
	var got []row
	for i := range c.Len() {
		it, err := c.Interaction(i)
		if err != nil {
			t.Fatal(err)
		}
		r := row{Target: c.Entry(i).URL, Conn: it.Conn, Seqs: []int64{it.Request.Seq, it.Response.Seq}, Asked: it.Request.Start, Began: it.Response.Start}
		for _, f := range it.Response.Frames.List {
			r.Last = f.Wait
		}
		for _, closed := range it.Response.Closed {
			r.Seqs, r.Last = append(r.Seqs, closed.Seq), closed.Wait
		}
		got = append(got, r)
	}
	want := []row{
		{"http://x/first", 1, []int64{1, 5}, 0, time.Second, 3 * time.Second},
		{"http://x/second", 2, []int64{2, 3, 4}, 500 * ms, 50 * ms, 50 * ms},
		{"http://x/third", 2, []int64{6, 7}, 2500 * ms, 100 * ms, 0},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// The blocks of an export are ignored where they contradict an entry that was
// edited.
func TestEditedExportIsReadAsPlainArchive(t *testing.T) {
	c, _ := written(t, cassettes.Header{}, shapes()...)
	var file har.File
	if err := json.Unmarshal(exported(t, c), &file); err != nil {
		t.Fatal(err)
	}
	body := "longer than it was"
	file.Log.Entries[0].Response.Content.Text = &body
	data, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	again, rec := importData(t, "x.har", data, Options{})
	if again.Header.Source != "imported" {
		t.Errorf("got source %q", again.Header.Source)
	}
	if n := rec.Notices()[0].String(); n != "the _wiretape block does not fit the rest of its entry; the blocks of all entries are ignored (interaction 0)" {
		t.Errorf("got notice %q", n)
	}
	it, err := again.Interaction(0)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(it.Response.Body.Data); got != body {
		t.Errorf("got body %q", got)
	}
}

func TestNotice(t *testing.T) {
	for _, test := range []struct {
		ids  []int
		want string
	}{
		{nil, "so"}, {[]int{3}, "so (interaction 3)"}, {[]int{0, 1, 2, 4, 6, 7}, "so (interactions 0-2, 4, 6-7)"},
	} {
		if got := (Notice{Text: "so", IDs: test.ids}).String(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestIsEncoded(t *testing.T) {
	for _, test := range []struct {
		coding, body string
		want         bool
	}{
		{"gzip", "\x1f\x8b\x08", true}, {"x-gzip", "{}", false}, {"zstd", "\x28\xb5\x2f\xfd", true}, {"ZSTD", "{}", false},
		{"deflate", "\x78\x9c", true}, {"deflate", "{}", false}, {"deflate", "x", false}, {"br", "{}", true}, {"identity", "{}", true},
	} {
		if got := isEncoded(test.coding, []byte(test.body)); got != test.want {
			t.Errorf("%s %q: got %v", test.coding, test.body, got)
		}
	}
}
