package compare

import (
	"slices"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
)

func TestVolatileTextBecomesItsKind(t *testing.T) {
	const id = "4f1cf4caedf31d3b8d01e8ebe7a9b3b5bfb7cd0a3a3b9d3c44ccf7bd2a4e5a11"
	for s, want := range map[string]string{
		"2026-11-21T10:00:00Z":                                   "<time>",
		"at 2026-11-21T10:00:00.123456789+01:00, say":            "at <time>, say",
		"2026-11-21 10:00:00 +0000 UTC":                          "<time> +0000 UTC",
		"Sat, 21 Nov 2026 10:00:00 GMT":                          "<date>",
		"since=1795255200&until=1795255200.5&all=1":              "since=<time>&until=<time>&all=1",
		"/uploads/0d5ac9e3-1111-4222-8333-444455556666":          "/uploads/<uuid>",
		"/containers/" + id + "/json":                            "/containers/<id>/json",
		"/containers/" + id[:12] + "/json":                       "/containers/<id>/json",
		"/containers/" + id[:11] + "/json":                       "/containers/" + id[:11] + "/json",
		"sha256:" + id:                                           "sha256:" + id,
		"_state=eyJOYW1lIjoieCIsIlVVSUQiOiIwZDVhYzllMyJ9abcd%3D": "_state=<token>",
		"a plain sentence that is not short at all, and says so": "a plain sentence that is not short at all, and says so",
	} {
		if got := stable(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
	// An id in both texts was not issued anew.
	a, b := "layer 63f2a7dd8a7f of 4f1cf4caedf3", "layer 63f2a7dd8a7f of b2a9cc5ab4a3"
	s := newStabilizer([]byte(a), []byte(b))
	if got := s.text(a); got != "layer 63f2a7dd8a7f of <id>" || got != s.text(b) {
		t.Errorf("got %q and %q", got, s.text(b))
	}
}

func TestPairsGoFromStrictToLoose(t *testing.T) {
	list := func(lines ...[2]string) (all []cassettes.Entry) {
		for i, l := range lines {
			all = append(all, cassettes.Entry{ID: i, Method: l[0], URL: l[1]})
		}
		return all
	}
	a := list(
		[2]string{"GET", "http://a/_ping"},
		[2]string{"POST", "http://a/v1.24/containers/4f1cf4caedf3/start"},
		[2]string{"GET", "http://a/v1.24/events?since=1795255200"},
		[2]string{"", ""},
		[2]string{"GET", "http://a/v1.24/x?a=1&b=2"},
		[2]string{"GET", "http://a/same?n=1"},
		[2]string{"GET", "http://a/same?n=2"},
		[2]string{"DELETE", "http://a/gone"},
	)
	b := list(
		[2]string{"GET", "http://b/same?n=2"},
		[2]string{"GET", "http://b/same?n=1"},
		[2]string{"GET", "http://b/v1.41/x?b=2&a=1"},
		[2]string{"POST", "http://b/v1.41/containers/b2a9cc5ab4a3/start"},
		[2]string{"", ""},
		[2]string{"GET", "http://b/v1.41/events?since=1795255299"},
		[2]string{"HEAD", "http://b/_ping"},
		[2]string{"GET", "http://b/_ping"},
	)
	pairs, gone, added := match(a, b)
	if want := []pair{{0, 7}, {1, 3}, {2, 5}, {3, 4}, {4, 2}, {5, 1}, {6, 0}}; !slices.Equal(pairs, want) {
		t.Errorf("got %v, want %v", pairs, want)
	}
	if !slices.Equal(gone, []int{7}) || !slices.Equal(added, []int{6}) {
		t.Errorf("got gone %v, added %v", gone, added)
	}
}

// Bodies that are too large for a comparison by content are compared byte for
// byte.
func TestLargeBodiesAreComparedByBytes(t *testing.T) {
	text := make([]byte, maxBody+1)
	message := func(data []byte) *cassettes.Message {
		return &cassettes.Message{Body: cassettes.Body{Data: data}}
	}
	other := slices.Clone(text)
	other[len(other)-1] = 1
	for _, test := range []struct {
		b    []byte
		want []string
	}{
		{slices.Clone(text), nil},
		{other, []string{"response body: 8388609 B -> 8388609 B, different from byte 8388608 on"}},
		{text[:10], []string{"response body: 8388609 B -> 10 B, different from byte 10 on"}},
		{nil, []string{"response body: 8388609 B -> 0 B, different from byte 0 on"}},
	} {
		var c comparer
		same, err := c.body("response", message(text), message(test.b))
		if err != nil || same != (test.want == nil) || !slices.Equal(c.lines, test.want) {
			t.Errorf("got %v, %v, %q; want %q", same, err, c.lines, test.want)
		}
	}
}
