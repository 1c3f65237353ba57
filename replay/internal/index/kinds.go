package index

import (
	"hash/maphash"
	"strings"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/recorded"
	"github.com/wiretape/wiretape/replay/internal/rule"
)

// kindOf names a kind that was found out: a loose one leaves the answer out.
type kindOf struct {
	pos   int32
	loose bool
}

type kind struct {
	hash uint64
	ok   bool // false: it keeps its place
}

// Played is for issued.Recording.
func (s *bindings) Played(pos int32) bool { return s.index.Tape.Played(pos) }

// Kind is for issued.Recording. A streaming answer keeps its place, because it may
// have begun, and so does an interaction with turns or leftovers.
func (s *bindings) Kind(pos int32, loose bool) (uint64, bool) {
	of := kindOf{pos, loose}
	k, ok := s.kinds[of]
	if !ok {
		k = s.findKind(pos, loose)
		s.kinds[of] = k
	}
	return k.hash, k.ok
}

func (s *bindings) findKind(pos int32, loose bool) kind {
	x := s.index
	it, err := x.Item(pos)
	if err != nil || it.Request == nil || it.Response == nil || it.Turns != nil || recorded.IsStreaming(it) || x.leftovers.after[pos] != nil {
		return kind{}
	}
	asked, err := x.contentOf(it)
	if err != nil {
		return kind{}
	}
	var h maphash.Hash
	h.SetSeed(ownersSeed)
	maphash.WriteComparable(&h, asked)
	k := x.Keyer()
	maphash.WriteComparable(&h, x.groups.hash(x.maskKey(recordedKey(&k, x.Entry(pos)))))
	if loose { // equal requests are enough
		return kind{h.Sum64(), true}
	}
	maphash.WriteComparable(&h, statusOf(it))
	answered := rule.NewAnswerDigest(s.Book.Masker())
	if err := answered.ReadBody(&it.Response.Body); err != nil {
		return kind{}
	}
	maphash.WriteComparable(&h, answered.Content())
	return kind{h.Sum64(), true}
}

// Opaque is for issued.Recording. A compressed answer is opaque, and so is JSON too
// large to be put into memory.
func (s *bindings) Opaque(pos int32) bool {
	opaque, ok := s.opaque[pos]
	if !ok {
		opaque = s.index.isOpaque(pos)
		s.opaque[pos] = opaque
	}
	return opaque
}

func (x *Index) isOpaque(pos int32) bool {
	it, err := x.Item(pos)
	if err != nil || it.Response == nil {
		return false // there is no answer
	}
	head, ok := http1.ParseResponseHead(it.Response.Head, rule.RequestMethod(it.Request.Head), false)
	if !ok {
		return true
	}
	if coding := string(head.Field("Content-Encoding")); coding != "" && !strings.EqualFold(coding, "identity") {
		return true
	}
	if it.Response.Body.Size() <= rewriteMax {
		return false
	}
	start, err := recorded.BodyStart(&it.Response.Body, 1)
	return err != nil || start[0] == '{' || start[0] == '['
}

// statusOf returns the status code of an interaction's response, or 0.
func statusOf(it *cassettes.Interaction) int {
	head, _ := http1.ParseResponseHead(it.Response.Head, []byte("GET"), false)
	return head.Code
}
