// Package normalize makes interactions that were edited by hand agree with
// themselves. FromWire trusts the heads under wire and the bodies, and derives
// the rest. FromVCR first changes the heads to what go-vcr's keys say
// (from_vcr.go). If an edit can mean two things, both fail and say what to do.
package normalize
