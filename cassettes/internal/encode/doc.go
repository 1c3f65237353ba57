// Package encode writes interactions as the text of a cassette, in the canonical
// layout of docs/format.md. An Encoder remembers the text that follows from a
// head, because servers and clients repeat theirs: to make go-vcr's keys of a
// head is most of the work of a small exchange.
package encode
