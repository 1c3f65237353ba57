package main

import (
	"github.com/spf13/pflag"

	"github.com/wiretape/wiretape/internal/usage"
)

// program describes the command line.
func program(fs *pflag.FlagSet) *usage.Program {
	return &usage.Program{
		Name:     "replay",
		Summary:  "serve recorded cassettes over a socket",
		Synopsis: []string{"replay CASSETTE|DIR|library:NAME... [flags] [-- COMMAND ARG...]"},
		About: `
Serves cassettes in the daemon's place: what it sent is sent again, byte for
byte and chunk for chunk. A request is answered by the first recording of the
same method, path and query that was not played yet; the host takes no part. A
repeat of a played GET or HEAD gets the last answer again. A request that
matches nothing gets a 501 that says what came nearest, what differs, and which
flag would let it match.

When ready, replay prints one line, "listening ADDR", and serves until it gets
SIGINT or SIGTERM. With COMMAND it prints nothing, runs COMMAND with DOCKER_HOST
and WIRETAPE_ADDR set to its address, and ends with it.`,
		Flags: fs,
		Args:  usage.File,
		Topics: []usage.Topic{
			{Title: "Cassettes", Text: `
A file; a folder, whose *.yaml are played in name order; or library:NAME, one
that comes with wiretape, as library:docker/v1.24/pull. Several are played as
one. Cassettes that go-vcr wrote are served too.`},
			{Title: "Matching", Text: `
--match says what a request must agree on, --ignore-query, --ignore-path,
--ignore-header and --ignore-json what of that does not count. body is compared
byte for byte; json, form, multipart and tar by what is in it (of an archive,
names and contents, no times); content by whichever of them it is. What the
flags leave open is said by the cassette's wire.match block, then by the preset
of its product; what they ignore adds up. Of several equal requests the first
not yet played answers, and --repeat says what does when all are. SIGHUP makes
everything unplayed again.`},
			{Title: "Live daemon", Text: `
--on-miss proxy=ADDR puts a request that nothing answers, or a connection that
is no HTTP, to the daemon there, and passes its answer on as it comes. Other
requests on the same connection are answered from the cassette as before. What
was asked of it is counted apart, and fails with --strict alone. With --append
it becomes a new session of the cassette, masked as the rest of it; the next
replay has it.`},
			{Title: "Reframing", Text: `
--reframe tests a client against chunks that do not line up with what they
carry. The body's bytes stay the same. exact: the recorded chunks; one: one
chunk for the whole body; bytes=N: N bytes a chunk; record: one JSON record a
chunk, with what separates it from the next.`},
			{Title: "Order", Text: `
A client that holds several connections open, as docker run does, is told
things in the order in which it was told them while recording, and never before
what they followed from: the end of a wait comes after the kill, output after
the start. Which exchanges speak of the same thing is read off their paths and
the ids in their answers. No time is waited out. What did not come within
--causal-timeout is done without, and replay says how often. --order none waits
for the client of the same connection alone.`},
			{Title: "Issued values", Text: `
Ids and upload locations that a server issued are carried by clients in what they
ask next. Where parallel clients got them in another order than they were
recorded in, two of them exchange their stories once a request tells: if they
were answered alike so far, each is answered from then on as the other had been,
with the ids that it holds. Where they were not, or only with another body,
that is a guess, which is told and, with --strict, not made. --no-bind exchanges
nothing.`},
			{Title: "Streams", Text: `
After an upgrade or hijack, and where a connection is not HTTP, the server's
next turn is sent when its client has said what one had said before it. How
closely, --stream-match says. exact: the same bytes, in any pieces; others are
counted as a request without a match. length: as many bytes. any: something.`},
			{Title: "Addresses", Text: `
unix:///tmp/daemon.sock or a path; tcp://127.0.0.1:2375 or host:port. A Unix
socket is made with mode 0600. A TCP address that other machines reach needs
--allow-remote.`},
		},
		Exit: []usage.Status{
			{Code: "0", Meaning: "every request had a match"},
			{Code: "1", Meaning: "it failed"},
			{Code: "2", Meaning: "the command line is wrong"},
			{Code: "3", Meaning: "a request had no match, or --strict and the live daemon answered"},
			{Code: "4", Meaning: "--strict, and an interaction was not played"},
			{Code: "N", Meaning: "COMMAND's own status, where it is not 0"},
			{Code: "125", Meaning: "it failed, with COMMAND"},
			{Code: "126", Meaning: "COMMAND cannot be executed"},
			{Code: "127", Meaning: "COMMAND was not found"},
		},
		Examples: []usage.Example{
			{Says: "run a command against a recording", Line: "replay pull.yaml -- docker pull busybox"},
			{Says: "serve answers of API 1.24 to your tests", Line: "replay library:docker/v1.24/images --listen /tmp/docker.sock"},
			{Says: "is the client's stream parser right when a chunk holds seven bytes?", Line: "replay pull.yaml --reframe bytes=7 -- docker pull busybox"},
			{Says: "let a build answer whatever time its files have", Line: "replay build.yaml --match method,path,query,tar -- docker build ."},
			{Says: "record what a changed test asks anew, and play the rest", Line: "replay tests.yaml --on-miss proxy=/var/run/docker.sock --append -- go test ./..."},
			{Says: "fail where the tests left a recorded call out", Line: "replay testdata/cassettes --strict -- go test ./..."},
		},
	}
}
