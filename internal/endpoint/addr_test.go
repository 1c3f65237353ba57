package endpoint

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"unix:///var/run/docker.sock", "unix:///var/run/docker.sock"},
		{"/var/run/docker.sock", "unix:///var/run/docker.sock"},
		{"/with:colon", "unix:///with:colon"},
		{"tcp://127.0.0.1:2375", "tcp://127.0.0.1:2375"},
		{"http://localhost:5000", "tcp://localhost:5000"},
		{"http://localhost:5000/", "tcp://localhost:5000"},
		{"localhost:5000", "tcp://localhost:5000"},
		{"[::1]:80", "tcp://[::1]:80"},
		{":0", "tcp://:0"},
		{"tls://localhost:6380", "tls://localhost:6380"},
		{"https://localhost:5000/", "https://localhost:5000"},
		{"https://registry.test", "https://registry.test:443"},
		{"https://[::1]", "https://[::1]:443"},
	} {
		got, err := Parse(tt.in)
		if err != nil || got.String() != tt.want {
			t.Errorf("Parse(%q) = %v, %v, want %s", tt.in, got, err, tt.want)
			continue
		}
		if again, err := Parse(got.String()); err != nil || again != got {
			t.Errorf("Parse(%q) = %v, %v, want %v", got.String(), again, err, got)
		}
	}
}

func TestParseOnWindows(t *testing.T) {
	for in, want := range map[string]Addr{
		"npipe:////./pipe/docker_engine": {"npipe", `\\.\pipe\docker_engine`},
		`\\.\pipe\docker_engine`:         {"npipe", `\\.\pipe\docker_engine`},
		"unix:///C:/Users/a/docker.sock": {"unix", `C:\Users\a\docker.sock`},
		`unix://C:\Users\a\docker.sock`:  {"unix", `C:\Users\a\docker.sock`},
		`C:\Users\a\docker.sock`:         {"unix", `C:\Users\a\docker.sock`},
		"c:/docker.sock":                 {"unix", `c:\docker.sock`},
		"tcp://127.0.0.1:2375":           {"tcp", "127.0.0.1:2375"},
		"localhost:5000":                 {"tcp", "localhost:5000"},
	} {
		if got, err := parse(in, true); err != nil || got != want {
			t.Errorf("parse(%q) = %v, %v, want %v", in, got, err, want)
		}
	}
	for in, want := range map[string]string{
		"npipe://docker_engine": "not the name of a pipe",
		"npipe:////./pipe/":     "not the name of a pipe",
		"unix://C:docker.sock":  "must be absolute",
		`..\docker.sock`:        "missing port",
	} {
		if got, err := parse(in, true); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parse(%q) = %v, %v, want an error with %q", in, got, err, want)
		}
	}
	if got, want := (Addr{"npipe", `\\.\pipe\x`}).String(), "npipe:////./pipe/x"; got != want {
		t.Errorf("the pipe is written %q, want %q", got, want)
	}
}

func TestParseRejects(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", "missing port"},
		{"localhost", "missing port"},
		{"./s.sock", "missing port"},
		{"unix://run/docker.sock", "must be absolute"},
		{"unix://", "must be absolute"},
		{"unix:///a\x00b", "NUL"},
		{"https://localhost:http", "port must be a number"},
		{"https://a@localhost", "missing port"},
		{"https://", "missing port"},
		{"tls://localhost", "missing port"},
		{"npipe:////./pipe/docker_engine", "only Windows has named pipes"},
		{"ssh://host:22", `unknown scheme "ssh"`},
		{"tcp://localhost", "missing port"},
		{"tcp://localhost:http", "port must be a number"},
		{"localhost:65536", "port must be a number"},
		{"::1:80", "too many colons"},
		{"http://user@host:80", "not a host name"},
	} {
		got, err := parse(tt.in, false)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Parse(%q) = %v, %v, want an error with %q", tt.in, got, err, tt.want)
		}
	}
}

func TestAddressesAreReadAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]string{
		"tcp://docker:2375/": "tcp://docker:2375", "docker:2375/": "tcp://docker:2375", "http://[::1]:80/": "tcp://[::1]:80",
		"unix:/var/run/docker.sock": "unix:///var/run/docker.sock", "unix:/x": "unix:///x",
	} {
		if a, err := Parse(text); err != nil || a.String() != want {
			t.Errorf("%s: got %v, %v, want %s", text, a, err, want)
		}
	}
	for _, text := range []string{"tcp://docker:2375//", "tcp://docker:2375/x", "unix:x"} {
		if a, err := Parse(text); err == nil {
			t.Errorf("%s: got %v, want an error", text, a)
		}
	}
}
