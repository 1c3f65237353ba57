package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/e2e/tap"
)

// libraryCassettes are the cassettes that come with the product.
func libraryCassettes() []string {
	names := []string{"docker/v1.6/pull", "docker/v1.39/pull"}
	for _, v := range []string{"1.12", "1.24", "1.41"} {
		for _, name := range []string{"version", "images", "pull", "error"} {
			names = append(names, "docker/v"+v+"/"+name)
		}
	}
	return names
}

// TestLibraryVerifiesAndHoldsNoSecret checks every shipped cassette.
func TestLibraryVerifiesAndHoldsNoSecret(t *testing.T) {
	for _, name := range libraryCassettes() {
		t.Run(name, func(t *testing.T) {
			path := "../cassettes/library/" + name + ".yaml"
			verifies(t, path)
			if got := runs(t, command("cassette"), "scan", path); got.status != 0 {
				t.Errorf("cassette scan exited %d:\n%s%s", got.status, got.stdout, got.stderr)
			}
			if shown := succeeds(t, command("cassette"), "show", "library:"+name); !strings.Contains(string(shown), "200") && !strings.Contains(string(shown), "404") {
				t.Errorf("cassette show library:%s printed\n%s", name, shown)
			}
		})
	}
}

// TestLibraryTranscripts checks that replay serves the transcripts as they
// were written down, chunk sizes included.
func TestLibraryTranscripts(t *testing.T) {
	for _, c := range []struct{ name, request, response string }{
		{"docker/v1.39/pull",
			"POST /images/create?fromImage=jenkins/jenkins:latest HTTP/1.1\r\nHost: localhost:2375\r\nUser-Agent: foo/1.0\r\nAccept: */*\r\n\r\n",
			"HTTP/1.1 200 OK\r\nApi-Version: 1.39\r\nContent-Type: application/json\r\nDocker-Experimental: true\r\nOstype: linux\r\n" +
				"Server: Docker/18.09.1 (linux)\r\nDate: Wed, 06 Feb 2019 16:53:19 GMT\r\nTransfer-Encoding: chunked\r\n\r\n" +
				"39\r\n{\"status\":\"Pulling from jenkins/jenkins\",\"id\":\"latest\"}\r\n\r\n" +
				"5e\r\n{\"status\":\"Digest: sha256:abd3e3f96fbc3445c420fda590f37e2bd3377f69affd47b63b3d826d084c5ddc\"}\r\n\r\n" +
				"45\r\n{\"status\":\"Status: Image is up to date for jenkins/jenkins:latest\"}\r\n\r\n" +
				"0\r\n\r\n"},
		{"docker/v1.6/pull",
			"POST /v1.6/images/create?fromImage=whatevertheflush HTTP/1.1\r\nHost: localhost:4243\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
				"30\r\n{\"status\":\"Pulling repository whatevertheflush\"}\r\n" +
				"be\r\n{\"error\":\"Server error: 404 trying to fetch remote history for whatevertheflush\",\"errorDetail\":{\"code\":404,\"message\":\"Server error: 404 trying to fetch remote history for whatevertheflush\"}}\r\n" +
				"0\r\n\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := serve(t, command("replay"), "library:"+c.name)
			want := script{client(c.request), serverSays(c.response)}.events()
			got, err := play(dialAddr(r.addr), want)
			if err == nil {
				err = sameTraffic(tap.Conns(want), got, sameServer)
			}
			if err != nil {
				t.Error(err)
			}
			if status := r.stop(); status != 0 {
				t.Errorf("replay exited %d:\n%s", status, r.stderr.String())
			}
		})
	}
}

// TestLibraryPlaysToDocker pulls from a shipped cassette with the docker
// command: first a missing image, then one that is up to date.
func TestLibraryPlaysToDocker(t *testing.T) {
	clis := dockerCLIs(t)
	if len(clis) == 0 {
		skip(t, fmt.Errorf("there is no docker on the path"))
	}
	for _, cli := range clis {
		for _, api := range []string{"1.24", "1.41"} {
			t.Run(cli.name+"/"+api, func(t *testing.T) {
				script := cli.path + " pull localhost:5000/hello:1 && " + cli.path + " pull localhost:5000/hello:1"
				got := invocation{
					args: []string{command("replay"), "--strict", "library:docker/v" + api + "/pull", "--", "sh", "-c", script},
					env:  []string{"DOCKER_API_VERSION=" + api},
				}.run(t)
				if got.status != 0 {
					t.Errorf("replay exited %d:\n%s", got.status, got.stderr)
				}
				fresh := strings.Index(string(got.stdout), "Downloaded newer image for localhost:5000/hello:1")
				again := strings.Index(string(got.stdout), "Image is up to date for localhost:5000/hello:1")
				if fresh < 0 || again < fresh {
					t.Errorf("docker printed\n%s", got.stdout)
				}
			})
		}
	}
}
