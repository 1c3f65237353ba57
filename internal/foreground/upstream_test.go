package foreground

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/internal/ca"
)

// certificates writes a CA, and a client's certificate and key.
func certificates(t *testing.T) ca.Client {
	t.Helper()
	a, err := ca.New("test")
	if err != nil {
		t.Fatal(err)
	}
	client, err := a.Client("someone")
	if err != nil {
		t.Fatal(err)
	}
	cert, key, err := ca.EncodePair(client)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string][]byte{"ca.pem": a.PEM(), "cert.pem": cert, "key.pem": key, "empty.pem": nil} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return ca.Client{CAFile: filepath.Join(dir, "ca.pem"), CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem")}
}

func TestUpstreamChecksTheFlagsOfTLS(t *testing.T) {
	files := certificates(t)
	noCert := filepath.Join(filepath.Dir(files.CAFile), "empty.pem")
	for _, tt := range []struct {
		name, addr string
		files      ca.Client
		want       string // in the error; "" for none
	}{
		{"a plain address", "tcp://h:1", ca.Client{}, ""},
		{"the system's roots", "https://h", ca.Client{}, ""},
		{"all files", "tls://h:1", files, ""},
		{"flags without TLS", "tcp://h:1", ca.Client{Insecure: true}, "need a daemon's address with TLS"},
		{"a certificate without its key", "https://h", ca.Client{CertFile: files.CertFile}, "need each other"},
		{"two ways to trust", "https://h", ca.Client{CAFile: files.CAFile, Insecure: true}, "exclude each other"},
		{"no such file", "https://h", ca.Client{CAFile: "/no/such"}, "no such file"},
		{"no certificate in the file", "https://h", ca.Client{CAFile: noCert}, "no certificate"},
		{"the files exchanged", "https://h", ca.Client{CertFile: files.KeyFile, KeyFile: files.CertFile}, "read the certificate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := Upstream{files: tt.files}
			a, config, err := u.Parse(tt.addr)
			if tt.want == "" && (err != nil || a.TLS() != (config != nil)) {
				t.Errorf("got %v, %v, %v", a, config, err)
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got the error %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestDockerAsUpstream(t *testing.T) {
	files := certificates(t)
	t.Setenv("DOCKER_CERT_PATH", filepath.Dir(files.CAFile))
	for _, tt := range []struct{ name, host, verify, want string }{
		{"a socket", "unix:///run/d.sock", "1", "unix:///run/d.sock"},
		{"a plain port", "tcp://h:2375", "", "tcp://h:2375"},
		{"TLS", "tcp://h:2376", "1", "https://h:2376"},
		{"ssh", "ssh://me@h", "", "ssh -L"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("DOCKER_HOST", tt.host)
			t.Setenv("DOCKER_TLS_VERIFY", tt.verify)
			var u Upstream
			a, config, err := u.Parse(Docker)
			if err != nil {
				if !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got the error %v, want %q in it", err, tt.want)
				}
				return
			}
			if a.String() != tt.want || a.TLS() != (config != nil) {
				t.Errorf("got %v, %v, want %v", a, config, tt.want)
			}
			if a.TLS() && (config.RootCAs == nil || config.GetClientCertificate == nil || config.InsecureSkipVerify) {
				t.Errorf("the files of DOCKER_CERT_PATH are not used: %+v", u.files)
			}
		})
	}
}
