package ca

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"
)

// Client says how a server is trusted, and how we are. The zero value trusts the
// system's roots and has no certificate.
type Client struct {
	CAFile            string // PEM certificates to trust in place of the system's roots
	CertFile, KeyFile string // our certificate and its key, as PEM
	ServerName        string // that the certificate is to have; "" means the address's host
	Insecure          bool   // trust any certificate
}

// Config reads the files and returns what they say, for endpoint.DialTLS.
func (c Client) Config() (*tls.Config, error) {
	config := &tls.Config{ServerName: c.ServerName, InsecureSkipVerify: c.Insecure}
	if c.CAFile != "" {
		pool, err := readPool(c.CAFile)
		if err != nil {
			return nil, err
		}
		config.RootCAs = pool
	}
	if c.CertFile == "" {
		return config, nil
	}
	pair, err := readPair(c.CertFile, c.KeyFile)
	if err != nil {
		return nil, err
	}
	if now := time.Now(); now.After(pair.Leaf.NotAfter) {
		return nil, fmt.Errorf("the client certificate %s expired on %s; renew it", c.CertFile, pair.Leaf.NotAfter.Format(time.DateOnly))
	}
	// The server is given the certificate even if it names other CAs: it then
	// says so itself, where crypto/tls would send none.
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return pair, nil }
	return config, nil
}

// readPair reads a certificate and its key.
func readPair(certFile, keyFile string) (*tls.Certificate, error) {
	cert, err := os.ReadFile(certFile)
	if err != nil {
		return nil, fmt.Errorf("read the certificate: %w", err)
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, fmt.Errorf("read the certificate's key: %w", err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("read the certificate %s with the key %s: %w", certFile, keyFile, err)
	}
	return &pair, nil
}

// readPool reads the certificates of a PEM file.
func readPool(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the CA's certificate: %w", err)
	}
	pool := x509.NewCertPool()
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("read the CA's certificate %s: %w", file, err)
		}
		pool.AddCert(cert)
	}
	if pool.Equal(x509.NewCertPool()) {
		return nil, fmt.Errorf("read the CA's certificate %s: %w", file, errors.New("the file has no certificate in PEM form"))
	}
	return pool, nil
}
