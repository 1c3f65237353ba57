package command

import (
	"fmt"
	"net"
	"slices"
	"strings"
)

// environ returns base with what the command is to see besides.
func (c *Cmd) environ(base []string) ([]string, error) {
	set := c.Env
	if len(set) == 0 {
		set = []string{"DOCKER_HOST"}
	}
	env := append(slices.Clip(base), "WIRETAPE_ADDR="+c.Addr)
	for _, s := range set {
		name, template, ok := strings.Cut(s, "=")
		if name == "" {
			return nil, fmt.Errorf("variable %q: want NAME or NAME=TEMPLATE", s)
		}
		if !ok {
			template = "{addr}"
		}
		value, err := c.expand(template)
		if err != nil {
			return nil, fmt.Errorf("variable %s: %w", name, err)
		}
		if name == "DOCKER_HOST" {
			env = slices.DeleteFunc(env, overridesHost)
		}
		env = append(env, name+"="+value) // the last of a name counts
	}
	return env, nil
}

// overridesHost reports whether a variable would lead a Docker client
// elsewhere than DOCKER_HOST says, or have it speak TLS there.
func overridesHost(v string) bool {
	name, _, _ := strings.Cut(v, "=")
	return slices.Contains([]string{"DOCKER_TLS_VERIFY", "DOCKER_TLS", "DOCKER_CERT_PATH", "DOCKER_CONTEXT"}, name)
}

// expand replaces {addr}, {host}, {port} and {path}. Other braces stand for
// themselves.
func (c *Cmd) expand(template string) (string, error) {
	values := map[string]string{"{addr}": c.Addr}
	network, address, _ := strings.Cut(c.Addr, "://")
	if network == "unix" {
		values["{path}"] = address
	} else if host, port, err := net.SplitHostPort(address); err == nil {
		values["{host}"], values["{port}"] = host, port
	}
	var pairs []string
	for _, key := range []string{"{addr}", "{host}", "{port}", "{path}"} {
		value, ok := values[key]
		if !ok && strings.Contains(template, key) {
			return "", fmt.Errorf("%s has no %s", c.Addr, key)
		}
		pairs = append(pairs, key, value)
	}
	return strings.NewReplacer(pairs...).Replace(template), nil
}
