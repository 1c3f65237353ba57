package replay

import (
	"cmp"
	"hash/maphash"
	"strings"
	"sync"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/issued"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// stories let clients exchange what they were issued: see package issued. All
// that is claimed while something was issued is claimed under one lock.
type stories struct {
	*issued.Stories
	index *index
	bind  Bind
	// exchanged is told of each exchange, and whether it was a guess.
	exchanged func(pos int32, guess bool)
	// played, if set, is told that an interaction counts as played now, or no
	// more.
	played func(pos int32, is bool)

	mu    sync.Mutex
	kinds map[kindOf]kind
	// By position: nothing that was issued is in the answer; it is not known
	// what is.
	plain, opaque map[int32]bool
}

// kindOf names a kind that was found out: a loose one leaves the answer out.
type kindOf struct {
	pos   int32
	loose bool
}

type kind struct {
	hash uint64
	ok   bool // false: it keeps its place
}

// recorded returns the story of a recorded request: which roles' values it
// carries.
func (s *stories) recorded(pos int32) uint64 {
	return storyOf(s.Book.Refs(pos), func(owner int32) int32 { return owner })
}

// recordedKey returns the story of a recorded request as far as its key tells.
func (s *stories) recordedKey(pos int32) uint64 {
	return storyOf(s.Book.KeyRefs(pos), func(owner int32) int32 { return owner })
}

// live returns the story of a request that carries these values.
func (s *stories) live(refs []issued.Ref) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return storyOf(refs, s.Role)
}

// storyOf returns what the stories of requests are compared by; 0 is of one
// that carries nothing.
func storyOf(refs []issued.Ref, role func(owner int32) int32) uint64 {
	if len(refs) == 0 {
		return 0
	}
	var h maphash.Hash
	h.SetSeed(contentSeed)
	for _, ref := range refs {
		maphash.WriteComparable(&h, role(ref.Owner))
	}
	return cmp.Or(h.Sum64(), 1)
}

// claim claims what answers a request: see index.claim. In order, that is an
// unplayed one with its body and its values as they stand; one that has them
// after an exchange between twins; what was played, again; and, as guesses, the
// same between those whose answers differ, and one with another body.
func (s *stories) claim(g *group, a wanted, how Repeat) (claim, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cl, ok := s.find(g, a, how)
	if ok {
		s.rewrite(&cl)
	}
	return cl, ok
}

func (s *stories) find(g *group, a wanted, how Repeat) (claim, bool) {
	if g.more == nil {
		return s.index.claimOnly(g, how)
	}
	a.body.story = storyOf(a.refs, s.Role)
	if !g.more.carries {
		return s.asTheyStand(g.more, a, how)
	}
	if cl, ok := s.equal(g.more, a.body); ok {
		return cl, true
	}
	if cl, ok := s.exchange(g.more, a, false, true); ok {
		return cl, true
	}
	if cl, ok := s.again(g.more, a.body, how); ok {
		return cl, true
	}
	if s.bind == BindAll {
		if cl, ok := s.exchange(g.more, a, true, true); ok {
			return cl, true
		}
	}
	if g.more.exact || a.cut {
		return claim{}, false
	}
	if cl, ok := s.anyBody(g.more, a); ok || s.bind != BindAll {
		return cl, ok
	}
	return s.exchange(g.more, a, false, false)
}

// asTheyStand claims among interactions that carry nothing.
func (s *stories) asTheyStand(e *equals, a wanted, how Repeat) (claim, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if cl, ok := e.unplayed(s.index, a); ok {
		return cl, true
	}
	return e.repeat(a.body, how)
}

func (s *stories) equal(e *equals, body content) (claim, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	cl, ok := e.equal(s.index, body)
	if ok {
		e.played(cl.pos, body)
	}
	return cl, ok
}

func (s *stories) again(e *equals, body content, how Repeat) (claim, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.repeat(body, how)
}

func (s *stories) anyBody(e *equals, a wanted) (claim, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	cl, ok := e.other(s.index, a)
	if ok {
		e.played(cl.pos, a.body)
	}
	return cl, ok
}

// exchange claims the first unplayed interaction, with the request's body or
// with any, that carries its values after an exchange. A loose one is between
// interactions whose answers differ.
func (s *stories) exchange(e *equals, a wanted, loose, sameBody bool) (claim, bool) {
	tried := 0
	for i, pos := range e.all {
		if s.Played(pos) || e.found[i] == unread || sameBody && !a.body.like(e.found[i]) {
			continue
		}
		if tried++; tried > candidatesMax {
			break
		}
		if pairs, ok := s.Plan(a.refs, pos, s, loose); ok {
			s.carryOut(pairs, pos, loose || !sameBody)
			s.index.play(pos)
			e.changed(s.index, pos)
			e.mu.Lock()
			defer e.mu.Unlock()
			e.last = pos
			return claim{pos: pos}, true
		}
	}
	return claim{}, false
}

// like reports whether two bodies are equal, whatever their stories.
func (c content) like(d content) bool { return c.size == d.size && c.sum == d.sum }

// carryOut exchanges pairs, so that the interaction at pos can be played.
func (s *stories) carryOut(pairs []issued.Pair, pos int32, guess bool) {
	s.Exchange(pairs)
	for _, p := range pairs {
		s.trade(p[0], p[1])
	}
	if s.exchanged != nil {
		s.exchanged(pos, guess)
	}
}

// trade makes what was played of one interaction count for another.
func (s *stories) trade(a, b int32) {
	playedA, playedB := s.Played(a), s.Played(b)
	if playedA != playedB {
		s.count(a, playedB)
		s.count(b, playedA)
	}
}

