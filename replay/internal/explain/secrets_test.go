package explain

import (
	"net/http"
	"strings"
	"testing"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/wiretape/wiretape/matchers"
)

func TestSecretsAreHiddenInBodies(t *testing.T) {
	for _, tt := range []struct{ kind, live, recorded, want string }{
		{"application/json", `{"password":"hunter22"}`, `{"password":"opensesame"}`, `body: $.password: "********" instead of "**********"`},
		{"application/json", `{"password":"hunter22"}`, `{"password":"hunter33"}`, "body: a secret differs, which is not shown"},
		{"text/xml", "<a><Password>hunter22</Password></a>", "<a><Password>opensesame</Password></a>", `"<a><Password>********</Password></a>" instead of`},
		{"application/x-www-form-urlencoded", "password=hunter22", "password=opensesame", `body: password: "********" instead of "**********"`},
		{"application/json", `{"Image":"a","password":"hunter22"}`, `{"Image":"b","password":"opensesame"}`, `$.Image: "a" instead of "b"`},
	} {
		live, _ := http.NewRequest("POST", "/auth", strings.NewReader(tt.live))
		live.Header.Set("Content-Type", tt.kind)
		c := candidate{recorded: cassette.Request{Method: "POST", URL: "/auth", Headers: live.Header, Body: tt.recorded}}
		c.compare(matchers.Content(), live, true)
		text := c.Text
		for _, d := range c.Differences {
			text += d.Where + d.Got + d.Want
		}
		if !strings.Contains(c.Text, tt.want) || strings.Contains(text, "hunter22") || strings.Contains(text, "opensesame") {
			t.Errorf("%s and %s: %q, want %q", tt.live, tt.recorded, text, tt.want)
		}
	}
}

func TestSecretsAreHiddenInDifferences(t *testing.T) {
	for _, tt := range []struct{ where, got, want string }{
		{"body $.password", `"hunter22"`, `"********"`},
		{"body $.auth.password", `"hunter22"`, `"********"`},
		{"body $.list[3].password", `"hunter22"`, `"********"`},
		{`body $["a.b"].password`, `"hunter22"`, `"********"`},
		{"body $.auth", `{"password":"hunter22","user":"bob"}`, `{"password":"********","user":"bob"}`},
		{"body password", `"hunter22"`, `"********"`},
		{"body doc $.password", `"hunter22"`, `"********"`},
		{"body $.password", `"hunter22 and mo…`, `"******************`},
		{"body $.Image", `"busybox"`, `"busybox"`},
		{"body $.Cmd[1]", `"password"`, `"password"`},
		{"body", "3 B", "3 B"},
		{"query password", "", ""},
	} {
		c := Candidate{
			Text:        "body: x: " + tt.got + " instead of none",
			Differences: []matchers.Difference{{Where: tt.where, Got: tt.got}},
		}
		c.hideSecrets()
		got := c.Differences[0].Got
		if got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.where, tt.got, got, tt.want)
		}
		if want := "body: x: " + got + " instead of none"; c.Text != want {
			t.Errorf("%s: text %q, want %q", tt.where, c.Text, want)
		}
	}
}
