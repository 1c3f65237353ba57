package index

import (
	"iter"
	"slices"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/issued"
	"github.com/wiretape/wiretape/replay/internal/rule"
)

// Group is the interactions among which requests with one key choose. Nearly all
// groups have one.
type Group struct {
	first int32 // position
	more  *equals
}

// newGroup returns the group of one interaction.
func newGroup(pos int32, r *rule.Rule) Group {
	g := Group{first: pos}
	if r.HasDetail() && !r.BodyAlone() {
		g.more = newEquals(pos, r)
	}
	return g
}

// First returns the position of the first interaction, played or not.
func (g *Group) First() int32 { return g.first }

// Single reports whether there is one interaction, which its key alone, or with it the
// body, tells from others.
func (g *Group) Single() bool { return g.more == nil }

// add adds an interaction, of a higher position than those before.
func (g *Group) add(pos int32, r *rule.Rule) {
	if g.more == nil {
		g.more = newEquals(g.first, r)
	}
	g.more.all = append(g.more.all, pos)
}

// unplayedOrLast returns the first unplayed interaction, or the last one.
func (g *Group) unplayedOrLast(x *Index) int32 {
	if g.more == nil {
		return g.first
	}
	g.more.mu.Lock()
	defer g.more.mu.Unlock()
	if g.more.skipPlayed(x); g.more.next < len(g.more.all) {
		return g.more.all[g.more.next]
	}
	return g.more.all[len(g.more.all)-1]
}

// Claim is an interaction that is to answer a request.
type Claim struct {
	Pos    int32  // its position on the tape
	Repeat bool   // it was played before
	Run    uint32 // in which it was claimed: see Tape.Run
	Probe  bool   // it is a connection that is not HTTP: a TLS probe, whatever its bytes
	// Item is the interaction, if it was read to decide.
	Item *cassettes.Interaction
	// Rewritten says that Item has the values that clients hold in place of the
	// recorded ones.
	Rewritten bool
	// Swapped says that it took a swap between clients. Unlike are the fields in
	// which the request differs from the recorded one, while other recordings
	// differ in them, too. Order, if set, says that it may have been recorded in
	// another state than the client's.
	// Invented says that the request differs in values that clients make up.
	Swapped  bool
	Invented bool
	Unlike   []string
	Order    string
	// Refusal, of a claim that failed, says why equal recordings do not answer.
	Refusal *Refusal
}

// Query is a request's part in the choice, beside its key.
type Query struct {
	// Digest has taken in the body. It is asked for Body, Text and further Refs only
	// where the bytes of the body do not decide; nil: Body and Refs are all.
	Digest *rule.Digest
	Body   rule.Content // the parts of the body that the rule compares
	Text   []byte       // the beginning of the body
	Refs   []issued.Ref // the issued values that target and body mention
	Cut    bool         // the request broke off: only an equal one answers
	Seen   Seen         // an interaction that was read already
	// Agrees, if set, has the last word on a recorded request whose Body is equal:
	// it is the caller's own matcher, which may have no key to tell more by.
	Agrees func(pos int32) bool
	// Traits are the request's: see Index.Traits.
	Traits *Traits
	Client *Client // that asks; nil where states do not count

	owners   uint64 // whose values Refs are: see ownersOf
	refusal  *Refusal
	resolved bool // Digest has been asked
}

// Seen is an interaction that was read at a position.
type Seen struct {
	Pos  int32
	Item *cassettes.Interaction
}

// item reads the interaction at pos, or returns it if it was seen.
func (q *Query) item(x *Index, pos int32) (*cassettes.Interaction, error) {
	if q.Seen.Item != nil && q.Seen.Pos == pos {
		return q.Seen.Item, nil
	}
	return x.Item(pos)
}

// resolve asks the digest for all that it knows.
func (q *Query) resolve() {
	if q.Digest == nil || q.resolved {
		return
	}
	q.resolved = true
	q.Body, q.Text = q.Digest.Content(), q.Digest.Text()
	q.Refs = slices.Concat(q.Refs, Refs(q.Digest))
}

// Repeat says which interaction answers a request again, once all were played.
type Repeat int

// Ways to repeat.
const (
	Never Repeat = iota // nothing
	Last                // the last one played
	Loop                // all of them, from the first on, over and over
)

