// Command pull pulls an image through the Docker API and prints the engine's
// progress as it comes. It knows nothing of wiretape: DOCKER_HOST names an
// engine, record or replay.
//
//	DOCKER_HOST=unix:///var/run/docker.sock pull busybox:1
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: pull IMAGE:TAG")
		os.Exit(2)
	}
	if err := pull(os.Stdout, os.Getenv("DOCKER_HOST"), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "pull:", err)
		os.Exit(1)
	}
}

// progress is one record of the engine's answer.
type progress struct{ ID, Status, Error string }

// pull asks the engine at host for image and prints its answer.
func pull(w io.Writer, host, image string) error {
	name, tag := image, "latest"
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		name, tag = image[:i], image[i+1:]
	}
	query := url.Values{"fromImage": {name}, "tag": {tag}}
	resp, err := client(host).Post("http://docker/v1.41/images/create?"+query.Encode(), "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, err := io.ReadAll(resp.Body)
		return errors.Join(fmt.Errorf("%s: %s", resp.Status, text), err)
	}
	for records := json.NewDecoder(resp.Body); ; {
		var p progress
		if err := records.Decode(&p); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if p.Error != "" {
			return errors.New(p.Error)
		}
		fmt.Fprintln(w, strings.TrimSpace(p.ID+" "+p.Status))
	}
}

// client returns an HTTP client that dials host, unix:///path or tcp://host:port.
func client(host string) *http.Client {
	network, address, _ := strings.Cut(host, "://")
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}}
}
