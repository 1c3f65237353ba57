package index

import (
	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// rewriteMax is the size in bytes of the largest body in a file that is put
// into memory, for clients that hold other values than were recorded.
const rewriteMax = 4 << 20

// rewrite gives a claimed interaction the values that the clients hold.
func (s *bindings) rewrite(cl *Claim) {
	if !s.Swapped() || s.plain[cl.Pos] {
		return
	}
	if cl.Item == nil {
		it, err := s.index.Item(cl.Pos)
		if err != nil {
			return // it is reported when it is to be played
		}
		cl.Item = it
	}
	if err := load(cl.Item); err != nil {
		return // as above
	}
	plain := true // until a text mentions a value
	for _, text := range texts(cl.Item) {
		changed, mentions := s.put(text.of, text.head)
		cl.Rewritten, plain = cl.Rewritten || changed, plain && !mentions
	}
	s.plain[cl.Pos] = plain
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
func (s *bindings) put(text *[]byte, head bool) (changed, mentions bool) {
	b, changed, mentions := s.Rewrite(nil, *text, !head)
	if changed {
		*text = b
	}
	return changed, mentions
}
