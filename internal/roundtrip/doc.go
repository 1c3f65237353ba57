// Package roundtrip compares record with replay: the bytes that a client read
// from a server through record must come again from replay when the client
// does the same. It has only tests, because replay never imports record.
package roundtrip
