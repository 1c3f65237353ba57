package rule

import (
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/tapetest"
)

// TestProductOf checks that a cassette which names no product has the one that
// its responses show.
func TestProductOf(t *testing.T) {
	answers := func(fields string) *cassettes.Interaction {
		return tapetest.Plain(t, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK\r\n"+fields+"Content-Length: 0\r\n\r\n")
	}
	const docker, podman = "Api-Version: 1.41\r\nServer: Docker/20.10.24 (linux)\r\n", "Server: Libpod/4.3.1 (linux)\r\nLibpod-Api-Version: 4.3.1\r\n"
	greeting := tapetest.Stream(nil, tapetest.Says(http1.Server, "220 mail\r\n"))
	many := make([]*cassettes.Interaction, tellMax, tellMax+1)
	for i := range many {
		many[i] = answers("")
	}
	for _, tt := range []struct {
		name   string
		header cassettes.Header
		items  []*cassettes.Interaction
		want   string
	}{
		{"docker", cassettes.Header{}, []*cassettes.Interaction{answers(docker)}, "docker"},
		{"later", cassettes.Header{}, []*cassettes.Interaction{greeting, answers(""), answers("server: Docker/1.12\r\n")}, "docker"},
		{"podman", cassettes.Header{}, []*cassettes.Interaction{answers(podman)}, "podman"},
		{"registry", cassettes.Header{}, []*cassettes.Interaction{answers("Docker-Distribution-Api-Version: registry/2.0\r\n")}, "registry"},
		{"other", cassettes.Header{}, []*cassettes.Interaction{answers("Server: Dockerish\r\n")}, ""},
		{"empty", cassettes.Header{}, nil, ""},
		{"too late", cassettes.Header{}, append(many, answers(docker)), ""},
		{"named", cassettes.Header{API: cassettes.API{Product: "Other", Version: "1"}}, []*cassettes.Interaction{answers(docker)}, "other"},
	} {
		if got := productOf(tapetest.Cassette(t, tt.header, tt.items...)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
