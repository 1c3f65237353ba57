package engine

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Need returns an error with the missing programs, nil where all are there.
func Need(programs ...string) error {
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			return err
		}
	}
	return nil
}

// Docker is a running dockerd.
type Docker struct {
	*process
	Socket string
}

// StartDocker starts a dockerd that listens at the socket sock and keeps
// everything else in dir. It waits until the engine answers. The engine has no
// networks: no test needs one, and it starts in half the time. Run it in a
// sandbox.
func StartDocker(dir, sock string) (*Docker, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	args := []string{
		"--host", "unix://" + sock,
		"--data-root", filepath.Join(dir, "data"),
		"--exec-root", filepath.Join(dir, "exec"),
		"--pidfile", filepath.Join(dir, "docker.pid"),
		"--bridge", "none", "--iptables=false", "--ip6tables=false",
	}
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", sock)
		},
	}}
	p, err := start(dir, "dockerd", args, func() error { return answers(client, "http://docker/_ping", http.StatusOK) })
	if err != nil {
		return nil, err
	}
	return &Docker{p, sock}, nil
}

// Registry is a running image registry.
type Registry struct {
	*process
	Addr string
}

// StartRegistry starts a registry that listens at addr and keeps its blobs in
// dir, and waits until it answers.
func StartRegistry(dir, addr string) (*Registry, error) {
	return startRegistry(dir, addr, "", http.StatusOK)
}

// StartClosedRegistry starts a registry that admits the users in htpasswd, one
// line each, with bcrypt passwords.
func StartClosedRegistry(dir, addr, user string) (*Registry, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	users := filepath.Join(dir, "htpasswd")
	if err := os.WriteFile(users, []byte(user+"\n"), 0o600); err != nil {
		return nil, err
	}
	return startRegistry(dir, addr, fmt.Sprintf("auth: {htpasswd: {realm: tests, path: %s}}\n", users), http.StatusUnauthorized)
}

// startRegistry starts a registry with more configuration. It is ready when it
// answers with this status.
func startRegistry(dir, addr, more string, ready int) (*Registry, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "registry.yml")
	text := fmt.Sprintf("version: 0.1\nlog: {accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}\nhttp: {addr: %s}\n",
		filepath.Join(dir, "blobs"), addr) + more
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		return nil, err
	}
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	p, err := start(dir, "docker-registry", []string{"serve", config}, func() error { return answers(client, "http://"+addr+"/v2/", ready) })
	if err != nil {
		return nil, err
	}
	return &Registry{p, addr}, nil
}

// answers returns an error unless the answer has this status.
func answers(client *http.Client, url string, status int) error {
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != status {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	return nil
}
