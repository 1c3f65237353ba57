package replay

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/dnaeon/go-vcr.v3/recorder"

	"github.com/wiretape/wiretape/cassettes"
)

// TestServesWhatGoVCRWrote has go-vcr record a server, and compares what
// replay makes of its cassette, whose reads have no order.
func TestServesWhatGoVCRWrote(t *testing.T) {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/chunked":
			w.(http.Flusher).Flush()
			io.WriteString(w, "one\n")
		case "/none":
			w.WriteHeader(http.StatusNoContent)
			return
		}
		io.WriteString(w, r.Method+" "+string(body))
	}))
	defer origin.Close()
	name := filepath.Join(t.TempDir(), "tape")
	rec, err := recorder.NewWithOptions(&recorder.Options{CassetteName: name, Mode: recorder.ModeRecordOnly})
	if err != nil {
		t.Fatal(err)
	}
	type request struct{ method, path, body string }
	requests := []request{{"GET", "/a", ""}, {"POST", "/a", "x"}, {"POST", "/a", "yy"}, {"HEAD", "/a", ""}, {"GET", "/chunked", ""}, {"GET", "/none", ""}}
	do := func(c *http.Client, base string, r request) string {
		t.Helper()
		req, err := http.NewRequest(r.method, base+r.path, strings.NewReader(r.body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.Status + " " + string(body)
	}
	var want []string
	for _, r := range requests {
		want = append(want, do(rec.GetDefaultClient(), origin.URL, r))
	}
	if err := rec.Stop(); err != nil {
		t.Fatal(err)
	}

	p := serve(t, "tcp", &Server{Cassettes: []*cassettes.Cassette{openTape(t, name+".yaml")}})
	c := &http.Client{Transport: &http.Transport{}}
	defer c.CloseIdleConnections()
	for _, i := range []int{0, 2, 1, 3, 4, 5} {
		if got := do(c, "http://"+p.l.Addr().String(), requests[i]); got != want[i] {
			t.Errorf("%v: got %q, want %q", requests[i], got, want[i])
		}
	}
	if r := p.Report(); r.Unplayed != 0 || len(r.Misses) != 0 {
		t.Errorf("the report is %+v", r)
	}
}
