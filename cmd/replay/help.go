package main

// about, sections and examples are the text of replay --help.
const (
	about = `
Serves cassettes in place of the daemon: the recorded answers, byte for byte and
chunk for chunk. The first unplayed recording with the method, path and query of
a request answers it; the host counts only where several hosts were recorded. A
repeated GET or HEAD gets the last answer again. A request without a match gets
a 501 that names the nearest recording, the differences, and the flag that would
let it match.

When replay is ready it prints one line, "listening ADDR", and serves until
SIGINT or SIGTERM. With COMMAND it prints nothing: it runs COMMAND with
DOCKER_HOST and WIRETAPE_ADDR set to its address, and ends when COMMAND ends.`

	sections = `
Cassettes:
  A file; a folder, whose *.yaml files are played in the order of their names; or
  library:NAME, a cassette that comes with wiretape, for example
  library:docker/v1.24/pull. Several cassettes are played as one. replay also
  serves the cassettes of go-vcr. For those of other tools see cassette import.

Matching:
  --match-by names the parts of a request that must agree with a recording, and
  --ignore-query, --ignore-path, --ignore-header, --ignore-form and --ignore-json
  name details that need not agree. By default a request with another body is a
  miss; --match-by method,path,query leaves bodies out. body compares bytes. json,
  form, multipart and tar compare the content (of an archive: names and contents,
  but no times). content, the default, picks one of these by the type of the body,
  and lets values differ that clients make up, such as session ids.

  The flags come first, then the cassette's wire.match block, then the preset of
  its product. The --ignore flags add to those of the cassette and the preset.
  Of several equal recordings the one answers that has the request's values of the
  fields in which they differ, such as Range or Host, and that was asked after the
  changes that the client has made; then the first unplayed one. --strict refuses
  what cannot be told so. --repeat says what happens when all are played. SIGHUP
  makes every recording unplayed again.

Live daemon:
  --on-miss proxy=ADDR sends a request without a match to the daemon at ADDR and
  returns its answer as it arrives. The same goes for a connection that is not
  HTTP. The cassette still answers the other requests of the connection. Answers
  from the live daemon fail the run only with --strict. --append adds them to the
  cassette as a new session, with the same secrets masked; the next replay serves
  them.

Reframing:
  --reframe cuts the same body into other chunks, to test whether a client
  depends on them. Each leaves when the client has read the one before, so that
  the client's reads end where the chunks end.

  exact      the recorded chunks
  one        the whole body in one chunk
  bytes=N    chunks of N bytes; random=SEED: of 1 to 512 bytes, by a seed
  record     one JSON record in each chunk, with the separator that follows it;
             records=N: N of them
  line       one line in each chunk; event: one Server-Sent Event
  frame      one frame of a stream in which Docker multiplexes stdout and stderr
  in-record  a cut behind the first byte of each record
  in-frame   a cut in the middle of the header of each of Docker's frames
  in-escape  cuts inside the escapes of JSON strings
  in-rune    cuts inside UTF-8 sequences; in-crlf: between CR and LF

Order:
  A client such as docker run holds several connections open, and events on one
  follow from requests on another: output follows the start, the end of a wait
  follows the kill. replay sends an answer only after the requests that it
  followed in the recording. It finds related exchanges by their paths and by the
  ids in their answers, not by times. If a request does not come within
  --causal-timeout, replay goes on without it and reports that. --order none waits
  for requests on the same connection only.

Issued values:
  A client uses the ids and upload locations that the server issued to it. When
  parallel clients start in another order than recorded, each may get the ids of
  the other. replay decides late which recorded client a live one is: when it
  uses an id that was issued to another, the two swap recordings. If their
  answers had differed until then, or if no recording has the body of the request,
  this is a guess: replay reports it, and --strict forbids it. --no-bind turns all
  of this off.

Streams:
  After an upgrade or hijack, and on a connection that is not HTTP, replay sends a
  turn of the server when the client has sent the turns recorded before it.
  --stream-match says what counts as sent. exact: the same bytes, in any pieces;
  other bytes count as a request without a match. length: the same number of
  bytes. any: any bytes, at least one.

Addresses:
  unix:///tmp/daemon.sock or a path; tcp://127.0.0.1:2375 or host:port;
  npipe:////./pipe/NAME on Windows. replay creates a Unix socket with mode
  0600. A TCP address that other machines can reach needs --allow-remote.

Exit status:
  0    every request had a match
  1    replay failed
  2    the command line is wrong
  3    a request had no match, or --strict and the live daemon answered
  4    --strict, and an interaction was not played
  N    COMMAND's own status, unless it is 0
  125  replay failed, with COMMAND
  126  COMMAND is not executable
  127  COMMAND was not found
`

	examples = `
  # run a command against a recording
  replay pull.yaml -- docker pull busybox

  # serve answers of API 1.24 to your tests
  replay library:docker/v1.24/images --listen /tmp/docker.sock

  # does the client parse a stream whose chunks have seven bytes?
  replay pull.yaml --reframe bytes=7 -- docker pull busybox

  # let a build match, whatever the times of its files
  replay build.yaml --match-by method,path,query,tar -- docker build .

  # record the new requests of a changed test, and replay the others
  replay tests.yaml --on-miss proxy=/var/run/docker.sock --append -- go test ./...

  # fail when the tests do not make every recorded request
  replay testdata/cassettes --strict -- go test ./...
`
)
