// Package wire is the model of a cassette's contents: interactions, their
// messages, frames and turns, and the time at which each crossed the wire. It
// reads and writes no files; package cassettes does, and has these types under
// the same names.
//
// An Interaction is an exchange, which has a Request and mostly a Response, or
// a stream, which has Turns, or an exchange that became a stream. A Message is a
// head and a body, which is cut into Frames where the sender cut it. Segments
// gives its bytes back in the pieces in which they were read:
//
//	for s, err := range it.Response.Segments() {
//		// s.Before, the body from s.Off to s.Off+s.Len, s.After
//	}
//
// Every read of a recording has a number, its seq, counted over all connections:
// the order in which things happened is that of their seqs, never that of times.
package wire
