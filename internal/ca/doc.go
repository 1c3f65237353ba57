// Package ca has all that concerns certificates: those by which an upstream is
// trusted, and the local CA that signs the certificates of our listeners.
//
//	config, err := ca.Client{CAFile: "ca.pem", CertFile: "cert.pem", KeyFile: "key.pem"}.Config()
//	…
//	conn, err := endpoint.DialTLS(ctx, addr, config)
package ca
