package foreground

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/internal/ca"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/product"
)

// Upstream is the part of a command line about TLS to a daemon.
type Upstream struct{ files ca.Client }

// AddFlags adds the --tls-… flags to cmd.
func (u *Upstream) AddFlags(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&u.files.CAFile, "tls-ca", "", "trust the daemon's certificate if a CA in `FILE` signed it (default: the system's CAs)")
	fs.StringVar(&u.files.CertFile, "tls-cert", "", "show the daemon the client certificate in `FILE`")
	fs.StringVar(&u.files.KeyFile, "tls-key", "", "the key of --tls-cert is in `FILE`")
	fs.StringVar(&u.files.ServerName, "tls-server-name", "", "expect `NAME` in the daemon's certificate (default: the address's host)")
	fs.BoolVar(&u.files.Insecure, "tls-insecure", false, "trust any certificate of the daemon: anybody on the way can read and change the traffic")
}

// Docker is the upstream that stands for the daemon of a plain docker command.
const Docker = "docker"

// Parse returns the address that text stands for, and how to speak TLS there:
// nil if it does not ask for TLS. A flag without a use is an error.
func (u *Upstream) Parse(text string) (endpoint.Addr, *tls.Config, error) {
	if text == Docker {
		var err error
		if text, err = u.findDocker(); err != nil {
			return endpoint.Addr{}, nil, err
		}
	}
	a, err := endpoint.Parse(text)
	if err != nil {
		return a, nil, err
	}
	config, err := u.config(a)
	return a, config, err
}

// findDocker returns the address of Docker's daemon, and has its certificates
// used where no flag names others.
func (u *Upstream) findDocker() (string, error) {
	home, _ := os.UserHomeDir() // without one there is no configuration
	d, err := product.FindDocker(os.Getenv, home)
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(d.Host, "ssh://") {
		return "", fmt.Errorf("%s is %s: ssh is not supported; forward the daemon's socket with ssh -L, and give its path", d.Source, d.Host)
	}
	if !d.TLS {
		return d.Host, nil
	}
	f := &u.files
	f.Insecure = f.Insecure || d.Insecure && f.CAFile == ""
	if f.CAFile == "" && !f.Insecure {
		f.CAFile = d.CAFile
	}
	if f.CertFile == "" && f.KeyFile == "" {
		f.CertFile, f.KeyFile = d.CertFile, d.KeyFile
	}
	return "https://" + strings.TrimPrefix(d.Host, "tcp://"), nil
}

// config returns how to speak TLS with the daemon at a.
func (u *Upstream) config(a endpoint.Addr) (*tls.Config, error) {
	f := u.files
	switch {
	case !a.TLS() && f != (ca.Client{}):
		return nil, errors.New("the --tls-… flags need a daemon's address with TLS: https://host:port or tls://host:port")
	case !a.TLS():
		return nil, nil
	case (f.CertFile == "") != (f.KeyFile == ""):
		return nil, errors.New("--tls-cert and --tls-key need each other")
	case f.Insecure && f.CAFile != "":
		return nil, errors.New("--tls-insecure and --tls-ca exclude each other: one trusts all, the other a CA")
	}
	config, err := f.Config()
	if err != nil {
		return nil, fmt.Errorf("TLS to %s: %w", a, err)
	}
	return config, nil
}

// Warn logs what --tls-insecure means, if it is set.
func (u *Upstream) Warn(log *slog.Logger) {
	if u.files.Insecure {
		log.Warn("--tls-insecure: the daemon's certificate is not checked; anybody on the way to it can read and change the traffic")
	}
}
