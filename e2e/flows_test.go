package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// flow is a task that a client gives to an engine. In args and before,
// {image:X} is an image in the registry, {file:X} a file of the lab, {out} a
// path that the flow may write to, {sock} the path of the socket, and {since}
// and {until} are the times before and after its preparations.
type flow struct {
	name string
	// before are docker commands to run on the engine first, unrecorded.
	before [][]string
	args   []string
	stdin  string // file of the lab
	status int
	// json tells that stdout is JSON lines, which are compared as JSON and in
	// any order, because the client prints maps. unstable are keys that it
	// computes from its own clock.
	json     bool
	unstable []string
	// writes tells that the flow writes to {out}.
	writes bool
	// silent tells that stdout is empty.
	silent bool
}

// docker returns a flow of the docker command.
func docker(name string, args ...string) flow {
	return flow{name: name, args: append([]string{"docker"}, args...)}
}

func (f flow) after(before ...string) flow {
	f.before = append(slices.Clone(f.before), before)
	return f
}

func (f flow) exits(status int) flow {
	f.status = status
	return f
}

func (f flow) asJSON(unstable ...string) flow {
	f.json, f.unstable = true, unstable
	f.args = append(slices.Clone(f.args), "--format", "{{json .}}")
	return f
}

func (f flow) reading(file string) flow {
	f.stdin = file
	return f
}

func (f flow) writing() flow {
	f.writes = true
	return f.silently()
}

func (f flow) silently() flow {
	f.silent = true
	return f
}

// dockerFlows are played by docker: see plays. None needs another to be played before.
var dockerFlows = []flow{
	docker("version", "version"),
	docker("info", "info").asJSON(),
	docker("images", "images").asJSON("CreatedSince"),
	docker("images-quiet", "images", "--quiet", "--no-trunc"),
	docker("ps", "ps", "--all").asJSON("RunningFor", "Status"),
	docker("inspect", "inspect", "base:1"),
	docker("inspect-missing", "inspect", "nothing").exits(1),
	docker("pull-fresh", "pull", "{image:app:1}").after("rmi", "--force", "{image:app:1}"),
	docker("pull-up-to-date", "pull", "{image:app:1}"),
	docker("pull-missing", "pull", "{image:nothing:1}").exits(1),
	docker("push", "push", "{image:pushed:1}").after("tag", "base:1", "{image:pushed:1}"),
	docker("rmi", "rmi", "short-lived:1").after("tag", "base:1", "short-lived:1"),
	docker("rmi-missing", "rmi", "nothing").exits(1),
	docker("save", "save", "base:1"),
	docker("save-to-file", "save", "--output", "{out}", "base:1").writing(),
	docker("load", "load", "--input", "{file:saved.tar}"),
	docker("load-stdin", "load").reading("saved.tar"),
	docker("import", "import", "{file:one.tar}", "imported:1"),
	docker("import-stdin", "import", "-", "imported:2").reading("one.tar"),
	docker("build", "build", "--no-cache", "--tag", "built:1", "{file:ctx}"),
	docker("build-cached", "build", "--tag", "built:1", "{file:ctx}"),
	docker("build-stdin", "build", "-").reading("plain.Dockerfile"),
	docker("build-failing", "build", "{file:wrong}").exits(2),
	docker("logs", "logs", "talk"),
	docker("logs-long", "logs", "chatter"),
	docker("logs-timestamps", "logs", "--timestamps", "talk"),
	docker("events", "events", "--since", "{since}", "--until", "{until}", "--filter", "type=image").
		after("tag", "base:1", "short-lived:2").after("rmi", "short-lived:2"),
	docker("events-json", "events", "--since", "{since}", "--until", "{until}", "--filter", "container=brief", "--format", "{{json .}}").
		after("create", "--name", "brief", "base:1", "/probe").after("rm", "brief"),
	docker("stats", "stats", "--no-stream"),
	docker("stats-named", "stats", "--no-stream", "busy"),
	docker("cp-up", "cp", "{file:upload}", "files:/upload").silently(),
	docker("cp-down", "cp", "files:/upload", "{out}").writing().after("cp", "{file:upload}", "files:/upload"),
	docker("cp-down-tar", "cp", "files:/upload", "-").after("cp", "{file:upload}", "files:/upload"),
	docker("cp-missing", "cp", "files:/nothing", "-").exits(1),
}

