// Package consistency finds out whether an interaction contradicts itself. Its
// text says some things twice: go-vcr's keys follow from the heads under wire, and
// frames add up to bodies. It encodes the interaction again from its heads and
// bodies, and compares the keys of that text with those that were read.
package consistency
