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
	c.opener.add(c.srv.index.rules, b)
	sent := c.opener.sent
	switch {
	case len(sent) > openingMax:
		x.open = false
	case !agrees(x.item, sent):
		x.open = c.turnTo(x, sent)
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
		if err != nil || !agrees(it, sent) || !c.become(x, o.pos, it) {
			continue
		}
		c.keepUnread(it, false)
		return true
	}
	c.srv.tally.note("a connection that is not HTTP went on in another way than any that was recorded")
	return false
}

// become makes x the recorded connection at pos, if that is unplayed and
// served the same bytes so far.
func (c *conn) become(x *exchange, pos int32, it *cassettes.Item) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !bytes.Equal(served(it, x.served), served(x.item, x.served)) || !c.srv.index.play(pos) {
		return false
	}
	c.srv.index.unplay(x.pos)
	x.pos, x.item = pos, it
	c.moved.Broadcast()
	return true
}

// agrees reports whether a recorded client sent what this one did, so far.
func agrees(it *cassettes.Item, sent []byte) bool {
	for _, t := range it.Turns.List {
		if t.Side == http1.Server {
			continue
		}
		n := min(len(t.Data), len(sent))
		if !bytes.Equal(t.Data[:n], sent[:n]) {
			return false
		}
		sent = sent[n:]
	}
	return len(sent) == 0
}

// served returns the first n bytes that the server sent, or all of them.
func served(it *cassettes.Item, n int64) (b []byte) {
	for _, t := range it.Turns.List {
		if t.Side == http1.Server && int64(len(b)) < n {
			b = append(b, t.Data...)
		}
	}
	return b[:min(n, int64(len(b)))]
}
