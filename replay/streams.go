package replay

import (
	"bytes"
	"fmt"
	"slices"
	"sync"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// streams are the items of an index that are no exchanges: connections that
// were not HTTP, and what else no exchange owns.
type streams struct {
	positions []int32
	list      []opening // of positions, in order
	special   bool      // some have a greeting
	silent    []int32   // connections on which nobody said anything

	mu  sync.Mutex
	low int // no position before is unplayed
}

// opening is how a connection began.
type opening struct {
	pos int32
	seq int64 // of its first read
	// client is what the client sent before the server sent anything.
	client []byte
	// answered says that the server then sent something, or closed first.
	answered bool
	// greets says that the server was the first to do something.
	greets bool
	// unreachable says that there was no server.
	unreachable bool
	// probe says that the client began a TLS handshake and got plain text.
	probe bool
}

// openingMax is how much of what a client sent first decides what answers it.
const openingMax = 64 << 10

// handshake is the first byte of a TLS connection's (RFC 8446 section 5.1).
const handshake = 0x16

func (s *streams) add(pos int32) { s.positions = append(s.positions, pos) }

// read reads how the connections began.
func (s *streams) read(x *index) error {
	for _, pos := range s.positions {
		it, err := x.item(pos)
		if err != nil {
			return err
		}
		if it.Turns == nil {
			return fmt.Errorf("read interaction %d: it has neither a request nor turns", it.ID)
		}
		o, err := newOpening(pos, it.Turns)
		if err != nil {
			return err
		}
		if !o.unreachable && x.isRest(&o, it) {
			continue
		}
		s.list = append(s.list, o)
		if len(o.client) == 0 && !o.answered {
			s.silent = append(s.silent, pos)
		}
		s.special = s.special || o.greets
	}
	return nil
}

func newOpening(pos int32, turns *cassettes.Turns) (opening, error) {
	o := opening{pos: pos}
	first, left := true, false
	for t, err := range turns.All() {
		if err != nil {
			return o, err
		}
		if first {
			o.seq = t.Seq
		}
		switch {
		case t.Side == http1.Server && t.Mark != "" && left:
			return o, nil // it closed because the client had
		case t.Side == http1.Server:
			o.answered, o.greets = true, first
			o.unreachable = t.Mark == cassettes.Unreachable
			o.probe = len(o.client) > 0 && o.client[0] == handshake &&
				len(t.Data) > 0 && t.Data[0] >= ' '
			return o, nil
		case t.Mark == "" && len(o.client) < openingMax:
			o.client = append(o.client, t.Data...)
		case t.Mark != "":
			left = true
		}
		first = false
	}
	return o, nil
}

// probed reports whether o was a TLS probe, and this is one: no two of them are
// equal, and the answer does not depend on what they hold.
func (o *opening) probed(sent []byte) bool {
	return o.probe && len(sent) > 0 && sent[0] == handshake
}

// agrees reports whether what a client has sent so far is how o began, or how
// it went on from there.
func (o *opening) agrees(sent []byte) bool {
	if o.probed(sent) {
		return true
	}
	return bytes.HasPrefix(o.client, sent) || (o.answered || len(o.client) >= openingMax) && bytes.HasPrefix(sent, o.client)
}

// due reports whether a client that agrees has sent all that the server's
// first turn waited for.
func (o *opening) due(sent []byte) bool {
	if !o.answered {
		return false
	}
	if o.probed(sent) && !bytes.HasPrefix(sent, o.client) {
		return len(sent) >= 5 && len(sent) >= 5+int(sent[3])<<8+int(sent[4]) // the whole of the TLS record
	}
	return len(o.client) > 0 && len(sent) >= len(o.client)
}

// greeting claims the connection whose server was the first to act and whose
// turn it is: because it is the first unplayed interaction of all, or because
// there is nothing but connections like it.
func (x *index) greeting() (pos int32, ok bool) {
	s := &x.streams
	if !s.special {
		return 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.low < len(x.played) && x.played[s.low].Load() {
		s.low++
	}
	for i := range s.list {
		o := &s.list[i]
		if o.greets && (int(o.pos) == s.low || x.onlyStreams()) && x.play(o.pos) {
			return o.pos, true
		}
	}
	return 0, false
}

// isSilent reports whether nobody said anything on the connection at pos.
func (s *streams) isSilent(pos int32) bool {
	_, is := slices.BinarySearch(s.silent, pos)
	return is
}

// onlyStreams reports whether no connection was HTTP.
func (x *index) onlyStreams() bool { return len(x.groups) == 0 && len(x.streams.list) > 0 }

// isDue reports whether an unplayed connection's answer to just these first
// bytes is due.
func (x *index) isDue(sent []byte) bool {
	for i := range x.streams.list {
		o := &x.streams.list[i]
		if !o.greets && !x.played[o.pos].Load() && o.agrees(sent) && o.due(sent) {
			return true
		}
	}
	return false
}

// recognize claims the connection that a client's first bytes belong to: the
// first unplayed one that agrees with them and whose turn it is to answer.
// Over says that the client has closed. Without a claim, open says that more
// bytes may bring one.
func (x *index) recognize(sent []byte, over bool) (cl claim, ok, open bool) {
	again := claim{pos: -1, repeat: true, probe: true}
	for i := range x.streams.list {
		o := &x.streams.list[i]
		if o.greets || !o.agrees(sent) {
			continue
		}
		if x.played[o.pos].Load() {
			switch {
			case !o.probed(sent):
			case o.due(sent):
				again.pos = o.pos
			default:
				open = true
			}
			continue
		}
		if o.due(sent) || (over || len(sent) >= openingMax) && len(sent) >= len(o.client) {
			if x.play(o.pos) {
				return claim{pos: o.pos, probe: o.probed(sent)}, true, false
			}
			continue
		}
		open = true
	}
	return again, again.pos >= 0 && !open, open
}
