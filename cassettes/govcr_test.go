package cassettes

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gopkg.in/dnaeon/go-vcr.v3/cassette"
	"gopkg.in/dnaeon/go-vcr.v3/recorder"
	"gopkg.in/yaml.v3"
)

// wireBytes returns a message as it crossed the wire.
func wireBytes(t testing.TB, m *Message) []byte {
	t.Helper()
	body, err := m.Body.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	var wire []byte
	for s, err := range m.Segments() {
		if err != nil {
			t.Fatal(err)
		}
		wire = append(wire, s.Before...)
		data := make([]byte, s.Len)
		if _, err := body.Seek(s.Off, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(body, data); err != nil {
			t.Fatal(err)
		}
		wire = append(append(wire, data...), s.After...)
	}
	return wire
}

// play opens a cassette in go-vcr's recorder.
func play(t *testing.T, path string) *recorder.Recorder {
	t.Helper()
	rec, err := recorder.NewWithOptions(&recorder.Options{
		CassetteName:       strings.TrimSuffix(path, ".yaml"),
		Mode:               recorder.ModeReplayOnly,
		SkipRequestLatency: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestGoVCRPlaysEveryShape(t *testing.T) {
	for i, s := range shapes() {
		t.Run(s.name, func(t *testing.T) {
			it := s.item(t, i)
			if it.Response == nil || len(it.Response.Head) == 0 {
				return // loading is all there is
			}
			path := writeCassette(t, rawItem(0), it)
			c := open(t, path)
			entry := c.Entry(0) // the raw item is of a later session
			u, err := url.Parse(entry.URL)
			if err != nil {
				t.Fatal(err)
			}
			rec := play(t, path)
			if u.String() != entry.URL { // no URI: go-vcr's default matcher cannot see that they are equal
				rec.SetMatcher(func(r *http.Request, i cassette.Request) bool { return r.Method == i.Method })
			}
			got, err := rec.RoundTrip(&http.Request{Method: entry.Method, URL: u})
			if err != nil {
				t.Fatalf("%s %s: %v", entry.Method, entry.URL, err)
			}
			compareResponse(t, got, it)
		})
	}
}

// compareResponse compares what go-vcr plays with what net/http makes of the
// wire bytes.
func compareResponse(t *testing.T, got *http.Response, it *Interaction) {
	t.Helper()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(body, it.Response.Body.Data) {
		t.Errorf("got body %q, want %q", body, it.Response.Body.Data)
	}
	wire := wireBytes(t, it.Response)
	for range it.Response.Interim {
		_, wire, _ = bytes.Cut(wire, []byte("\r\n\r\n"))
	}
	want, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(wire)), &http.Request{Method: got.Request.Method})
	if err != nil {
		t.Fatalf("net/http cannot read %q: %v", wire, err)
	}
	io.Copy(io.Discard, want.Body) // may end early; trailers come with its end
	type view struct {
		Status   string
		Code     int
		Proto    string
		Length   int64
		Coding   []string
		Header   http.Header
		Trailer  http.Header
		Protocol [2]int
	}
	of := func(r *http.Response) view {
		for name, values := range r.Trailer {
			if len(values) == 0 { // announced, and never sent
				delete(r.Trailer, name)
			}
		}
		return view{r.Status, r.StatusCode, r.Proto, r.ContentLength, r.TransferEncoding, r.Header, r.Trailer, [2]int{r.ProtoMajor, r.ProtoMinor}}
	}
	if d := cmp.Diff(of(want), of(got), cmpopts.EquateEmpty()); d != "" {
		t.Errorf("go-vcr's response (+) differs from net/http's (-): %s", d)
	}
}

func TestGoVCRLoadsWhateverWeWrite(t *testing.T) {
	paths := []string{writeCassette(t), writeCassette(t, samples(t)...)}
	for i, path := range paths {
		c, err := cassette.Load(strings.TrimSuffix(path, ".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if want := open(t, path).Len(); len(c.Interactions) != want {
			t.Errorf("%d: go-vcr has %d interactions, want %d", i, len(c.Interactions), want)
		}
	}
}

// TestKeysAreGoVCRs holds the keys that the encoder writes to go-vcr's
// structs, in their order.
func TestKeysAreGoVCRs(t *testing.T) {
	text, err := os.ReadFile(writeCassette(t, pullItem()))
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	item := yamlValue(doc.Content[0], "interactions").Content[0]
	for key, typ := range map[string]reflect.Type{
		"request":  reflect.TypeFor[cassette.Request](),
		"response": reflect.TypeFor[cassette.Response](),
	} {
		var want, got []string
		for i := range typ.NumField() {
			want = append(want, typ.Field(i).Tag.Get("yaml"))
		}
		for i, n := range yamlValue(item, key).Content {
			if i%2 == 0 {
				got = append(got, n.Value)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", key, d)
		}
	}
	for _, typ := range []reflect.Type{reflect.TypeFor[cassette.Cassette](), reflect.TypeFor[cassette.Interaction]()} {
		for i := range typ.NumField() {
			if key, _, _ := strings.Cut(typ.Field(i).Tag.Get("yaml"), ","); key == "wire" {
				t.Errorf("go-vcr has a key of its own named wire, in %v", typ)
			}
		}
	}
}

func yamlValue(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return &yaml.Node{}
}
