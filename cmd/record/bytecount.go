package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// byteCount is a flag that holds a number of bytes, at least 1.
type byteCount int

// String returns the number in the largest unit that divides it.
func (n byteCount) String() string {
	for _, u := range units {
		if n != 0 && n%u.size == 0 {
			return strconv.Itoa(int(n/u.size)) + u.name
		}
	}
	return strconv.Itoa(int(n))
}

// Type returns pflag's name for the values.
func (byteCount) Type() string { return "size" }

// units are the suffixes, the largest first.
var units = []struct {
	name string
	size byteCount
}{{"G", 1 << 30}, {"M", 1 << 20}, {"k", 1 << 10}}

// Set parses a number, with a unit or without.
func (n *byteCount) Set(s string) error {
	unit := byteCount(1)
	digits := s
	for _, u := range units {
		if rest, ok := strings.CutSuffix(s, u.name); ok {
			digits, unit = rest, u.size
		}
	}
	v, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || v == 0 || v > uint64(math.MaxInt/unit) {
		return fmt.Errorf("%q: want a number of bytes from 1 on, for example 65536, 64k or 1M", s)
	}
	*n = byteCount(v) * unit
	return nil
}
