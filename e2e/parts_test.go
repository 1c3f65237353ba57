package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/wiretape/wiretape/e2e/sandbox"
)

const (
	listVar = "WIRETAPE_LIST" // the program is to list its tests, and needs no sandbox
	partVar = "WIRETAPE_PART" // "2/4": of a test in four parts this is the third
)

// split returns the number of parts of a test: the longest ones have several.
func split(test string) int {
	switch {
	case test == "TestCausality" && full():
		return 4
	case test == "TestDocker" && full():
		return 6
	case test == "TestCausality" || test == "TestDocker":
		return 2
	default:
		return 1
	}
}

// longest are the tests that take longest. They begin, so that none is left to run
// alone in the end.
var longest = []string{"TestCausality", "TestDocker", "TestSeen", "TestUploads", "TestTestsOfOneCassettePlayInAnyOrder", "TestEndsLeaveNoDescriptorsAndSockets"}

// alone are the tests that measure.
var alone = []string{"TestMemory", "TestStreamMemory"}

// parts returns the parts in which all tests run side by side, each with
// engines of its own, or none where the caller chose some tests.
func parts() (all []sandbox.Part, err error) {
	chosen := func(arg string) bool {
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		return name == "test.run" || name == "test.list" || name == "test.bench"
	}
	if slices.ContainsFunc(os.Args[1:], chosen) {
		return nil, nil
	}
	tests, err := listTests()
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(tests, func(a, b string) int { return turn(a) - turn(b) })
	for _, name := range tests {
		n := split(name)
		for i := range n {
			all = append(all, sandbox.Part{
				Args:  append(slices.Clone(os.Args[1:]), "-test.run=^"+name+"$"),
				Env:   []string{fmt.Sprintf("%s=%d/%d", partVar, i, n)},
				Alone: slices.Contains(alone, name),
			})
		}
	}
	return all, nil
}

// turn returns the place of a test among the longest ones, or the one after them.
func turn(test string) int {
	if i := slices.Index(longest, test); i >= 0 {
		return i
	}
	return len(longest)
}

// listTests returns the names of the package's tests, in order.
func listTests() ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "-test.list=^Test")
	cmd.Env = append(os.Environ(), listVar+"=1")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list the tests: %w", err)
	}
	return slices.DeleteFunc(strings.Fields(string(out)), func(s string) bool { return !strings.HasPrefix(s, "Test") }), nil
}

// mine returns those of a test's variants that belong to this part of it: all,
// where it has one part.
func mine[V any](variants []V) (mine []V) {
	var part, of int
	if _, err := fmt.Sscanf(os.Getenv(partVar), "%d/%d", &part, &of); err != nil || of < 1 {
		return variants
	}
	for i := part; i < len(variants); i += of {
		mine = append(mine, variants[i])
	}
	return mine
}
