package replay

import (
	"bytes"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/recorded"
	"github.com/wiretape/wiretape/replay/internal/stream"
)

// A connection that is not HTTP may begin like several recorded ones. It is
// played as the first of them, and when its client goes on otherwise, as the
// first of those that agree with all that both sides have sent.

// follow takes in more of what a client sends, masked. It follows no further
// than recorded.OpeningMax bytes.
func (c *conn) follow(x *exchange, b []byte) {
	at := len(c.opener.sent)
	c.opener.add(c.srv.index.Rule.Masks(), b)
	sent := c.opener.sent
	if x.match == nil {
		x.match, at = stream.NewMatch(x.item, stream.Exact, nil), 0
	}
	switch {
	case len(sent) > recorded.OpeningMax:
		x.open = false
	case !x.match.Agrees(sent[at:]):
		x.open = c.turnTo(x, sent)
	}
	if !x.open {
		x.match.Stop()
		x.match = nil
	}
}

// turnTo makes x another recorded connection, if there is one that agrees.
func (c *conn) turnTo(x *exchange, sent []byte) bool {
	idx := c.srv.index
	for _, o := range idx.Streams.All() {
		if !bytes.HasPrefix(o.Client, sent) && !bytes.HasPrefix(sent, o.Client) || idx.Played(o.Pos) {
			continue
		}
		it, err := idx.Item(o.Pos)
		if err != nil {
			continue
		}
		m := stream.NewMatch(it, stream.Exact, nil)
		if !m.Agrees(sent) || !c.become(x, o.Pos, it) {
			m.Stop()
			continue
		}
		x.match.Stop()
		x.match = m
		c.keepUnread(it, false)
		return true
	}
	c.srv.tally.note("a connection that is not HTTP went on in another way than any that was recorded")
	return false
}

// become makes x the recorded connection at pos, if that is unplayed and
// served the same bytes so far.
func (c *conn) become(x *exchange, pos int32, it *cassettes.Interaction) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !sameServed(x.item, it, x.served) || !c.srv.index.Play(pos) {
		return false
	}
	c.srv.index.Unplay(x.pos)
	x.pos, x.item = pos, it
	c.moved.Broadcast()
	return true
}

// sameServed reports whether the servers of two connections sent the same
// first n bytes.
func sameServed(a, b *cassettes.Interaction, n int64) bool {
	was, err := recorded.Served(a, n)
	if err != nil {
		return false // it is reported where it is played
	}
	is, err := recorded.Served(b, n)
	return err == nil && bytes.Equal(was, is)
}
