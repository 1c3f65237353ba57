package record

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/redact"
)

// testSalt is the salt of cassettes with redaction rules.
const testSalt = "000102030405060708090a0b0c0d0e0f"

// ask sends a request in pieces over one connection of tp and has it answered.
func (tp *tape) ask(request ...string) {
	tp.t.Helper()
	client, server := tp.connect()
	got := make([]byte, len(strings.Join(request, "")))
	for at := 0; len(request) > 0; request = request[1:] {
		io.WriteString(client, request[0])
		if _, err := io.ReadFull(server, got[at:at+len(request[0])]); err != nil {
			tp.t.Fatal(err)
		}
		at += len(request[0])
	}
	io.WriteString(server, "HTTP/1.1 204 No Content\r\n\r\n")
	answer := make([]byte, len("HTTP/1.1 204 No Content\r\n\r\n"))
	if _, err := io.ReadFull(client, answer); err != nil {
		tp.t.Fatal(err)
	}
	client.Close()
	server.Close()
	tp.settled()
}

// login is a request with a secret of each kind.
func login(token, password string) string {
	body := fmt.Sprintf(`{"user":"u","password":"%s"}`, password)
	return fmt.Sprintf("POST /?sig=%s HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", token, token, len(body), body)
}

func TestEqualSecretsHaveEqualTags(t *testing.T) {
	tp := recordMasked(t, "unix", []string{"default"}, nil)
	tp.ask(login("right-token", "right-word"))
	tp.ask(login("wrong-token", "other-word"))
	whole := login("right-token", "right-word")
	tp.ask(whole[:len(whole)-9], whole[len(whole)-9:len(whole)-4], whole[len(whole)-4:])
	tp.ask(login("x", "y")) // too short for tags
	items := tp.items()
	if len(items) != 4 {
		t.Fatalf("%d interactions, want 4", len(items))
	}
	tags := make([][]string, len(items))
	for i, it := range items {
		tags[i] = slices.Collect(it.Tags())
	}
	if len(tags[0]) != 3 || tags[0][0] != tags[0][1] || !slices.Equal(tags[0], tags[2]) || len(tags[3]) != 0 {
		t.Errorf("tags are %q", tags)
	}
	key, err := redact.NewKey(testSalt)
	if err != nil {
		t.Fatal(err)
	}
	var known redact.Tags
	for _, tag := range slices.Concat(tags...) {
		known.Add(tag)
	}
	for secret, want := range map[string]string{
		"right-token": tags[0][0], "right-word": tags[0][2], "wrong-token": tags[1][0], "other-word": tags[1][2],
	} {
		if got := known.Find(key.Digest([]byte(secret))); got != want {
			t.Errorf("%q has the tag %q, and %q is found", secret, want, got)
		}
	}
	text, err := os.ReadFile(tp.path())
	if err != nil || strings.Contains(string(text), "right-") || strings.Contains(string(text), "-word") {
		t.Errorf("%v; a secret is in\n%s", err, text)
	}
	tp.verify()
}

// verify checks the cassette.
func (tp *tape) verify() {
	tp.t.Helper()
	c, err := cassettes.OpenFile(tp.path())
	if err != nil {
		tp.t.Fatal(err)
	}
	defer c.Close()
	for _, err := range cassettes.Verify(c) {
		tp.t.Error(err)
	}
}

func TestTagsCanBeLeftOut(t *testing.T) {
	tp := recordMasked(t, "unix", []string{"default"}, func(r *Recorder) { r.NoTags = true })
	tp.ask(login("right-token", "right-word"))
	for _, it := range tp.items() {
		for tag := range it.Tags() {
			t.Errorf("a secret has the tag %q", tag)
		}
	}
	tp.verify()
}

func TestMaskedPlacesAreCounted(t *testing.T) {
	tp := recordMasked(t, "unix", []string{"default"}, nil)
	tp.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	if got := tp.rec.Stats().Masked; got != nil {
		t.Errorf("before any secret: %v", got)
	}
	tp.ask(login("right-token", "right-word"))
	tp.ask(login("right-token", "right-word"))
	tp.ask("GET / HTTP/1.1\r\nHost: h\r\nLocation: http://u:p@h/\r\nX: eyJa.eyJb.c\r\n\r\n")
	tp.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Type: text/xml\r\nContent-Length: 44\r\n\r\n<a><SessionToken>abc</SessionToken><b/></a>\n")
	tp.stop()
	want := []Masked{
		{"header:Authorization", 2, 1}, {"json:password", 2, 1}, {"query:sig", 2, 1},
		{"jwt", 1, 3}, {"userinfo", 1, 3}, {"json:sessiontoken", 1, 4},
	}
	if got := tp.rec.Stats().Masked; !slices.Equal(got, want) {
		t.Errorf("masked %+v,\nwant   %+v", got, want)
	}
	for _, m := range want {
		if _, err := redact.Parse([]string{"default", redact.LeaveOut + m.Rule}); err != nil {
			t.Errorf("a rule that is named cannot be left out: %v", err)
		}
	}
}
