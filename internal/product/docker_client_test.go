package product

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write writes a file and the folders above it.
func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFindDockerAsksTheDaemonOfAPlainDocker(t *testing.T) {
	home := t.TempDir()
	config := filepath.Join(home, ".docker")
	certs := filepath.Join(home, "certs")
	for _, name := range []string{"ca.pem", "cert.pem", "key.pem"} {
		write(t, filepath.Join(certs, name), "x")
	}
	write(t, filepath.Join(config, "ca.pem"), "x")
	context := func(name, meta string) string {
		sum := sha256.Sum256([]byte(name))
		id := hex.EncodeToString(sum[:])
		write(t, filepath.Join(config, "contexts/meta", id, "meta.json"), meta)
		return filepath.Join(config, "contexts/tls", id, "docker")
	}
	tls := context("secure", `{"Name":"secure","Endpoints":{"docker":{"Host":"tcp://d:2376","SkipTLSVerify":false}}}`)
	write(t, filepath.Join(tls, "ca.pem"), "x")
	context("skip", `{"Endpoints":{"docker":{"Host":"tcp://d:2376","SkipTLSVerify":true}}}`)
	context("plain", `{"Endpoints":{"docker":{"Host":"tcp://d:2375"}}}`)
	context("empty", `{"Endpoints":{}}`)

	defaultDaemon := DockerDaemon{Host: defaultHost(), Source: "Docker's default"}
	for _, tt := range []struct {
		name, env, config string
		want              DockerDaemon
		err               string
	}{
		{"nothing is set", "", "", defaultDaemon, ""},
		{"TLS means nothing to a socket", "DOCKER_TLS_VERIFY=1", "", defaultDaemon, ""},
		{"an address", "DOCKER_HOST=tcp://h:1", "", DockerDaemon{Host: "tcp://h:1", Source: "DOCKER_HOST"}, ""},
		{"verified", "DOCKER_HOST=tcp://h:1 DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH=" + certs, "",
			DockerDaemon{"tcp://h:1", "DOCKER_HOST", true, false, certs + "/ca.pem", certs + "/cert.pem", certs + "/key.pem"}, ""},
		{"verified by the configuration's CA", "DOCKER_HOST=tcp://h:1 DOCKER_TLS_VERIFY=1", "",
			DockerDaemon{"tcp://h:1", "DOCKER_HOST", true, false, config + "/ca.pem", "", ""}, ""},
		{"not verified", "DOCKER_HOST=tcp://h:1 DOCKER_TLS=1 DOCKER_CERT_PATH=" + certs, "",
			DockerDaemon{"tcp://h:1", "DOCKER_HOST", true, true, "", certs + "/cert.pem", certs + "/key.pem"}, ""},
		{"the address goes before a context", "DOCKER_HOST=tcp://h:1 DOCKER_CONTEXT=none", "", DockerDaemon{Host: "tcp://h:1", Source: "DOCKER_HOST"}, ""},
		{"a context", "DOCKER_CONTEXT=secure", "", DockerDaemon{"tcp://d:2376", `the context "secure"`, true, false, tls + "/ca.pem", "", ""}, ""},
		{"a context without verification", "DOCKER_CONTEXT=skip", "", DockerDaemon{"tcp://d:2376", `the context "skip"`, true, true, "", "", ""}, ""},
		{"a plain context", "", `{"currentContext":"plain"}`, DockerDaemon{Host: "tcp://d:2375", Source: `the context "plain"`}, ""},
		{"the default context", "DOCKER_CONTEXT=default", `{"currentContext":"plain"}`, defaultDaemon, ""},
		{"no context of the name", "DOCKER_CONTEXT=nobody", "", DockerDaemon{}, "docker context ls"},
		{"a context of something else", "DOCKER_CONTEXT=empty", "", DockerDaemon{}, "no address"},
		{"a broken configuration", "", "{", DockerDaemon{}, "config.json"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.config != "" {
				write(t, filepath.Join(config, "config.json"), tt.config)
				defer os.Remove(filepath.Join(config, "config.json"))
			}
			got, err := FindDocker(func(name string) string {
				for _, v := range strings.Fields(tt.env) {
					if value, ok := strings.CutPrefix(v, name+"="); ok {
						return value
					}
				}
				return ""
			}, home)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("got %+v and the error %v, want an error with %q", got, err, tt.err)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("got %+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}
