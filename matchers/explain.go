package matchers

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/wiretape/wiretape/internal/jsondiff"
)

// maxLines is how many lines of differences an explanation has of one part of
// a request: with the others it is to fit a screen.
const maxLines = 20

// section joins a name and what is said of it: one line behind it, more below,
// and no more than a screen has room for.
func section(name string, lines []string) string {
	if len(lines) == 1 {
		return name + ": " + lines[0]
	}
	if more := len(lines) - maxLines; more > 0 {
		lines = append(lines[:maxLines:maxLines], fmt.Sprintf("and %d more differences", more))
	}
	return name + ":\n  " + strings.Join(lines, "\n  ")
}

// diffValues says how the values of keys differ, a line for each key.
func diffValues(live, recorded map[string][]string) []string {
	keys := slices.Sorted(maps.Keys(live))
	for key := range recorded {
		if _, ok := live[key]; !ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	var lines []string
	for _, key := range keys {
		now, isLive := live[key]
		was, isRecorded := recorded[key]
		switch {
		case cmp.Equal(now, was):
		case !isRecorded:
			lines = append(lines, fmt.Sprintf("%s: %s, which was not recorded", key, showValues(now)))
		case !isLive:
			lines = append(lines, fmt.Sprintf("%s: missing, recorded as %s", key, showValues(was)))
		default:
			lines = append(lines, fmt.Sprintf("%s: %s", key, insteadOf(showValues(now), showValues(was))))
		}
	}
	return lines
}

func showValues(values []string) string {
	var quoted []string
	for _, v := range values {
		quoted = append(quoted, jsondiff.Quote(v))
	}
	return strings.Join(quoted, ", ")
}
