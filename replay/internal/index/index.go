// Package index finds the recorded interaction that answers a request, and claims
// it: no two requests get the same one, unless it is repeated.
//
//	x, err := index.New(cassettes, rule, index.Options{Bind: true})
//	k := x.Keyer()
//	group, refs := x.Find(&k, method, target, host)
//	claim, ok := x.Claim(group, index.Query{Digest: digest, Refs: refs}, index.Never)
//	it, err := x.Item(claim.Pos)
//
// It knows nothing of connections and sockets: a claim is a value.
//
// # Parts
//
// Groups (groups.go, group.go) hold the interactions whose keys are equal; nearly
// all groups have one. Equals (equals.go) tells those of a group apart by their
// bodies, read no sooner than it takes to answer; singles (singles.go) does so for
// groups of one. Bindings (bindings.go) are for
// recordings in which a server issued values, ids say: package issued has the
// rule. Streams (streams.go) are connections that are not HTTP. Leftovers
// (leftovers.go) followed an exchange on its connection and are played with it.
// Connections (connections.go) knows where each recorded one ended.
//
// # Where to add
//
// A tie among interactions with equal requests is broken in equals.claimTold: by
// the fields in which they differ (ties.go), then by the state in which they were
// asked (state.go has views of states, changes.go the recorded changes, live.go those
// of the clients). A group is looked through for both when it is first asked for.
// Values that clients make up are bound beside those that servers issue: Find
// would put recorded ones in place before the key is made, and NewDigest has the
// filter for bodies.
//
// # Locks
//
// Bindings.deliver comes first, then bindings.mu, equals.mu of one group, live.mu,
// changes.mu, and the Tape's; the section Locks of docs/architecture.md has them
// all. Bindings.mu is held while interactions are claimed and swapped, and while
// bodies are read for that; it is not held when Options.Marked is called.
package index

import (
	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/issued"
	"github.com/wiretape/wiretape/replay/internal/rule"
	"github.com/wiretape/wiretape/replay/internal/secrets"
	"github.com/wiretape/wiretape/replay/internal/tape"
)

// Index finds the interactions that answer requests. It is made of the cassettes'
// entries, without reading an interaction, and a look costs the same however many
// there are. It is safe for concurrent use.
type Index struct {
	*tape.Tape
	Rule    *rule.Rule // the parts that requests must agree on
	Streams *Streams   // the connections that are no HTTP

	groups      groups
	singles     singles
	inventions  *inventions
	bindings    *bindings // nil: nothing was issued
	leftovers   leftovers
	connections connections
	live        live
	secrets     *secrets.Tags
	strict      bool
	marked      func(pos int32, played bool)
}

// Options are how an Index claims.
type Options struct {
	// Bind lets clients swap the values that they were issued; Guess does so
	// where it cannot be told to be right, too.
	Bind, Guess bool
	// Strict refuses what cannot be told to be right: an answer that was recorded
	// in another state, or from another host.
	Strict bool
	// Swapped, if set, is told of each swap, the interaction for which it was
	// made, and whether it was a guess.
	Swapped func(pos int32, guess bool)
	// Marked, if set, is told of an interaction that counts as played now, or no
	// more, without having been claimed: after a swap, or after Unclaim. It is
	// called in order, with no lock held by the caller of a claim.
	Marked func(pos int32, played bool)
}

// New returns the index of cassettes that are played as one, whose interactions are
// found as r says. The caller closes the cassettes after its last use.
func New(cs []*cassettes.Cassette, r *rule.Rule, o Options) (*Index, error) {
	t := tape.New(cs)
	x := &Index{Tape: t, Rule: r, groups: newGroups(t.Len()), singles: newSingles(t.Len()), marked: o.Marked, strict: o.Strict}
	x.live.recorded.tape = t
	var err error
	if x.secrets, err = secrets.New(t, cs); err != nil {
		return nil, err
	}
	x.inventions = newInventions(x, o)
	x.bindings = newBindings(x, o)
	x.Streams = &Streams{tape: t}
	x.build()
	x.connections.tape = t
	x.leftovers = leftovers{tape: t, after: map[int32]*leftover{}}
	if err := x.Streams.read(&x.leftovers); err != nil {
		return nil, err
	}
	x.Streams.alone = x.groups.len() == 0 && len(x.Streams.list) > 0
	return x, nil
}

