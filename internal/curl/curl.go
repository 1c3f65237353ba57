// Package curl writes the requests of a cassette as curl commands, in a shell
// script that asks a server the same questions.
package curl

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/shell"
)

// Write writes a script that sends c's requests to a server, in order. It
// returns the ids of the interactions that are no requests.
func Write(w io.Writer, c *cassettes.Cassette, to Server) (skipped []int, err error) {
	if _, err := fmt.Fprintf(w, "#!/bin/sh\n# The requests of %s.\n", oneLine(c.Name)); err != nil {
		return nil, err
	}
	for i := range c.Len() {
		it, err := c.Interaction(i)
		if err != nil {
			return nil, err
		}
		if it.Request == nil {
			skipped = append(skipped, it.ID)
			continue
		}
		text, err := command(c, it, to)
		if err != nil {
			return nil, fmt.Errorf("%s: interaction %d: %w", c.Name, it.ID, err)
		}
		if _, err := io.WriteString(w, "\n"+text); err != nil {
			return nil, err
		}
	}
	return skipped, nil
}

// Server is the receiver of the requests. The zero value sends each request to
// the server that its Host field names.
type Server struct {
	tls  bool
	addr endpoint.Addr
}

// ParseServer reads an address in the form of record's --upstream, or an
// https:// URL.
func ParseServer(s string) (server Server, err error) {
	rest, tls := strings.CutPrefix(s, "https://")
	server.tls = tls
	server.addr, err = endpoint.Parse(rest)
	return server, err
}

// command returns the command for an exchange, after a comment.
func command(c *cassettes.Cassette, it *cassettes.Interaction, to Server) (string, error) {
	r, ok := parse(it.Request.Head)
	if !ok {
		return "", fmt.Errorf("%q is no request's head", it.Request.Head)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %d: %s\n", it.ID, oneLine(r.method+" "+r.target))
	if len(it.Request.Redacted) > 0 {
		b.WriteString("# What stands as stars in it was masked when it was recorded.\n")
	}
	if it.Turns != nil {
		b.WriteString("# It leaves HTTP; curl shows what the server sends, and sends nothing more.\n")
	}
	args := append([]string{"curl", "--silent", "--show-error", "--include"}, r.args(to)...)
	data, input, err := body(c, it.Request)
	if err != nil {
		return "", err
	}
	args = append(append(args, r.fields(data != "")...), data)
	b.WriteString(input.before)
	for i, a := range args {
		switch {
		case a == "":
			continue
		case strings.HasPrefix(a, "--header") || strings.HasPrefix(a, "--data"):
			b.WriteString(" \\\n  ")
		case i > 0:
			b.WriteByte(' ')
		}
		b.WriteString(a)
	}
	fmt.Fprintf(&b, " \\\n  %s%s\n", r.url(to), input.after)
	return b.String(), nil
}

// request is a request's head.
type request struct {
	method, target string
	minor          int
	list           []http1.Field
	host           string
}

func parse(head []byte) (*request, bool) {
	h, ok := http1.ParseHead(head)
	if !ok {
		return nil, false
	}
	return &request{string(h.Method), string(h.Target), h.Minor, h.Fields, string(h.Field("Host"))}, true
}

// args returns curl's options for a request, except those for its fields and
// body. They keep curl from tidying up the URL.
func (r *request) args(to Server) []string {
	args := []string{"--http1.1", "--globoff", "--path-as-is"}
	if r.minor == 0 {
		args[0] = "--http1.0"
	}
	switch {
	case r.method == "HEAD":
		args = append(args, "--head")
	case r.method != "GET":
		args = append(args, "--request", shell.Quote(r.method))
	}
	if !strings.HasPrefix(r.target, "/") {
		args = append(args, "--request-target", shell.Quote(r.target))
	}
	switch {
	case to.addr.Network == "unix":
		args = append(args, "--unix-socket", shell.Quote(to.addr.Address))
	case to.addr.Network == "tcp":
		args = append(args, "--connect-to", shell.Quote("::"+to.addr.Address))
	}
	return args
}

// url returns the URL for curl.
func (r *request) url(to Server) string {
	scheme, host, path := "http", r.host, r.target
	if to.tls {
		scheme = "https"
	}
	if host == "" {
		host = "localhost"
	}
	if !strings.HasPrefix(path, "/") {
		path = "/"
	}
	return shell.Quote(scheme + "://" + host + path)
}

// fields returns the options for the fields of a request. They leave out the
// fields that curl makes itself, and remove the fields that curl would add.
func (r *request) fields(hasBody bool) (args []string) {
	seen := make(map[string]bool)
	for _, f := range r.list {
		name := strings.ToLower(string(f.Name))
		seen[name] = true
		if name == "content-length" || name == "host" && string(f.Value) == r.host && r.host != "" {
			continue
		}
		line := string(f.Name) + ": " + string(f.Value)
		if len(f.Value) == 0 {
			line = string(f.Name) + ";" // curl's spelling of an empty value
		}
		args = append(args, "--header "+shell.Quote(line))
	}
	for _, name := range []string{"Accept", "User-Agent"} {
		if !seen[strings.ToLower(name)] {
			args = append(args, "--header "+shell.Quote(name+":"))
		}
	}
	if hasBody && !seen["content-type"] {
		args = append(args, "--header "+shell.Quote("Content-Type:"))
	}
	return args
}

// input is the text around a command that feeds its standard input.
type input struct{ before, after string }

// body returns the option for a body: as text, as the file beside the
// cassette, or from base64.
func body(c *cassettes.Cassette, m *cassettes.Message) (option string, in input, err error) {
	if name, ok := m.Body.InFile(); ok {
		path := filepath.Join(filepath.Dir(c.Name), filepath.FromSlash(name))
		return "--data-binary " + shell.Quote("@"+path), in, nil
	}
	data := m.Body.Data
	switch {
	case len(data) == 0:
		return "", in, nil
	case utf8.Valid(data) && data[0] != '@' && bytes.IndexByte(data, 0) < 0:
		return "--data-binary " + shell.Quote(string(data)), in, nil
	}
	in.before = "base64 -d <<'END' | "
	in.after = "\n" + wrap(base64.StdEncoding.EncodeToString(data)) + "END"
	return "--data-binary @-", in, nil
}

// wrap breaks a line every 76 characters, as base64 does.
func wrap(s string) string {
	const width = 76
	var b strings.Builder
	for len(s) > 0 {
		n := min(len(s), width)
		b.WriteString(s[:n] + "\n")
		s = s[n:]
	}
	return b.String()
}

// oneLine keeps line ends out of a comment.
func oneLine(s string) string {
	return strings.NewReplacer("\n", " ", "\r", " ").Replace(s)
}
