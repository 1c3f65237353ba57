// Package roundtrip holds record and replay to each other: what a client read
// from a server through record, it reads from replay when it does the same
// again. It has tests alone, because replay never imports record.
package roundtrip
