package replay

import (
	"bytes"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// A connection that is not HTTP may begin like several recorded ones. It is
// played as the first of them, and when its client goes on otherwise, as the
// first of those that agree with all that both sides have sent.

// follow takes in more of what a client sends, masked. It follows no further
// than openingMax bytes.
func (c *conn) follow(x *exchange, b []byte) {
	at := len(c.opener.sent)
	c.opener.add(c.srv.index.rules, b)
	sent := c.opener.sent
	if x.heard == nil {
		x.heard, at = newHearing(x.item, MatchExact, nil), 0
	}
	switch {
	case len(sent) > openingMax:
		x.open = false
	case !x.heard.agrees(sent[at:]):
		x.open = c.turnTo(x, sent)
	}
	if !x.open {
		x.heard.stop()
		x.heard = nil
	}
}

// turnTo makes x another recorded connection, if there is one that agrees.
func (c *conn) turnTo(x *exchange, sent []byte) bool {
	idx := c.srv.index
	for i := range idx.streams.list {
		o := &idx.streams.list[i]
		if !bytes.HasPrefix(o.client, sent) && !bytes.HasPrefix(sent, o.client) || idx.played[o.pos].Load() {
			continue
		}
		it, err := idx.item(o.pos)
		if err != nil {
			continue
		}
		h := newHearing(it, MatchExact, nil)
		if !h.agrees(sent) || !c.become(x, o.pos, it) {
			h.stop()
			continue
		}
		x.heard.stop()
		x.heard = h
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
	if !sameServed(x.item, it, x.served) || !c.srv.index.play(pos) {
		return false
	}
	c.srv.index.unplay(x.pos)
	x.pos, x.item = pos, it
	c.moved.Broadcast()
	return true
}

// agrees reports whether a recorded client sent what this one does next, too.
// What is given is masked.
func (h *hearing) agrees(b []byte) bool {
	h.at += int64(len(h.compare(b)))
	return !h.over
}

// sameServed reports whether the servers of two connections sent the same
// first n bytes.
func sameServed(a, b *cassettes.Interaction, n int64) bool {
	was, err := served(a, n)
	if err != nil {
		return false // it is reported where it is played
	}
	is, err := served(b, n)
	return err == nil && bytes.Equal(was, is)
}

// served returns the first n bytes that the server sent, or all of them.
func served(it *cassettes.Interaction, n int64) (b []byte, err error) {
	for t, err := range it.Turns.All() {
		if err != nil {
			return nil, err
		}
		if int64(len(b)) >= n {
			break
		}
		if t.Side == http1.Server {
			b = append(b, t.Data...)
		}
	}
	return b[:min(n, int64(len(b)))], nil
}
