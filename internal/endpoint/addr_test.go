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

func TestParseRejects(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", "missing port"},
		{"localhost", "missing port"},
		{"./s.sock", "missing port"},
		{"unix://run/docker.sock", "must be absolute"},
		{"unix://", "must be absolute"},
		{"unix:///a\x00b", "NUL"},
		{"https://localhost:5000", "TLS"},
		{"ssh://host:22", `unknown scheme "ssh"`},
		{"tcp://localhost", "missing port"},
		{"tcp://localhost:http", "port must be a number"},
		{"localhost:65536", "port must be a number"},
		{"::1:80", "too many colons"},
		{"http://user@host:80", "not a host name"},
	} {
		got, err := Parse(tt.in)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Parse(%q) = %v, %v, want an error with %q", tt.in, got, err, tt.want)
		}
	}
}
