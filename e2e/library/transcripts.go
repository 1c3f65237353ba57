package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// transcript is an exchange that somebody wrote down.
type transcript struct {
	name, api string
	addr      string // the engine's, as the request names it
	request   string
	response  []string // head and chunks
}

// transcripts are exchanges with engines that nobody runs any more. The
// engine of API 1.39 ends its records with CRLF; that of 1.6 with nothing, and
// it says 200 whatever comes of it.
var transcripts = []transcript{
	{
		name: "docker/v1.39/pull", api: "docker/1.39", addr: "localhost:2375",
		request: "POST /images/create?fromImage=jenkins/jenkins:latest HTTP/1.1\r\n" +
			"Host: localhost:2375\r\nUser-Agent: foo/1.0\r\nAccept: */*\r\n\r\n",
		response: chunked("HTTP/1.1 200 OK\r\nApi-Version: 1.39\r\nContent-Type: application/json\r\n"+
			"Docker-Experimental: true\r\nOstype: linux\r\nServer: Docker/18.09.1 (linux)\r\n"+
			"Date: Wed, 06 Feb 2019 16:53:19 GMT\r\nTransfer-Encoding: chunked\r\n\r\n",
			"\r\n",
			`{"status":"Pulling from jenkins/jenkins","id":"latest"}`,
			`{"status":"Digest: sha256:abd3e3f96fbc3445c420fda590f37e2bd3377f69affd47b63b3d826d084c5ddc"}`,
			`{"status":"Status: Image is up to date for jenkins/jenkins:latest"}`),
	},
	{
		name: "docker/v1.6/pull", api: "docker/1.6", addr: "localhost:4243",
		request: "POST /v1.6/images/create?fromImage=whatevertheflush HTTP/1.1\r\nHost: localhost:4243\r\n\r\n",
		response: chunked("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
			"",
			`{"status":"Pulling repository whatevertheflush"}`,
			`{"error":"Server error: 404 trying to fetch remote history for whatevertheflush",`+
				`"errorDetail":{"code":404,"message":"Server error: 404 trying to fetch remote history for whatevertheflush"}}`),
	},
}

// chunked returns a head, a chunk for each record and its end, and the last
// chunk.
func chunked(head, end string, records ...string) []string {
	pieces := []string{head}
	for _, r := range records {
		pieces = append(pieces, fmt.Sprintf("%x\r\n%s%s\r\n", len(r)+len(end), r, end))
	}
	return append(pieces, "0\r\n\r\n")
}

// transcribe plays the transcripts through record. No clock of ours has a
// place in them.
func (l *library) transcribe() error {
	var all error
	for _, t := range transcripts {
		if err := l.play(t); err != nil {
			all = errors.Join(all, fmt.Errorf("transcript %s: %w", t.name, err))
		}
	}
	return all
}

func (l *library) play(t transcript) error {
	engine, err := net.Listen("tcp", t.addr)
	if err != nil {
		return err
	}
	defer engine.Close()
	r, err := l.start(t.name, "tcp://"+t.addr, t.api, "--times", "none")
	if err != nil {
		return err
	}
	client, err := net.Dial("unix", r.socket)
	if err != nil {
		return err
	}
	defer client.Close()
	server, err := engine.Accept()
	if err != nil {
		return err
	}
	defer server.Close()
	if err := pass(t.request, client, server); err != nil {
		return err
	}
	for _, piece := range t.response {
		if err := pass(piece, server, client); err != nil {
			return err
		}
	}
	if err := r.finish(); err != nil {
		return err
	}
	return l.label(r.cassette)
}

// pass sends text from the one to the other.
func pass(text string, from, to net.Conn) error {
	to.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(from, text); err != nil {
		return err
	}
	_, err := io.ReadFull(to, make([]byte, len(text)))
	return err
}

// label says of a cassette that it was transcribed.
func (l *library) label(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	const was, is = "\n  source: recorded\n", "\n  source: transcribed\n"
	if strings.Count(string(data), was) != 1 {
		return fmt.Errorf("%s does not say once that it was recorded", path)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(data), was, is, 1)), 0o644); err != nil {
		return err
	}
	return l.verify(path)
}
