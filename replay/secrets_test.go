package replay

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/redact"
)

// vault masks and tags the secrets of requests, as record does.
type vault struct {
	rules *redact.Rules
	key   *redact.Key
	tags  redact.Tags
}

const testSalt = "000102030405060708090a0b0c0d0e0f"

func newVault(t testing.TB) *vault {
	t.Helper()
	rules, err := redact.Parse([]string{"default"})
	if err != nil {
		t.Fatal(err)
	}
	key, err := redact.NewKey(testSalt)
	if err != nil {
		t.Fatal(err)
	}
	return &vault{rules: rules, key: key}
}

// hide masks the secrets of an interaction's request.
func (v *vault) hide(it *cassettes.Interaction) *cassettes.Interaction {
	m := it.Request
	list := func(where string, line int, s redact.Span) {
		r := cassettes.Redaction{Where: where, Index: line, Off: s.Off, Len: s.Len}
		if s.Len >= 4 { // shorter ones have no tag
			r.Tag = v.tags.Tag(s.Digest)
		}
		m.Redacted = append(m.Redacted, r)
	}
	raw := slices.Clone(m.Head)
	spans := v.rules.Head(m.Head, nil)
	v.key.Identify(raw, spans)
	for line, s := range redact.ByLine(m.Head, spans) {
		list("head", line, s)
	}
	if mask := v.rules.Body([]byte("/"), raw); mask != nil {
		mask.Identify(v.key)
		m.Body.Data = mask.Flush(mask.Append(nil, m.Body.Data))
		for _, s := range mask.Take() {
			list("body", 0, s)
		}
	}
	return it
}

// stranger returns a secret that is none of the recorded ones, as far as tags tell.
func (v *vault) stranger() string {
	for i := 0; ; i++ {
		if s := fmt.Sprintf("strange%d", i); v.tags.Find(v.key.Digest([]byte(s))) == "" {
			return s
		}
	}
}

func loginWith(password string) string {
	return postWith(`{"user":"u","password":"`+password+`"}`, "Content-Type: application/json")
}

// TestSecretsTellRequestsApart asks in another order than recorded with requests
// that differ in a masked secret alone.
func TestSecretsTellRequestsApart(t *testing.T) {
	bearer := func(token string) string { return getWith("h", "Authorization: Bearer "+token) }
	form := func(secret string) string {
		return postWith("client_secret="+secret+"&grant=a", "Content-Type: application/x-www-form-urlencoded")
	}
	query := func(token string) string { return get("/a?access_token=" + token) }
	cookie := func(session string) string { return getWith("h", "Cookie: a=1; session="+session) }
	both := func(s string) string {
		return postWith(`{"password":"`+s[:5]+`"}`, "Content-Type: application/json", "Authorization: Bearer "+s[5:])
	}
	for _, tt := range []struct {
		name string
		make func(secret string) string
		by   []string
	}{
		{"a bearer token", bearer, nil},
		{"a bearer token that is compared", bearer, []string{"method", "path", "query", "header:Authorization"}},
		{"a password in JSON", loginWith, nil},
		{"a password in JSON that is compared", loginWith, []string{"method", "path", "query", "json"}},
		{"a secret in a form", form, nil},
		{"a token in the query", query, nil},
		{"a cookie", cookie, nil},
		{"two secrets of which one differs", func(s string) string { return both("equal" + s) }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := newVault(t)
			var items []*cassettes.Interaction
			for i, secret := range []string{"right", "wrong", "third"} {
				items = append(items, v.hide(saying(t, tt.make(secret), fmt.Sprint(i))))
			}
			h := cassettes.Header{Salt: testSalt, Redaction: []string{"default"}}
			s := &Server{Strict: true, Cassettes: []*cassettes.Cassette{tape(t, h, items...)}}
			s.Match.By = tt.by
			p := serve(t, "unix", s)
			if got := strings.Join(p.conversation(t, tt.make("third"), tt.make("wrong"), tt.make("right")), " "); got != "2 1 0" {
				t.Errorf("got %q, want 2 1 0", got)
			}
			if r := p.Report(); len(r.Notes) != 0 {
				t.Errorf("the notes are %v", r.Notes)
			}
		})
	}
}

// TestSecretThatWasNotRecordedIsNoted answers in recorded order, and says which
// field was not recorded so. A secret that the client knows from a masked answer
// alone is no other one.
func TestSecretThatWasNotRecordedIsNoted(t *testing.T) {
	for _, masked := range []bool{false, true} {
		v := newVault(t)
		h := cassettes.Header{Salt: testSalt, Redaction: []string{"default"}}
		p := serve(t, "unix", &Server{Strict: true, Cassettes: []*cassettes.Cassette{
			tape(t, h, v.hide(saying(t, loginWith("right"), "0")), v.hide(saying(t, loginWith("wrong"), "1"))),
		}})
		secret, notes := v.stranger(), 1
		if masked {
			secret, notes = "********", 0
		}
		if got := p.conversation(t, loginWith(secret)); got[0] != "0" {
			t.Errorf("%s: got %q, want 0", secret, got)
		}
		if r := p.Report(); len(r.Notes) != notes || notes > 0 && !strings.Contains(r.Notes[0].Text, "although secrets of the body") {
			t.Errorf("%s: the notes are %v", secret, r.Notes)
		}
	}
}

// TestSecretsUnderSeveralSaltsAreNotCompared plays two cassettes as one: the tags of
// each say nothing of the other's.
func TestSecretsUnderSeveralSaltsAreNotCompared(t *testing.T) {
	v := newVault(t)
	h := cassettes.Header{Salt: testSalt, Redaction: []string{"default"}}
	a := tape(t, h, v.hide(saying(t, loginWith("right"), "0")))
	h.Salt = strings.Repeat("11", 16)
	b := tape(t, h, v.hide(saying(t, loginWith("wrong"), "1")))
	p := serve(t, "unix", &Server{Cassettes: []*cassettes.Cassette{a, b}})
	if got := strings.Join(p.conversation(t, loginWith("wrong"), loginWith("right")), " "); got != "0 1" {
		t.Errorf("got %q, want recorded order", got)
	}
}