// build makes the groups.
func (x *Index) build() {
	k := x.Keyer()
	for pos := range int32(x.Len()) {
		e := x.Entry(pos)
		if e.Method == "" {
			x.Streams.positions = append(x.Streams.positions, pos)
			continue
		}
		if !http1.IsSafe(e.Method) {
			x.live.unsafe = append(x.live.unsafe, pos)
		}
		key := recordedKey(&k, e)
		if k.Serves() {
			x.groups.file(x.maskKey(key), pos, x.Rule)
		}
	}
	if x.bindings != nil {
		x.groups.carry(x.bindings.Book, x.Rule)
	}
	x.live.on = len(x.live.unsafe) > 0 && x.groups.any(func(g *Group) bool { return g.more != nil && len(g.more.all) > 1 && mayHaveStates(x, g.more.all) })
}

// Keyer returns a maker of keys for Find: one for each goroutine.
func (x *Index) Keyer() rule.Keyer { return rule.Keyer{Rule: x.Rule} }

// Find returns the interactions among which a request with that method and target
// chooses, or nil, and the issued values that the target mentions. Host is the one
// that the request went to.
func (x *Index) Find(k *rule.Keyer, method, target, host []byte) (*Group, []issued.Ref) {
	key := rule.Key(k, method, target, host)
	var refs []issued.Ref
	if x.bindings != nil {
		key, refs = x.bindings.Book.Mask(nil, key, nil)
	}
	return x.groups.find(key), refs
}

// groupOf returns the group of a recorded request, or nil.
func (x *Index) groupOf(pos int32) *Group {
	k := x.Keyer()
	return x.groups.find(x.maskKey(recordedKey(&k, x.Entry(pos))))
}

// maskKey masks the issued values in a key.
func (x *Index) maskKey(key []byte) []byte {
	if x.bindings != nil {
		key, _ = x.bindings.Book.Mask(nil, key, nil)
	}
	return key
}

// NewDigest returns the digest of a request for target with that head.
func (x *Index) NewDigest(target, head []byte) *rule.Digest {
	d := x.Rule.NewDigest(target, head)
	if x.bindings != nil && !http1.IsSafe(rule.RequestMethod(head)) {
		d.Filter = x.bindings.Book.Masker()
	}
	return d
}

// Refs returns the issued values that a body mentioned that has passed a digest.
func Refs(d *rule.Digest) []issued.Ref {
	if m, ok := d.Filter.(*issued.Masker); ok {
		return m.Refs()
	}
	return nil
}

// Leftover reports whether an exchange has leftovers, and whether the server left
// some of them unanswered.
func (x *Index) Leftover(pos int32) (any, silent bool) {
	l := x.leftovers.after[pos]
	return l != nil, l != nil && len(l.silent) > 0
}

// PlayLeftover marks the leftovers of an exchange as played, and returns how many
// they are.
func (x *Index) PlayLeftover(pos int32) int64 { return x.leftovers.play(pos) }

// WasReused reports whether any connection of the recording of an interaction
// carried more than one: the server takes further requests.
func (x *Index) WasReused(pos int32) bool { return x.connections.wasReused(pos) }

// WentOn reports whether something was recorded after an interaction on its
// connection.
func (x *Index) WentOn(pos int32) bool { return x.connections.wentOn(pos) }

// Reset marks all unplayed and takes all swaps back.
func (x *Index) Reset() {
	x.Tape.Reset()
	x.live.reset()
	x.groups.reset()
	x.bindings.reset()
	x.inventions.reset()
}
