package issued

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const hexID = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// book returns the book of a recording in which one response shows text, and a
// request for each of carried follows.
func book(head, body string, carried ...string) *Book {
	var r Reader
	key := []byte("POST /v1.41/containers/create?")
	r.Key(0, key)
	r.Response(0, key, Show([]byte("HTTP/1.1 201 Created\r\n"+head+"\r\n"), []byte(body)))
	for i, c := range carried {
		r.Key(int32(i+1), []byte(c))
	}
	return r.Book()
}

func TestWhatIsIssued(t *testing.T) {
	for _, tt := range []struct {
		name, head, body string
		carried          string
		want             string // the request, masked
	}{
		{"in a body", "", `{"Id":"` + hexID + `"}`, "GET /containers/" + hexID + "/json?", "GET /containers/<0.0>/json?"},
		{"in short", "", `{"Id":"` + hexID + `"}`, "GET /containers/0123456789ab/json?", "GET /containers/<0.0>/json?"},
		{"in part", "", `{"Id":"` + hexID + `"}`, "GET /containers/0123456789a/json?", "GET /containers/0123456789a/json?"},
		{"in a field", "Location: http://h/v2/uploads/aaaa-bbbb?_state=xyzxyzxyz%3D%3D\r\n", "", "PATCH /v2/uploads/aaaa-bbbb?_state=xyzxyzxyz==&", "PATCH /v2/uploads/<0.0>?_state=<0.1>&"},
		{"in a Date", "Date: abcdefghij\r\n", "", "GET /abcdefghij?", "GET /abcdefghij?"},
		{"asked for before", "", `{"Id":"containers"}`, "GET /containers/json?", "GET /containers/json?"},
		{"too short", "", `{"Id":"abcdefg"}`, "GET /abcdefg?", "GET /abcdefg?"},
		{"a key", "", `{"Identifier":1}`, "GET /Identifier?", "GET /Identifier?"},
		{"no document", "", `{"a":"abcdefgh"}{"b":1}`, "GET /abcdefgh?", "GET /abcdefgh?"},
		{"after an escape", "", `{"a":["x","aabcdefgh"]}`, "GET /%2Faabcdefgh?", "GET /%2F<0.0>?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := book(tt.head, tt.body, tt.carried)
			got, refs := b.Mask(nil, []byte(tt.carried), nil)
			if string(got) != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if want := strings.Count(tt.want, "<0."); len(refs) != want || !slices.Equal(refs, b.Refs(1)) {
				t.Errorf("it mentions %v, recorded %v; want %d", refs, b.Refs(1), want)
			}
			if b.Empty() != (len(refs) == 0) {
				t.Errorf("Empty is %v", b.Empty())
			}
		})
	}
}

// TestSiblingsIssueToo checks that an answer issues a value that nobody used,
// where an answer to an equal request issues one, and that none issues a value
// that they all hold.
func TestSiblingsIssueToo(t *testing.T) {
	var r Reader
	for i := range 2 {
		r.Key(int32(i), []byte("POST /create?"))
		r.Response(int32(i), []byte("POST /create?"), Show([]byte("HTTP/1.1 201 Created\r\n\r\n"), fmt.Appendf(nil, `{"Id":"identity-%d","State":"scheduled"}`, i)))
	}
	r.Key(2, []byte("POST /identity-0/start?"))
	r.Key(3, []byte("POST /identity-1/start?from=scheduled&"))
	b := r.Book()
	if got, _ := b.Mask(nil, []byte("POST /identity-1/start?from=scheduled&"), nil); string(got) != "POST /<0.0>/start?from=scheduled&" {
		t.Errorf("got %s", got)
	}
	if got, _ := b.Mask(nil, []byte("POST /identity-1/start?"), nil); string(got) != "POST /<0.0>/start?" {
		t.Errorf("got %s", got)
	}
}

func TestRewrite(t *testing.T) {
	var r Reader
	values := []string{"state-of-a", "state-of-b-longer%3D%3D", hexID, strings.Repeat("f0", 32)}
	for i, v := range values {
		key := fmt.Appendf(nil, "POST /create-%d?", i/2)
		r.Key(int32(i), key)
		r.Response(int32(i), key, Show([]byte("HTTP/1.1 202 Accepted\r\nLocation: /x?s="+v+"\r\n\r\n"), nil))
	}
	for i, v := range values {
		r.Key(int32(4+i), []byte("PUT /x?s="+v))
	}
	s := NewBindings(r.Book())
	s.Swap([]Pair{{0, 1}, {2, 3}})
	for _, tt := range []struct {
		text string
		same bool
		want string
	}{
		{"/x?s=state-of-a&y", false, "/x?s=state-of-b-longer%3D%3D&y"},
		{"/x?s=state-of-b-longer%3D%3D", false, "/x?s=state-of-a"},
		{`{"s":"state-of-b-longer=="}`, false, `{"s":"state-of-a"}`},
		{`{"s":"state-of-a"}`, true, `{"s":"state-of-a"}`},
		{`{"Id":"` + hexID + `","Hostname":"` + hexID[:12] + `"}`, true, `{"Id":"` + values[3] + `","Hostname":"f0f0f0f0f0f0"}`},
		{"nothing-of-it", false, "nothing-of-it"},
	} {
		got, changed, mentions := s.Rewrite(nil, []byte(tt.text), tt.same)
		if string(got) != tt.want || changed != (tt.text != tt.want) || mentions == strings.HasPrefix(tt.text, "nothing") {
			t.Errorf("%s: got %s, %v, %v; want %s", tt.text, got, changed, mentions, tt.want)
		}
	}
	s.Swap([]Pair{{0, 1}, {2, 3}})
	if s.Swapped() {
		t.Error("swapped back, some clients play other interactions")
	}
}

// FuzzMasker checks that a body is masked in the same way in whatever pieces it
// comes.
func FuzzMasker(f *testing.F) {
	b := book("", `{"Id":"`+hexID+`","State":"state-of-a"}`, "GET /"+hexID, "GET /state-of-a")
	for _, seed := range []string{
		"", "state-of-a", `{"x":"state-of-a"}`, `{"x":"state-of-a=="}`, `{"x":"state-of-a%3D%3d"}`, `{"` + hexID + hexID[:12] + `"}`,
		"{" + strings.Repeat("a", runMax) + "=state-of-a", "{" + strings.Repeat("=", runMax-10) + "state-of-a",
	} {
		f.Add([]byte(seed), 3)
	}
	f.Fuzz(func(t *testing.T, body []byte, size int) {
		whole := b.Masker()
		want := whole.Flush(whole.Append(nil, body))
		m := b.Masker()
		var got []byte
		size = max(size&0xff, 1)
		for piece := range slices.Chunk(body, size) {
			got = m.Append(got, piece)
		}
		got = m.Flush(got)
		if string(got) != string(want) || !slices.Equal(m.Refs(), whole.Refs()) {
			t.Errorf("in pieces of %d: got %q, %v; want %q, %v", size, got, m.Refs(), want, whole.Refs())
		}
	})
}