// tcpFlows are played through TCP: one flow for each kind of traffic.
var tcpFlows = []flow{
	docker("version", "version"),
	docker("pull-fresh", "pull", "{image:app:1}").after("rmi", "--force", "{image:app:1}"),
	docker("save", "save", "base:1"),
	docker("load-stdin", "load").reading("saved.tar"),
	docker("build", "build", "--no-cache", "--tag", "built:1", "{file:ctx}"),
	docker("logs", "logs", "talk"),
	docker("inspect-missing", "inspect", "nothing").exits(1),
}

// socketFlows are other programs that use the socket.
var socketFlows = []flow{
	{name: "curl-version", args: []string{"curl", "-sS", "-i", "--unix-socket", "{sock}", "http://docker/v1.41/version"}},
	{name: "curl-images", args: []string{"curl", "-sS", "-i", "--raw", "--unix-socket", "{sock}", "http://docker/images/json"}},
	{name: "curl-pull", args: []string{"curl", "-sS", "-i", "--raw", "--unix-socket", "{sock}", "-X", "POST", "http://docker/v1.12/images/create?fromImage={image:app}&tag=1"}},
	{name: "curl-two", args: []string{"curl", "-sS", "--unix-socket", "{sock}", "http://docker/_ping", "http://docker/info"}},
	{name: "curl-head", args: []string{"curl", "-sS", "-I", "--unix-socket", "{sock}", "http://docker/_ping"}},
	{name: "curl-unknown", args: []string{"curl", "-sS", "-i", "--unix-socket", "{sock}", "http://docker/v1.41/nothing"}},
	{name: "curl-expect", args: []string{"curl", "-sS", "-i", "--unix-socket", "{sock}", "-T", "{file:app/noise}", "-H", "Expect: 100-continue", "-X", "POST", "http://docker/v1.41/build"}},
	{name: "curl-early-answer", args: []string{"curl", "-sS", "-i", "--unix-socket", "{sock}", "-T", "{file:app/noise}", "-H", "Expect:", "-X", "PUT", "http://docker/v1.41/containers/nothing/archive?path=/"}},
	{name: "nc-http10", args: []string{"sh", "-c", `printf 'GET /images/json HTTP/1.0\r\n\r\n' | nc -U "$1"`, "sh", "{sock}"}},
	{name: "nc-no-host", args: []string{"sh", "-c", `printf 'GET /images/json HTTP/1.1\r\n\r\n' | nc -U "$1"`, "sh", "{sock}"}},
}

// places are the values of the braces in a flow.
type places struct {
	lab          *lab
	out, sock    string
	since, until time.Time
}

func (p places) fill(args []string) []string {
	filled := make([]string, len(args))
	for i, a := range args {
		filled[i] = p.fillOne(a)
	}
	return filled
}

func (p places) fillOne(arg string) string {
	for _, r := range []struct {
		key   string
		value func(string) string
	}{
		{"{image:", p.lab.image},
		{"{file:", p.lab.file},
		{"{out", func(string) string { return p.out }},
		{"{sock", func(string) string { return p.sock }},
		{"{since", func(string) string { return strconv.FormatInt(p.since.Unix(), 10) }},
		{"{until", func(string) string { return strconv.FormatInt(p.until.Unix(), 10) }},
	} {
		before, rest, found := strings.Cut(arg, r.key)
		if !found {
			continue
		}
		inner, after, _ := strings.Cut(rest, "}")
		arg = before + r.value(inner) + after
	}
	return arg
}

// stable returns the part of stdout that must be the same each time.
func (f flow) stable(t *testing.T, stdout []byte) string {
	t.Helper()
	if !f.json {
		return string(stdout)
	}
	var lines []string
	for line := range bytes.Lines(stdout) {
		var fields map[string]any
		if err := json.Unmarshal(line, &fields); err != nil {
			t.Fatalf("%q is not JSON: %v", line, err)
		}
		for _, key := range f.unstable {
			if _, ok := fields[key]; !ok {
				t.Fatalf("%q has no %q", line, key)
			}
			delete(fields, key)
		}
		lines = append(lines, fmt.Sprintln(fields))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}
