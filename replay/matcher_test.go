package replay

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/matchers"
)

// lastSegment returns what follows the last slash of a URL.
func lastSegment(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }

// byLastSegment is a stranger's matcher: only the last segment of a path counts.
func byLastSegment(r *http.Request, recorded cassette.Request) bool {
	return lastSegment(r.URL.Path) == lastSegment(recorded.URL)
}

// keyed is the same matcher with a key.
type keyed struct{ matchers.Func }

func (keyed) Key(r *http.Request) (string, bool) { return lastSegment(r.URL.Path), true }

// A matcher of the caller's finds the recordings, with a key and without, each
// once and in order, and says what becomes of the others.
func TestMatcherOfTheCaller(t *testing.T) {
	items := []*cassettes.Interaction{
		saying(t, get("/x/a"), "1"), saying(t, get("/y/b"), "2"), saying(t, get("/z/a"), "3"), saying(t, post("/z/b", "q"), "4"),
	}
	requests := []string{get("/other/a"), get("/other/b"), get("/a"), get("/more/a"), get("/c"), post("/b", "p"), post("/b", "p")}
	for _, tt := range []struct {
		name string
		s    *Server
		want string
	}{
		{"a function", &Server{Matcher: matchers.Func(byLastSegment)}, "1 2 3 3 miss 4 miss"},
		{"with a key", &Server{Matcher: keyed{byLastSegment}}, "1 2 3 3 miss 4 miss"},
		{"over and over", &Server{Matcher: matchers.Func(byLastSegment), Repeat: RepeatLoop}, "1 2 3 1 miss 4 2"},
		{"never again", &Server{Matcher: keyed{byLastSegment}, Repeat: RepeatNever}, "1 2 3 miss miss 4 miss"},
		{"with a word", &Server{Matcher: matchers.Func(byLastSegment), Match: cassettes.Match{By: []string{"method", "body"}}}, "1 2 3 3 miss miss miss"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.s
			s.Cassettes = []*cassettes.Cassette{tape(t, cassettes.Header{}, items...)}
			p := serve(t, "unix", s)
			for range 2 { // after a reset, too
				if got := strings.Join(p.conversation(t, requests...), " "); got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
				s.Reset()
			}
		})
	}
}

// A matcher reads fields and bodies of both sides, in which secrets are masked
// alike.
func TestMatcherReadsTheWholeRequest(t *testing.T) {
	body := func(r *http.Request) string {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		return string(b)
	}
	asked := 0
	m := matchers.Func(func(r *http.Request, recorded cassette.Request) bool {
		asked++
		return r.Method == recorded.Method && strings.HasSuffix(recorded.URL, r.URL.String()) &&
			r.Header.Get("X-Kind") == recorded.Headers.Get("X-Kind") && r.Header.Get("X-Kind") != "" && body(r) == recorded.Body
	})
	request := func(kind, pin, n string) string {
		b := `{"pin":"` + pin + `","n":` + n + `}`
		return strings.Replace(post("/a?k="+pin, b), "\r\n\r\n", "\r\nContent-Type: application/json\r\nX-Kind: "+kind+"\r\n\r\n", 1)
	}
	h := cassettes.Header{Redaction: []string{"json:pin", "query:k"}}
	c := tape(t, h, saying(t, request("x", "*", "1"), "1"), saying(t, request("y", "*", "1"), "2"), saying(t, request("y", "*", "2"), "3"))
	p := serve(t, "unix", &Server{Cassettes: []*cassettes.Cassette{c}, Matcher: m})
	got := p.conversation(t, request("y", "1234", "2"), request("x", "12", "1"), request("z", "12", "1"))
	if strings.Join(got, " ") != "3 1 miss" || asked == 0 {
		t.Errorf("got %q after %d comparisons", got, asked)
	}
	misses := p.Report().Misses
	if len(misses) != 1 || len(misses[0].Nearest) != 3 || !strings.Contains(misses[0].Text, "the matcher's function does not match") {
		t.Errorf("the misses are %+v", misses)
	}
}
