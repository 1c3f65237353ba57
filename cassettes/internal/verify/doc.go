// Package verify checks all that an interaction says, down to the bytes that
// crossed the wire. It verifies by encoding again and comparing (package
// consistency), and by doing again what record did: it feeds the bytes to an HTTP
// parser and compares heads, chunks, trailers and the end (message.go), masks
// them and compares the list of masked ranges (redaction.go), and follows the
// order of reads (order.go). Bodies and frames in files are read as streams.
package verify
