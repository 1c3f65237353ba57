// Package decode makes interactions of the text of a cassette. Text in the
// canonical layout and any other YAML come as the same tree, so that a cassette
// means the same however it is laid out. An interaction without the block wire is
// made of go-vcr's keys alone (item_from_vcr.go).
//
// A cassette is not trusted: the first error stays in Reader.Err, a
// *wire.FormatError with file and line, and later reads return zero values.
package decode
