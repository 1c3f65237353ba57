package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/wiretape/wiretape/e2e/engine"
	"github.com/wiretape/wiretape/e2e/sandbox"
)

// The image that is pulled, and how the API names it.
const (
	registry = "localhost:5000"
	image    = registry + "/hello:1"
	imageIn  = "fromImage=localhost%3A5000%2Fhello&tag=1"
	missing  = "fromImage=localhost%3A5000%2Fnothing&tag=1"
)

// engineSocket is where an engine is found everywhere.
const engineSocket = "/var/run/docker.sock"

// versions are the API versions that are recorded.
var versions = []string{"1.12", "1.24", "1.41"}

// call is a request; VERSION in its path stands for the API version.
type call struct{ method, path string }

// recipes are the cassettes of each version, in the order of recording: pull
// leaves the image behind, which images lists.
var recipes = []struct {
	name  string
	calls []call
}{
	{"version", []call{{"GET", "/vVERSION/version"}}},
	{"pull", []call{
		{"HEAD", "/_ping"},
		{"POST", "/vVERSION/images/create?" + imageIn}, // fresh
		{"POST", "/vVERSION/images/create?" + imageIn}, // up to date
	}},
	{"images", []call{{"GET", "/vVERSION/images/json"}}},
	{"error", []call{
		{"GET", "/vVERSION/images/nothing/json"},
		{"POST", "/vVERSION/images/create?" + missing},
	}},
}

// buildProbe builds the program of the image.
func buildProbe(dir string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w -buildid=", "-o", filepath.Join(dir, "probe"), "./testdata/probe")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the image's program: %w\n%s", err, out)
	}
	return nil
}

// recordEngine records the recipes from an engine of its own.
func (l *library) recordEngine() error {
	dir := sandbox.Dir()
	if err := sandbox.Tmpfs("/run", ""); err != nil { // the machine's own engine is not to be met
		return err
	}
	reg, err := engine.StartRegistry(filepath.Join(dir, "registry"), registry)
	if err != nil {
		return err
	}
	defer reg.Stop()
	docker, err := engine.StartDocker(filepath.Join(dir, "engine"), engineSocket)
	if err != nil {
		return err
	}
	defer docker.Stop()
	if err := publish(dir); err != nil {
		return err
	}
	for _, v := range versions {
		if err := dockerRun("rmi", "--force", image); err != nil {
			return err
		}
		if err := l.recordVersion(v); err != nil {
			return err
		}
	}
	return nil
}

// publish builds the image and pushes it to the registry.
func publish(dir string) error {
	context := filepath.Join(dir, "hello")
	if err := os.Mkdir(context, 0o755); err != nil {
		return err
	}
	if err := os.Link(filepath.Join(dir, "probe"), filepath.Join(context, "probe")); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"Dockerfile": "FROM scratch\nCOPY probe /probe\nCOPY greeting /greeting\nCMD [\"/probe\", \"say\", \"hello\", \"\"]\n",
		"greeting":   "hello\n",
	} {
		if err := os.WriteFile(filepath.Join(context, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := dockerRun("build", "--quiet", "--tag", image, context); err != nil {
		return err
	}
	return dockerRun("push", "--quiet", image)
}

func dockerRun(args ...string) error {
	cmd := exec.Command("docker", append([]string{"--host", "unix://" + engineSocket}, args...)...)
	cmd.Env = append(os.Environ(), "DOCKER_BUILDKIT=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("docker %q: %w\n%s", args, err, out)
	}
	return nil
}

// recordVersion records all recipes at one API version.
func (l *library) recordVersion(version string) error {
	for _, recipe := range recipes {
		name := "docker/v" + version + "/" + recipe.name
		r, err := l.start(name, "unix://"+engineSocket, "docker/"+version)
		if err != nil {
			return err
		}
		client := newClient(r.socket)
		for _, c := range recipe.calls {
			if err := client.do(c, version); err != nil {
				return err
			}
		}
		if err := r.finish(); err != nil {
			return err
		}
	}
	return nil
}

// client issues the calls on one kept-alive connection.
type client struct{ http.Client }

func newClient(socket string) *client {
	return &client{http.Client{Transport: &http.Transport{
		DisableCompression: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}}
}

// do makes a call and reads its answer to the end, whatever it is.
func (cl *client) do(c call, version string) error {
	req, err := http.NewRequest(c.method, "http://docker"+strings.Replace(c.path, "VERSION", version, 1), nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "wiretape-library")
	resp, err := cl.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}
