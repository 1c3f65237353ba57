package replay

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
)

// getWith returns a GET request for /a with more fields, or another Host.
func getWith(host string, fields ...string) string {
	r := "GET /a HTTP/1.1\r\nHost: " + host + "\r\n"
	for _, f := range fields {
		r += f + "\r\n"
	}
	return r + "\r\n"
}

func postWith(body string, fields ...string) string {
	r := fmt.Sprintf("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n", len(body))
	for _, f := range fields {
		r += f + "\r\n"
	}
	return r + "\r\n" + body
}

// TestTiesAreBrokenByFields: among equal requests the one answers that agrees in
// the fields in which they differ.
func TestTiesAreBrokenByFields(t *testing.T) {
	ranges := []string{getWith("h", "Range: bytes=0-9"), getWith("h", "Range: bytes=10-19"), getWith("h", "Range: bytes=20-29")}
	hosts := []string{getWith("a.test"), getWith("b.test")}
	proxied := []string{"GET http://a.test/a HTTP/1.1\r\nHost: a.test\r\n\r\n", "GET http://b.test/a HTTP/1.1\r\nHost: b.test\r\n\r\n"}
	fresh := []string{getWith("h"), getWith("h", `If-None-Match: "1"`)}
	types := []string{getWith("h", "Accept: text/html"), getWith("h", "Accept: application/json"), getWith("h", "Accept: */*")}
	for _, tt := range []struct {
		name     string
		recorded []string // requests; the answers are their numbers
		live     []string
		want     string
	}{
		{"ranges in any order", ranges, []string{ranges[2], ranges[0], ranges[1]}, "2 0 1"},
		{"a range again", ranges, []string{ranges[1], ranges[1], ranges[0]}, "1 1 0"},
		{"a range that was not recorded", ranges, []string{getWith("h", "Range: bytes=5-9"), getWith("h")}, "miss miss"},
		{"the whole and a part", []string{getWith("h"), ranges[0]}, []string{ranges[0], getWith("h"), ranges[1]}, "1 0 miss"},
		{"a range of a POST", []string{postWith("x", "Range: bytes=0-1"), postWith("x", "Range: bytes=2-3")}, []string{postWith("x", "Range: bytes=2-3"), postWith("x", "Range: bytes=2-3"), postWith("x", "Range: bytes=0-1")}, "1 miss 0"},
		{"hosts in another order", hosts, []string{hosts[1], hosts[0], hosts[1]}, "1 0 1"},
		{"hosts through a proxy", proxied, []string{proxied[1], proxied[0]}, "1 0"},
		{"a proxied host, asked itself", proxied, hosts, "0 1"},
		{"another host", hosts, []string{getWith("c.test"), getWith("A.test:80")}, "miss 0"},
		{"addresses of this machine are one host", []string{getWith("127.0.0.1:5000"), getWith("localhost:6000")}, []string{getWith("[::1]:7000"), getWith("docker")}, "0 1"},
		{"an address of this machine, where others were recorded", hosts, []string{getWith("127.0.0.1:5000")}, "0"},
		{"a validator first", fresh, []string{fresh[1], fresh[0], getWith("h", `If-None-Match: "2"`)}, "1 0 miss"},
		{"representations", types, []string{types[1], types[2], types[0]}, "1 2 0"},
		{"another representation", types, []string{getWith("h", "Accept: image/png")}, "0"},
		{"cookies", []string{getWith("h", "Cookie: a=1"), getWith("h", "Cookie: a=2")}, []string{getWith("h", "Cookie: a=2"), getWith("h", "Cookie: a=1")}, "1 0"},
		{"languages of a request with a date", []string{getWith("h", "Date: 1", "Accept-Language: de"), getWith("h", "Date: 2", "Accept-Language: fr")}, []string{getWith("h", "Date: 1", "Accept-Language: fr"), getWith("h", "Date: 2", "Accept-Language: de")}, "1 0"},
		{"what differs from run to run", []string{getWith("h", "User-Agent: a", "X-Request-Id: 1"), getWith("h", "User-Agent: b", "X-Request-Id: 2")}, []string{getWith("h", "User-Agent: b", "X-Request-Id: 2"), getWith("h", "X-Request-Id: 1")}, "0 1"},
		{"a random boundary", []string{postWith("x", "Content-Type: multipart/form-data; boundary=a"), postWith("x", "Content-Type: multipart/form-data; boundary=b")}, []string{postWith("x", "Content-Type: multipart/form-data; boundary=b"), postWith("x", "Content-Type: multipart/form-data; boundary=c")}, "0 1"},
		{"content types", []string{postWith("x", "Content-Type: text/plain"), postWith("x", "Content-Type: text/csv")}, []string{postWith("x", "Content-Type: text/csv"), postWith("x", "Content-Type: text/plain")}, "1 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var items []*cassettes.Interaction
			for i, r := range tt.recorded {
				items = append(items, saying(t, r, fmt.Sprint(i)))
			}
			p := play(t, "unix", items...)
			if got := strings.Join(p.conversation(t, tt.live...), " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestRefusedTieExplainsItself says which range was recorded, in the miss and in the
// report.
func TestRefusedTieExplainsItself(t *testing.T) {
	p := play(t, "unix", saying(t, getWith("h", "Range: bytes=0-9"), "0"), saying(t, getWith("h", "Range: bytes=10-19"), "1"))
	p.conversation(t, getWith("h", "Range: bytes=5-9"), getWith("h", "Range: bytes=10-19"))
	r := p.Report()
	want := `Range: "bytes=5-9" instead of "bytes=0-9" or "bytes=10-19"`
	if len(r.Misses) != 1 || !strings.Contains(r.Misses[0].Text, want) {
		t.Errorf("the misses are %v, want one with %s", r.Misses, want)
	}
	if len(r.Answers) != 2 || r.Answers[0].How != HowMiss || r.Answers[1].How != HowEqual || r.Answers[1].Recording.ID != 1 {
		t.Errorf("the answers are %+v", r.Answers)
	}
	if d := r.Answers[0].Differences; len(d) != 1 || d[0].Where != "header Range" {
		t.Errorf("the differences are %+v", d)
	}
}

// TestStrictRefusesWhatHostsCannotTell answers by an address of this machine, with a
// note, and refuses that where only sure answers are wanted.
func TestStrictRefusesWhatHostsCannotTell(t *testing.T) {
	for _, strict := range []bool{false, true} {
		p := serve(t, "unix", &Server{Strict: strict, Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{}, saying(t, getWith("a.test"), "0"), saying(t, getWith("b.test"), "1"))}})
		want := "0"
		if strict {
			want = "miss"
		}
		if got := p.conversation(t, getWith("127.0.0.1:5000")); got[0] != want {
			t.Errorf("strict %v: got %q, want %q", strict, got, want)
		}
		if r := p.Report(); !strict && (len(r.Notes) != 1 || !strings.Contains(r.Notes[0].Text, "although Host")) {
			t.Errorf("the notes are %v", r.Notes)
		}
	}
}
