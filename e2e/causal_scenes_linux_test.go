package e2e

import "strings"

// scene is a set of clients that run at the same time.
type scene struct {
	name string
	// before prepares the engine, unrecorded.
	before func(docker func(args ...string), prefix string)
	play   func(s *set)
	// parts are sets of clients, by number, that are also replayed alone.
	parts [][]int
	// rare tells that one command line client is enough.
	rare bool
	// direct tells that the client, which uses Unix sockets only, must see the
	// order in which connections are written. A program in between would lose
	// it.
	direct bool
}

// sh returns the arguments to run a script.
func sh(script string) []string { return []string{shellImage, "sh", "-c", script} }

func with(args []string, more ...string) []string { return append(args, more...) }

// running is a container that waits.
func running(docker func(args ...string), prefix string) {
	docker("run", "--detach", "--name", prefix, shellImage, "sleep", "1000")
}

// detached prepares a container that runs script.
func detached(script string) func(func(args ...string), string) {
	return func(docker func(args ...string), prefix string) {
		docker(with([]string{"run", "--detach", "--name", prefix}, sh(script)...)...)
	}
}

var scenes = []scene{
	{name: "run", play: func(s *set) { s.docker("run", "--rm", shellImage, "echo", "hi").wait() }},
	{name: "run-exit3", play: func(s *set) {
		s.docker(with([]string{"run", "--rm"}, sh("echo out; echo err >&2; exit 3")...)...).wait()
	}},
	{name: "run-stdin", play: func(s *set) {
		s.dockerReading([]byte("one\ntwo\n"), "run", "--rm", "-i", shellImage, "cat").wait()
	}},
	{name: "run-stdin-large", play: func(s *set) {
		s.dockerReading([]byte(strings.Repeat("0123456789abcde\n", 1<<14)), "run", "--rm", "-i", shellImage, "cat").wait()
	}},
	{name: "run-it", play: func(s *set) {
		a := s.dockerOnTerminal("run", "--rm", "-it", shellImage, "sh")
		talk(a, s)
	}},
	{name: "exec-it", before: running, play: func(s *set) {
		a := s.dockerOnTerminal("exec", "-it", s.prefix, "sh")
		talk(a, s)
	}},
	{name: "exec", before: running, play: func(s *set) {
		s.docker("exec", s.prefix, "sh", "-c", "echo out; echo err >&2; exit 4").wait()
	}},
	{name: "exec-stdin", before: running, play: func(s *set) {
		s.dockerReading([]byte("one\ntwo\n"), "exec", "-i", s.prefix, "cat").wait()
	}},
	{name: "attach", before: detached("sleep 3; echo late; exit 5"), play: func(s *set) {
		s.docker("attach", "--no-stdin", s.prefix).wait()
	}},
	{name: "start-attached", before: func(docker func(args ...string), prefix string) {
		docker(with([]string{"create", "--name", prefix}, sh("echo out; echo err >&2; exit 6")...)...)
	}, play: func(s *set) { s.docker("start", "-a", s.prefix).wait() }},
	{name: "logs-follow", before: detached("for i in 1 2 3 4 5 6; do echo $i; sleep 0.4; done"), play: func(s *set) {
		s.docker("logs", "-f", s.prefix).wait()
	}},
	{name: "events", play: func(s *set) {
		events := s.docker("events", "--format", "{{.Action}} {{.Actor.Attributes.name}}")
		s.later()
		events.holds("")
		s.docker("run", "--name", s.prefix, "--rm", shellImage, "echo", "hi").wait()
		s.later()
		if seen := events.stdout.String(); strings.Contains(seen, s.prefix+"-2") {
			s.t.Errorf("%s tells of what has not begun: %q", events.name, seen)
		}
		s.docker("run", "--name", s.prefix+"-2", shellImage, "sh", "-c", "exit 2").wait()
		s.docker("rm", s.prefix+"-2").wait()
		events.until("destroy " + s.prefix + "-2\n")
		events.interrupt()
	}, parts: [][]int{{1, 2, 3}}},
	{name: "wait-kill", before: running, play: func(s *set) {
		wait := s.docker("wait", s.prefix)
		s.later()
		wait.holds("")
		s.docker("kill", s.prefix).wait()
		wait.wait()
	}},
	{name: "logs-wait-stop", before: detached("echo begun; sleep 1000"), play: func(s *set) {
		logs := s.docker("logs", "-f", s.prefix)
		s.later()
		wait := s.docker("wait", s.prefix)
		s.later()
		logs.holds("begun\n")
		wait.holds("")
		s.docker("stop", "-t", "0", s.prefix).wait()
		logs.wait()
		wait.wait()
	}, parts: [][]int{{1, 2}}},
	{name: "cp", before: running, play: func(s *set) {
		s.docker("cp", s.prefix+":/bin/sh", "-").wait()
		s.docker("cp", "/etc/hostname", s.prefix+":/name").wait()
	}},
	{name: "runs-equal", play: func(s *set) {
		a := s.docker("run", "--rm", shellImage, "echo", "hi")
		b := s.docker("run", "--rm", shellImage, "echo", "hi")
		a.wait()
		b.wait()
	}},
	{name: "runs-different", play: func(s *set) {
		a := s.docker("run", "--rm", shellImage, "echo", "one")
		b := s.docker("run", "--rm", shellImage, "sh", "-c", "echo two; exit 2")
		a.wait()
		b.wait()
	}},
	{name: "execs-equal", before: running, play: func(s *set) {
		a := s.docker("exec", s.prefix, "echo", "hi")
		b := s.docker("exec", s.prefix, "echo", "hi")
		a.wait()
		b.wait()
	}},
	{name: "execs-different", before: running, play: func(s *set) {
		a := s.docker("exec", s.prefix, "echo", "one")
		b := s.docker("exec", s.prefix, "sh", "-c", "echo two; exit 2")
		a.wait()
		b.wait()
	}, parts: [][]int{{0}, {1}}},
	{name: "three-runs", rare: true, play: func(s *set) {
		for _, word := range []string{"one", "two", "three"} {
			s.docker("run", "--rm", shellImage, "echo", word).wait()
		}
	}, parts: eachOf(3)},
	{name: "three-runs-at-once", rare: true, play: func(s *set) {
		var runs []*actor
		for _, word := range []string{"one", "two", "three"} {
			runs = append(runs, s.docker("run", "--rm", shellImage, "echo", word))
		}
		for _, a := range runs {
			a.wait()
		}
	}, parts: eachOf(3)},
	{name: "two-waits", rare: true, before: running, play: func(s *set) {
		a := s.docker("wait", s.prefix)
		b := s.docker("wait", s.prefix)
		s.later()
		a.holds("")
		b.holds("")
		s.docker("kill", s.prefix).wait()
		a.wait()
		b.wait()
	}, parts: [][]int{{0, 2}, {1, 2}}},
	{name: "events-twice", rare: true, play: func(s *set) {
		var listeners []*actor
		for range 2 {
			listeners = append(listeners, s.docker("events", "--format", "{{.Action}} {{.Actor.Attributes.name}}"))
		}
		s.later()
		s.docker("run", "--name", s.prefix, "--rm", shellImage, "echo", "hi").wait()
		s.docker("run", "--name", s.prefix+"-2", "--rm", shellImage, "echo", "ho").wait()
		for _, a := range listeners {
			a.until("destroy " + s.prefix + "-2\n")
			a.interrupt()
		}
	}},
	{name: "loop", rare: true, direct: true, before: counting, play: func(s *set) { s.observe().wait() }},
}

// counting prepares a container that prints and exits.
var counting = detached("for i in 1 2 3 4; do echo $i; sleep 0.4; done; exit 7")

// eachOf returns each of n clients on its own.
func eachOf(n int) (parts [][]int) {
	for i := range n {
		parts = append(parts, []int{i})
	}
	return parts
}

// talk types to a shell, on a terminal that changes its size.
func talk(a *actor, s *set) {
	a.until("# ")
	s.later()
	a.types("echo one\r")
	a.until("one\r\n")
	if err := a.term.resize(30, 100); err != nil {
		s.t.Error(err)
	}
	a.types("echo two; exit 3\r")
	a.wait()
}