// Claim claims the interaction that answers a request, and reports false where
// none is left. How applies when all are played.
func (x *Index) Claim(g *Group, q Query, how Repeat) (Claim, bool) {
	x.live.ask(q.Client)
	run := x.Run()
	cl, ok := x.claim(g, &q, how)
	cl.Run = run
	if !ok {
		return Claim{Refusal: q.refusal}, false
	}
	if !cl.Repeat {
		x.live.add(cl.Pos, q.Client)
	}
	return cl, true
}

func (x *Index) claim(g *Group, q *Query, how Repeat) (Claim, bool) {
	if x.bindings != nil {
		return x.bindings.claim(g, q, how)
	}
	if g.more == nil {
		return x.claimSingle(g, q, how)
	}
	g.more.mu.Lock()
	defer g.more.mu.Unlock()
	if cl, ok := g.more.claimUnplayed(x, q, how); ok {
		return cl, true
	}
	return g.more.repeat(x, q, how)
}

// claimSingle claims the one interaction of a group.
func (x *Index) claimSingle(g *Group, q *Query, how Repeat) (Claim, bool) {
	cl := Claim{Pos: g.first}
	if x.Rule.HasDetail() {
		it, same := x.singles.same(x, g.first, q)
		if !same {
			return x.inventions.single(cl, q, how)
		}
		cl.Item = it
	}
	if x.Play(g.first) {
		return cl, true
	}
	cl.Repeat = true
	return cl, how != Never
}

// Peek returns the interaction that would be claimed for a body that none has,
// where it is unplayed. Refs are the issued values that the request's target
// mentions.
func (x *Index) Peek(g *Group, refs []issued.Ref) (pos int32, ok bool) {
	if g.more == nil {
		return g.first, !x.Played(g.first)
	}
	owners := uint64(0)
	if g.more.carries {
		owners = x.bindings.live(refs)
	}
	g.more.mu.Lock()
	defer g.more.mu.Unlock()
	return g.more.firstByKey(x, owners)
}

// Take claims an interaction that was peeked at, if nobody else has.
func (x *Index) Take(g *Group, pos int32, c *Client) (Claim, bool) {
	run := x.Run()
	cl, ok := x.take(g, pos)
	cl.Run = run
	if ok {
		x.live.ask(c)
		x.live.add(pos, c)
	}
	return cl, ok
}

func (x *Index) take(g *Group, pos int32) (Claim, bool) {
	cl := Claim{Pos: pos}
	if x.bindings != nil {
		x.bindings.mu.Lock()
		defer x.bindings.unlock()
	}
	if !x.Play(pos) {
		return cl, false
	}
	if g.more != nil {
		// Its contents may not have been read yet, so the cursors are set anew.
		g.more.changed(x, pos)
		g.more.mu.Lock()
		g.more.last = pos
		g.more.mu.Unlock()
	}
	if x.bindings != nil {
		x.bindings.rewrite(&cl)
	}
	return cl, true
}

// Unclaim marks an interaction that was claimed in that run unplayed again: its
// client left before anything was sent. It reports false where more was played with
// it, which stays so, and where the run is over: another client may have claimed
// it since.
func (x *Index) Unclaim(pos int32, run uint32) bool {
	if any, _ := x.Leftover(pos); any || !x.PlayedIn(pos, run) {
		return false
	}
	x.live.drop(pos)
	if x.bindings != nil {
		x.bindings.unclaim(pos)
		return true
	}
	if x.marked != nil {
		x.marked(pos, false) // first: from the next line on others may claim it
	}
	x.mark(pos, false)
	return true
}

// mark makes an interaction count as played, or no more, for the requests to come.
func (x *Index) mark(pos int32, played bool) {
	if played {
		x.Play(pos)
	} else {
		x.Unplay(pos)
	}
	if g := x.groupOf(pos); g != nil && g.more != nil {
		g.more.changed(x, pos)
	}
}

// Representatives ranges over one interaction of each group, at most n of them: the
// first unplayed one, or the last.
func (x *Index) Representatives(n int) iter.Seq[int32] {
	return func(yield func(pos int32) bool) {
		if x.Rule.Own() != nil {
			x.each(n, yield) // without words, all are one group
			return
		}
		all := x.groups.all
		for i := range all[:min(len(all), n)] {
			if !yield(all[i].unplayedOrLast(x)) {
				return
			}
		}
	}
}
