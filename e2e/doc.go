// Package e2e tests the commands record, replay and cassette from outside,
// against real daemons and real clients. It runs the built commands and reads
// the files they leave; it imports nothing of the product, so that a mistake
// cannot hide on both sides of a comparison.
//
//	cd e2e && go test ./...
//
// Package tap is the yardstick: byte proxies on both sides of record and in
// front of replay. Package sandbox gives the daemons that package engine
// starts a network, processes and mounts of their own.
//
// Tests that need root, or a daemon or client that setup lists, skip where these
// are missing; with WIRETAPE_REQUIRE=1 they fail. Clients take turns with the
// flows; with WIRETAPE_FULL=1, as in CI, each plays all of them. WIRETAPE_LONG=1
// runs the long forms (gigabytes, fifty kills, a hundred takes), and
// WIRETAPE_TAKES=N replays N times. WIRETAPE_BIN=DIR tests the commands in DIR in
// place of freshly built ones. WIRETAPE_KEEP=1 keeps the scratch folder.
package e2e
