// Package sandbox runs a test program in namespaces of its own, so that the
// engines and registries that it starts can neither meet the machine's own
// nor outlive it.
package sandbox

import "os"

const (
	insideVar = "WIRETAPE_SANDBOX"
	keepVar   = "WIRETAPE_KEEP"
)

// Hostname is the name of the host inside.
const Hostname = "engine"

// Dir returns the sandbox's scratch folder, with a path short enough for
// sockets. It is removed, mounts and all, when the program has ended, unless
// WIRETAPE_KEEP is set. Outside a sandbox it returns "".
func Dir() string { return os.Getenv(insideVar) }

// Part is a part of a program's work that has a sandbox of its own.
type Part struct {
	Args  []string // of the inner program
	Env   []string // beside the outer program's environment, NAME=VALUE
	Alone bool     // it measures: no other part runs beside it
}
