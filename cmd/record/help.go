package main

// about, sections and examples are the text of record --help.
const (
	about = `
Passes every byte between clients and a daemon unchanged, and writes a copy to a
cassette: heads, chunks, bodies, trailers, upgrades and closes. replay serves the
cassette without the daemon.

When record is ready it prints one line, "listening ADDR", and records until
SIGINT or SIGTERM. With COMMAND it prints nothing: it runs COMMAND with
DOCKER_HOST and WIRETAPE_ADDR set to its address, and ends when COMMAND ends.`

	sections = `
Addresses:
  unix:///run/docker.sock or a path; tcp://127.0.0.1:2375 or host:port;
  https://host:2376 or tls://host:port for a daemon that speaks TLS;
  npipe:////./pipe/NAME on Windows. record creates a Unix socket with mode
  0600. A TCP address that other machines can reach needs --allow-remote.

Patterns:
  "METHOD /path", or "/path" for any method. * matches any characters except a
  slash, ? matches one, ** matches any characters. The query is not compared. An
  exchange is stored if it matches --only (or there is no --only) and no --skip.
  An exchange that is not stored reaches the daemon all the same.

Secrets:
  record masks headers such as Authorization, Cookie and X-Registry-Auth, JSON
  keys such as password and identitytoken, and signatures and tokens in queries.
  It masks them before it writes anything. Clients and the daemon see the bytes
  unchanged. At its end it says which rules masked how much. Tags in the cassette
  tell secrets apart; each digit of a tag gives away 4 bits of its secret.

Once:
  With --once the cassette appears when the run has succeeded. If COMMAND or the
  recording fails, or record is killed, no cassette is left, and the next run
  records again.

Exit status:
  0    the recording is complete
  1    record failed
  2    the command line is wrong
  3    --once played the cassette, and a request had no match
  N    COMMAND's own status, unless it is 0
  125  record failed, with COMMAND
  126  COMMAND is not executable
  127  COMMAND was not found
`

	examples = `
  # record a docker pull
  record --upstream /var/run/docker.sock --cassette pull.yaml -- docker pull busybox

  # try it without a daemon: a cassette of the library takes its place
  record --upstream library:docker/v1.41/pull --cassette pull.yaml -- docker pull localhost:5000/hello:1

  # leave out the pings
  record --upstream /var/run/docker.sock --cassette ps.yaml --skip /_ping -- docker ps

  # record the requests to a registry, on a port of your own
  record --upstream tcp://127.0.0.1:5000 --listen tcp://127.0.0.1:5001 --cassette push.yaml

  # record in the first run, replay in every later one
  record --once --upstream /var/run/docker.sock --cassette testdata/run.yaml -- go test ./...
`
)