// count makes an interaction count as played, or no more.
func (s *stories) count(pos int32, played bool) {
	s.index.count(pos, played)
	if s.played != nil {
		s.played(pos, played)
	}
}

// Played is for issued.Recording.
func (s *stories) Played(pos int32) bool { return s.index.played[pos].Load() }

// Kind is for issued.Recording. An answer that comes over time keeps its place
// once it was begun, and so does what has more to it than an answer.
func (s *stories) Kind(pos int32, loose bool) (uint64, bool) {
	of := kindOf{pos, loose}
	k, ok := s.kinds[of]
	if !ok {
		k = s.findKind(pos, loose)
		s.kinds[of] = k
	}
	return k.hash, k.ok
}

func (s *stories) findKind(pos int32, loose bool) kind {
	x := s.index
	it, err := x.item(pos)
	if err != nil || it.Request == nil || it.Response == nil || it.Turns != nil || recorded.IsStreaming(it) || x.rests[pos] != nil {
		return kind{}
	}
	asked, err := x.contentOf(it)
	if err != nil {
		return kind{}
	}
	var h maphash.Hash
	h.SetSeed(contentSeed)
	maphash.WriteComparable(&h, asked)
	var m masker
	maphash.WriteComparable(&h, x.keyHash(x.recordedKey(&m, x.entry(pos))))
	if loose {
		return kind{h.Sum64(), true}
	}
	maphash.WriteComparable(&h, statusOf(it))
	answered := digest{values: s.Book.Masker()}
	answered.hash.SetSeed(contentSeed)
	if err := answered.readBody(&it.Response.Body); err != nil {
		return kind{}
	}
	maphash.WriteComparable(&h, answered.content())
	return kind{h.Sum64(), true}
}

// Opaque is for issued.Recording: of what is compressed, and of JSON that is too
// large to be put into memory, nothing is known.
func (s *stories) Opaque(pos int32) bool {
	opaque, ok := s.opaque[pos]
	if !ok {
		opaque = s.index.isOpaque(pos)
		s.opaque[pos] = opaque
	}
	return opaque
}

func (x *index) isOpaque(pos int32) bool {
	it, err := x.item(pos)
	if err != nil || it.Response == nil {
		return false // there is no answer
	}
	p := http1.Parser{Side: http1.Server}
	p.Expect(methodOf(it.Request.Head), false)
	ev, _ := p.Next(it.Response.Head)
	if ev.Kind != http1.Head {
		return true
	}
	if coding := string(ev.Head.Field("Content-Encoding")); coding != "" && !strings.EqualFold(coding, "identity") {
		return true
	}
	if it.Response.Body.Size() <= rewriteMax {
		return false
	}
	start, err := recorded.BodyStart(&it.Response.Body, 1)
	return err != nil || start[0] == '{' || start[0] == '['
}

// rewriteMax is the size in bytes of the largest body in a file that is put
// into memory, for clients that hold other values than were recorded.
const rewriteMax = 4 << 20

// statusOf returns the status code of an interaction's response, or 0.
func statusOf(it *cassettes.Interaction) int {
	p := http1.Parser{Side: http1.Server}
	p.Expect([]byte("GET"), false)
	if ev, _ := p.Next(it.Response.Head); ev.Kind == http1.Head {
		return ev.Head.Code
	}
	return 0
}

// rewrite gives a claimed interaction the values that the clients hold.
func (s *stories) rewrite(cl *claim) {
	if !s.Moved() || s.plain[cl.pos] {
		return
	}
	if cl.item == nil {
		it, err := s.index.item(cl.pos)
		if err != nil {
			return // it is reported when it is to be played
		}
		cl.item = it
	}
	if err := load(cl.item); err != nil {
		return // as above
	}
	plain := true
	for _, text := range texts(cl.item) {
		changed, mentions := s.put(text.of, text.head)
		cl.own, plain = cl.own || changed, plain && !mentions
	}
	s.plain[cl.pos] = plain
}

// load puts the body of a response into memory, unless it is large.
func load(it *cassettes.Interaction) error {
	if it.Response == nil {
		return nil
	}
	body := &it.Response.Body
	if _, ok := body.InFile(); !ok || body.Size() > rewriteMax {
		return nil
	}
	data, err := recorded.BodyStart(body, rewriteMax)
	if err == nil {
		*body = cassettes.Body{Data: data}
	}
	return err
}

// text is a text of an answer.
type text struct {
	of   *[]byte
	head bool
}

// texts returns the texts in memory that an interaction's server sent.
func texts(it *cassettes.Interaction) (all []text) {
	if it.Response != nil {
		all = append(all, text{&it.Response.Head, true}, text{&it.Response.Body.Data, false})
	}
	if it.Turns == nil {
		return all
	}
	for i := range it.Turns.List {
		if t := &it.Turns.List[i]; t.Side == http1.Server {
			all = append(all, text{&t.Data, false})
		}
	}
	return all
}

// put puts the values that clients hold into a text, into a head whatever their
// length. It reports whether that changed it, and whether it mentions any.
func (s *stories) put(text *[]byte, head bool) (changed, mentions bool) {
	b, changed, mentions := s.Rewrite(nil, *text, !head)
	if changed {
		*text = b
	}
	return changed, mentions
}

// reset forgets what was exchanged.
func (s *stories) reset() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Reset()
}

// noteExchange notes that clients exchanged what they were issued.
func (s *Server) noteExchange(pos int32, guess bool) {
	if !guess {
		s.tally.exchanges.Add(1)
		return
	}
	s.tally.guess(s.index.name(pos))
}
