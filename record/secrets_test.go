package record

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
)

// A recorder that would store secrets because nobody named a rule refuses to
// serve, as does one with a rule that there is not.
func TestServeRefusesToStoreSecrets(t *testing.T) {
	for _, tt := range []struct {
		redaction []string
		unmasked  bool
		want      string
	}{
		{nil, false, `set Header.Redaction to []string{"default"}`},
		{nil, true, ""},
		{[]string{"default"}, false, ""},
		{[]string{"cookie:x"}, false, `redaction rule "cookie:x"`},
	} {
		w, err := cassettes.Create(filepath.Join(t.TempDir(), "c.yaml"), cassettes.Header{Redaction: tt.redaction}, cassettes.Options{})
		if err != nil {
			t.Fatal(err)
		}
		l, err := Listen("")
		if err != nil {
			t.Fatal(err)
		}
		r := &Recorder{Cassette: w, Unmasked: tt.unmasked}
		if tt.want == "" {
			tt.want = net.ErrClosed.Error()
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
		if err := r.Serve(l); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q, unmasked %v: Serve returned %v, want %q", tt.redaction, tt.unmasked, err, tt.want)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestSecretsAreFoundInText(t *testing.T) {
	const text = "a\nAuthorization: Basic ****\npassword=hunter2hunter2\n"
	var got []Secret
	for s, err := range Secrets(strings.NewReader(text)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, s)
	}
	if len(got) != 1 || got[0].Line != 3 || text[got[0].Off:][:got[0].Len] != "hunter2hunter2" || got[0].Kind == "" {
		t.Errorf("got %+v, want the password in line 3", got)
	}
}
