// Package vcrhead knows the two forms in which a cassette holds a message's
// head: the bytes that crossed the wire, and go-vcr's keys, which are the fields
// of net/http's Request and Response.
//
// A View is go-vcr's keys, derived from bytes (vcr_from_head.go). A Message is
// go-vcr's keys as go-vcr itself wrote them; it makes the bytes that a client or
// server would have sent (head_from_vcr.go). A Section is a head whose lines are
// edited one by one, so that the rest stays byte for byte as it was
// (section.go).
package vcrhead
