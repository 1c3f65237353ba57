package main

import (
	"github.com/spf13/pflag"

	"github.com/wiretape/wiretape/internal/usage"
)

// program describes the command line.
func program(fs *pflag.FlagSet) *usage.Program {
	return &usage.Program{
		Name:     "record",
		Summary:  "record what crosses between clients and a daemon",
		Synopsis: []string{"record --upstream ADDR --cassette FILE [flags] [-- COMMAND ARG...]"},
		About: `
Stands between clients and a daemon, passes every byte on unchanged, and writes
what crossed to a cassette: heads, chunks, bodies, trailers, upgrades, closes.
replay serves the cassette without the daemon.

When ready, record prints one line, "listening ADDR", and records until it gets
SIGINT or SIGTERM. With COMMAND it prints nothing, runs COMMAND with DOCKER_HOST
and WIRETAPE_ADDR set to its address, and ends with it.`,
		Flags: fs,
		Topics: []usage.Topic{
			{Title: "Addresses", Text: `
unix:///run/docker.sock or a path; tcp://127.0.0.1:2375 or host:port. A Unix
socket is made with mode 0600. A TCP address that other machines reach needs
--allow-remote.`},
			{Title: "Patterns", Text: `
"METHOD /path", or "/path" for any method. * stands for any characters but a
slash, ? for one, ** for any characters. The query takes no part. An exchange
is stored when it matches --only, or there is none, and no --skip. What is not
stored passes all the same.`},
			{Title: "Secrets", Text: `
Authorization, Cookie and X-Registry-Auth headers and the like, JSON keys such
as password and identitytoken, and signature and token query keys are masked in
the cassette, byte for byte, before anything is written. What passes is never
changed.`},
			{Title: "Once", Text: `
With --once the cassette takes its place when the run has ended well. Where
COMMAND or the recording failed, or record was killed, there is none, and the
next run records again.`},
		},
		Exit: []usage.Status{
			{Code: "0", Meaning: "the recording is complete"},
			{Code: "1", Meaning: "it failed"},
			{Code: "2", Meaning: "the command line is wrong"},
			{Code: "3", Meaning: "--once played, and a request had no match"},
			{Code: "N", Meaning: "COMMAND's own status, where it is not 0"},
			{Code: "125", Meaning: "it failed, with COMMAND"},
			{Code: "126", Meaning: "COMMAND cannot be executed"},
			{Code: "127", Meaning: "COMMAND was not found"},
		},
		Examples: []usage.Example{
			{Says: "record a docker pull", Line: "record --upstream /var/run/docker.sock --cassette pull.yaml -- docker pull busybox"},
			{Says: "the same without a daemon: one that is played takes its place", Line: "record --upstream library:docker/v1.41/pull --cassette pull.yaml -- docker pull localhost:5000/hello:1"},
			{Says: "leave out the pings", Line: "record --upstream /var/run/docker.sock --cassette ps.yaml --skip /_ping -- docker ps"},
			{Says: "record what a registry is asked, on a port of our own", Line: "record --upstream tcp://127.0.0.1:5000 --listen tcp://127.0.0.1:5001 --cassette push.yaml"},
			{Says: "record the first time, replay ever after", Line: "record --once --upstream /var/run/docker.sock --cassette testdata/run.yaml -- go test ./..."},
		},
	}
}
