package command

import (
	"os"

	"golang.org/x/sys/windows"
)

// notExecutable are the system's errors for a file that is no program.
var notExecutable = []error{windows.ERROR_BAD_EXE_FORMAT}

// terminate ends p: Windows has no signal that asks it to.
func terminate(p *os.Process) error { return p.Kill() }

// passOn takes signals and passes none on: the console has sent them to every
// one of its processes.
func (s signals) passOn(*os.Process) {
	for range s {
	}
}
