package command

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/product"
)

// environ returns base with the variables of c.
func (c *Cmd) environ(base []string) ([]string, error) {
	set := c.Env
	if len(set) == 0 {
		set = addressVariables()
	}
	env := append(slices.Clip(base), "WIRETAPE_ADDR="+c.Addr)
	for _, s := range set {
		name, template, ok := strings.Cut(s, "=")
		if name == "" {
			return nil, fmt.Errorf("set the variable %q: want NAME or NAME=TEMPLATE", s)
		}
		if !ok {
			template = "{addr}"
		}
		value, err := c.expand(template)
		if err != nil {
			return nil, fmt.Errorf("set the variable %s: %w", name, err)
		}
		env = slices.DeleteFunc(env, func(v string) bool { return overrides(v, name) })
		env = append(env, name+"="+value) // exec uses the last value of a name
	}
	return env, nil
}

// addressVariables returns the variables by which clients of the known products
// find their server.
func addressVariables() (names []string) {
	for _, p := range product.Profiles() {
		if p.AddressVariable != "" {
			names = append(names, p.AddressVariable)
		}
	}
	return names
}

// overrides reports whether a variable, as NAME=VALUE, would lead a product's
// client away from its address variable, or make it speak TLS there.
func overrides(v, address string) bool {
	name, _, _ := strings.Cut(v, "=")
	for _, p := range product.Profiles() {
		if p.AddressVariable == address && slices.Contains(p.OtherVariables, name) {
			return true
		}
	}
	return false
}

// expand replaces {addr}, {host}, {port} and {path}. Other braces stand for
// themselves.
func (c *Cmd) expand(template string) (string, error) {
	values := map[string]string{"{addr}": c.Addr}
	addr, err := endpoint.Parse(c.Addr)
	if err != nil {
		return "", err
	}
	if host, port, err := net.SplitHostPort(addr.Address); err == nil && addr.Network == "tcp" {
		values["{host}"], values["{port}"] = host, port
	}
	if addr.Network != "tcp" {
		values["{path}"] = addr.Address
	}
	var pairs []string
	for _, key := range []string{"{addr}", "{host}", "{port}", "{path}"} {
		value, ok := values[key]
		if !ok && strings.Contains(template, key) {
			return "", fmt.Errorf("the address %s has no %s", c.Addr, key)
		}
		pairs = append(pairs, key, value)
	}
	return strings.NewReplacer(pairs...).Replace(template), nil
}
