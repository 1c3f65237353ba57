// Package issued knows the values that a server issued while it was recorded, for
// example container ids and upload locations, and which client of a replay holds
// them.
//
// # An example
//
// A recording has two clients that run equal commands at the same time:
//
//	#0  A: POST /containers/create   -> 201 {"Id":"aaaaaaaa…"}
//	#1  B: POST /containers/create   -> 201 {"Id":"bbbbbbbb…"}
//	#2  A: POST /containers/aaaaaaaa…/start
//	#3  A: POST /containers/aaaaaaaa…/exec   {"Cmd":["one"]}
//	#4  B: POST /containers/bbbbbbbb…/start
//	#5  B: POST /containers/bbbbbbbb…/exec   {"Cmd":["two"]}
//
// When it is replayed, B may ask first. Its create is equal to A's, so it is
// answered with #0, and B holds aaaaaaaa. Nothing is wrong yet: nobody can tell
// which recorded client it is. Then it sends
//
//	POST /containers/aaaaaaaa…/exec   {"Cmd":["two"]}
//
// No recorded request is equal, but #5 is, once bbbbbbbb in it reads aaaaaaaa.
// So B is the client to which bbbbbbbb was issued, and the two swap: the client
// that holds aaaaaaaa plays #1 and #5 from now on, and the client that holds
// bbbbbbbb plays #0 and #3. If B's start was answered with #2 before, #4 now
// counts as played, and #2 does not. Answers that B gets from now on say aaaaaaaa
// where bbbbbbbb was recorded. Replay decides late, when a request shows which
// client it is, and then for all interactions that carry the two values.
//
// # The rule
//
// A token is a run of ASCII letters, digits, "-" and "_", of at least 8 bytes;
// an escape ("%2F") separates, and up to two "=" after a token are its padding.
// An issued value is a token that a response to an unsafe request shows, in a
// header field or in a body that is one JSON document, before any request does,
// and that a later request carries. The interaction with that response is the
// owner of the value. The slot of the value is the field or the place in the
// document that showed it. If a slot issues a value in one answer, it does so in
// all answers to requests of the same class. 64 hexadecimal digits also stand for
// their first 12.
//
// Requests are of one class if they are equal once each issued value is replaced
// by the class of its owner and by its slot. Two interactions are twins if their
// requests, bodies included, and their answers are equal once that is done.
//
// A client that holds an owner's values plays that owner's interaction, at first.
// When it carries the values of a in a request that was recorded with those of b,
// the clients of a and b swap, if a and b are twins: the one that holds a's values
// plays b from here on, the one that holds b's plays a, and each counts as played
// if the other did. The interactions that carry their values swap with them: the
// k-th of each kind that carries values of a and the k-th of that kind that carries
// values of b, if one of the two was played. Twins are of one kind. Later answers
// show the values that their client holds.
//
// There is no swap if two values that bodies issued differ in length, or if an
// answer to a request that carries one of them is opaque: compressed, or large.
package issued

// Ref is a mention of an issued value: its owner, the interaction that issued
// it, named by its position among all, and its slot.
type Ref struct {
	Owner int32 // position on the tape
	Slot  int32 // number of the value among its owner's, from 0
}

// Book is the values that were issued in a recording, and which requests
// carried them. It is immutable.
type Book struct {
	values   map[string]*value // by token
	texts    map[Ref]*value
	refs     map[int32][]Ref   // by position: what its request carries, in order
	keyed    map[int32]int     // by position: how many of them its key carries
	children map[int32][]int32 // by owner: the interactions whose requests carry its values
	issued   map[int32][]*value
}

// value is an issued value.
type value struct {
	Ref
	class   int32  // of the owner
	text    string // without padding
	padding int    // number of "=" after it
	inBody  bool   // a body issued it
}

// Empty reports whether nothing was issued.
func (b *Book) Empty() bool { return len(b.refs) == 0 }

// Refs returns the values that the request of the interaction at pos carries, in order.
// The caller does not change it.
func (b *Book) Refs(pos int32) []Ref { return b.refs[pos] }

// KeyRefs returns those of Refs that the request's key carries.
func (b *Book) KeyRefs(pos int32) []Ref { return b.refs[pos][:b.keyed[pos]] }

// fit reports whether the values of two owners can stand for each other: in
// bodies only where they are equally long.
func (b *Book) fit(owner, other int32) bool {
	for _, v := range b.issued[owner] {
		if w := b.texts[Ref{other, v.Slot}]; v.inBody && w != nil && len(w.text)+w.padding != len(v.text)+v.padding {
			return false
		}
	}
	return true
}

// Mask appends text, a key of a request, to dst with each issued value in it
// as its class and slot, and the values that it mentions to refs.
func (b *Book) Mask(dst, text []byte, refs []Ref) ([]byte, []Ref) {
	return mask(dst, text, refs, func(token []byte) *value { return b.values[string(token)] })
}
