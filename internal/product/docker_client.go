package product

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// DockerDaemon is the daemon that a plain docker command would ask.
type DockerDaemon struct {
	// Host is its address as Docker writes it: unix:///path, tcp://host:port.
	Host string
	// Source says where Docker finds that: "DOCKER_HOST", "the context \"x\"".
	Source string
	// TLS says that Docker speaks TLS with it, with the files' certificates; a
	// file that does not exist is "". Insecure trusts any certificate.
	TLS, Insecure             bool
	CAFile, CertFile, KeyFile string
}

// FindDocker returns the daemon that DOCKER_HOST, DOCKER_CONTEXT or the
// configuration in DOCKER_CONFIG or home's .docker names, in Docker's own order.
func FindDocker(getenv func(string) string, home string) (DockerDaemon, error) {
	config := getenv("DOCKER_CONFIG")
	if config == "" {
		config = filepath.Join(home, ".docker")
	}
	if host := getenv("DOCKER_HOST"); host != "" {
		return dockerHost(getenv, host, "DOCKER_HOST", config), nil
	}
	name, source := getenv("DOCKER_CONTEXT"), "DOCKER_CONTEXT"
	if name == "" {
		var err error
		if name, err = currentContext(config); err != nil {
			return DockerDaemon{}, err
		}
		source = filepath.Join(config, "config.json")
	}
	if name == "" || name == "default" {
		return dockerHost(getenv, defaultHost(), "Docker's default", config), nil
	}
	d, err := dockerContext(config, name)
	if err != nil {
		return d, fmt.Errorf("the Docker context %q of %s: %w", name, source, err)
	}
	return d, nil
}

// defaultHost is where Docker's daemon is if nothing is configured.
func defaultHost() string {
	if runtime.GOOS == "windows" {
		return "npipe:////./pipe/docker_engine"
	}
	return "unix:///var/run/docker.sock"
}

// dockerHost returns the daemon at host, with TLS as the environment says.
func dockerHost(getenv func(string) string, host, source, config string) DockerDaemon {
	d := DockerDaemon{Host: host, Source: source}
	verify := getenv("DOCKER_TLS_VERIFY") != ""
	if !strings.HasPrefix(host, "tcp://") || !verify && getenv("DOCKER_TLS") == "" {
		return d
	}
	d.TLS, d.Insecure = true, !verify
	folder := getenv("DOCKER_CERT_PATH")
	if folder == "" {
		folder = config
	}
	d.files(folder)
	return d
}

// files names the certificates in folder.
func (d *DockerDaemon) files(folder string) {
	existing := func(name string) string {
		path := filepath.Join(folder, name)
		if _, err := os.Stat(path); err != nil {
			return ""
		}
		return path
	}
	d.CAFile, d.CertFile, d.KeyFile = existing("ca.pem"), existing("cert.pem"), existing("key.pem")
	if d.Insecure {
		d.CAFile = ""
	}
}

// currentContext returns the context that the configuration names, "" for none.
func currentContext(config string) (string, error) {
	path := filepath.Join(config, "config.json")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	var file struct{ CurrentContext string }
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	if err != nil {
		return "", fmt.Errorf("read Docker's configuration %s: %w", path, err)
	}
	return file.CurrentContext, nil
}

// dockerContext reads a context, which Docker keeps in a folder named by the
// SHA-256 of its name.
func dockerContext(config, name string) (d DockerDaemon, err error) {
	sum := sha256.Sum256([]byte(name))
	id := hex.EncodeToString(sum[:])
	text, err := os.ReadFile(filepath.Join(config, "contexts", "meta", id, "meta.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return d, errors.New("there is no such context; docker context ls lists them")
	}
	if err != nil {
		return d, err
	}
	var meta struct {
		Endpoints map[string]struct {
			Host          string
			SkipTLSVerify bool
		}
	}
	if err := json.Unmarshal(text, &meta); err != nil {
		return d, fmt.Errorf("read meta.json: %w", err)
	}
	endpoint, ok := meta.Endpoints["docker"]
	if !ok || endpoint.Host == "" {
		return d, errors.New("it has no address of a Docker daemon")
	}
	d = DockerDaemon{Host: endpoint.Host, Source: fmt.Sprintf("the context %q", name), Insecure: endpoint.SkipTLSVerify}
	d.files(filepath.Join(config, "contexts", "tls", id, "docker"))
	d.TLS = strings.HasPrefix(d.Host, "tcp://") && (d.CAFile != "" || d.CertFile != "" || d.Insecure)
	return d, nil
}
