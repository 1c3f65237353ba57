// Package issued knows the values that a server issued while it was recorded,
// ids and upload locations say, and whose they are in a replay.
//
// A client carries what it was issued in later requests. Where several clients
// ask for the same at once, their equal requests come in another order than
// they were recorded, and the recording that a client was given first turns
// out to be another's: it creates two containers alike and then runs in the
// one what was run in the other. Nothing is settled before a request tells.
//
// # The rule
//
// A token is a run of ASCII letters, digits, "-" and "_", of at least 8 bytes;
// an escape ("%2F") separates, and up to two "=" after a token are its padding.
// An issued value is a token that a response to an unsafe request shows, in a
// header field or in a body that is one JSON document, before any request does,
// and that a later request carries. Where it stood is its slot, the name of a
// field or a place in the document. A slot that issues in one answer issues in
// all answers to requests of the same class. 64 hexadecimal digits also stand
// for their first 12.
//
// A class is the requests that are equal once each issued value in them reads
// as the class of its owner, which is the interaction that issued it, and its
// slot. Twins are interactions whose requests, with their bodies, and answers are
// equal so.
//
// A role is an interaction as it is played. Its values are held by a client,
// and at first every role's by the one that plays it. When a client carries
// the values of role a in a request that was recorded with those of b, the two
// exchange their stories, if they are twins: the client that holds a's values
// plays b from here on, the one that holds b's plays a, and what was played of
// each counts as played of the other. So the k-th interaction of each kind that
// carries values of a and the k-th of the same kind with values of b are
// exchanged, too, if one of them was played; they must be twins. Whatever is
// answered from then on has the values that its client holds. Where that cannot
// be, because values in bodies have other lengths, or an answer of either story
// cannot be looked into, there is no exchange.
package issued

// Ref is a mention of an issued value: its owner, the interaction that issued
// it, named by its position among all, and its slot.
type Ref struct{ Owner, Slot int32 }

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

// Refs returns what the request of the interaction at pos carries, in order.
// The caller does not change it.
func (b *Book) Refs(pos int32) []Ref { return b.refs[pos] }

// KeyRefs returns what of that its key carries.
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
// as its class and slot, and what it mentions to refs.
func (b *Book) Mask(dst, text []byte, refs []Ref) ([]byte, []Ref) {
	return mask(dst, text, refs, func(token []byte) *value { return b.values[string(token)] })
}
