// Package stream compares a live client's bytes in a stream with those of the
// recorded client. A stream is the bytes of a connection that has left HTTP or
// never was HTTP.
//
//	m := stream.NewMatch(it, stream.Exact, nil)
//	defer m.Stop()
//	n, err := conn.Read(buf)
//	…
//	reached, mismatch := m.Take(buf[:n], false)
//
// Only the bytes count, not how the client cut them into writes. If a client
// leaves early, that is no mismatch. Payloads of WebSockets are compared
// unmasked, because masking keys are random (RFC 6455 section 5.3).
package stream

import (
	"bytes"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/replay/internal/peek"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// Rule says how closely a client's bytes must match the recorded ones.
type Rule int

const (
	// Exact asks for the same bytes.
	Exact Rule = iota
	// Length asks for as many bytes, whatever they are.
	Length
	// Any asks for something: whatever the client sends at once counts as all
	// that the recorded client sent before the server's next turn.
	Any
)

// Match compares a live client with the recorded client of one stream, up to the
// first difference. From there on it only counts bytes.
type Match struct {
	rule  Rule
	turns peek.Sequence[cassettes.Turn]
	turn  []byte // the recorded client's current turn
	want  []byte // the rest of it, to be compared next
	at    int64  // bytes taken
	over  bool   // nothing is compared any more
	ended bool   // the recorded client closed
	past  []byte // the last bytes that were equal, to be quoted

	mask             *redact.Lines // nil: nothing to mask
	recorded, client *webSocket    // nil: not a WebSocket
	buf              []byte
}

// NewMatch returns the match with the stream of it. Mask masks the live client's
// bytes as those of the cassette were masked; nil masks nothing. Stop the Match
// after use.
func NewMatch(it *cassettes.Interaction, r Rule, mask *redact.Lines) *Match {
	m := &Match{rule: r, mask: mask, turns: peek.New(it.Turns.All())}
	if recorded.IsWebSocket(it) {
		m.recorded, m.client = new(webSocket), new(webSocket)
	}
	return m
}

// Stop closes the files of the match. It may be called of nil, and again.
func (m *Match) Stop() {
	if m != nil {
		m.turns.Stop()
	}
}

// Take takes the client's next bytes; masked says that they are masked already.
// It returns how far the client has come, in bytes of the recorded client, and
// the first mismatch, once.
func (m *Match) Take(b []byte, masked bool) (reached int64, mismatch *Mismatch) {
	if m.rule == Any {
		return m.pass(), nil
	}
	m.buf = append(m.buf[:0], b...)
	if m.mask != nil && !masked {
		m.mask.Mask(m.buf)
		m.mask.Take()
	}
	m.client.unmask(m.buf)
	before := m.over
	rest := m.compare(m.buf)
	if m.over && !before {
		mismatch = m.explain(rest)
	}
	m.at += int64(len(rest))
	return m.at, mismatch
}

// Agrees takes the client's next bytes, which are masked, and reports whether
// the recorded client sent the same so far.
func (m *Match) Agrees(b []byte) bool {
	m.at += int64(len(m.compare(b)))
	return !m.over
}

// compare compares b with the recorded bytes that come next, and returns the part
// of b from the first difference on.
func (m *Match) compare(b []byte) (rest []byte) {
	for len(b) > 0 && !m.over {
		if len(m.want) == 0 && !m.fill() {
			m.over = true
			break
		}
		n := min(len(b), len(m.want))
		if m.rule == Exact && !bytes.Equal(b[:n], m.want[:n]) {
			m.over = true
			break
		}
		m.at += int64(n)
		m.past = tail(m.past, b[:n])
		b, m.want = b[n:], m.want[n:]
	}
	return b
}

// fill takes the recorded client's next turn, and reports whether there is one.
// A turn that cannot be read ends the stream here; the error comes again when
// the turn is played.
func (m *Match) fill() bool {
	for {
		t, ok, err := m.turns.Peek()
		if err != nil || !ok {
			return false
		}
		if t.Side == http1.Client && t.Mark == "" {
			m.turn = append(m.turn[:0], t.Data...)
			m.want = m.turn
			m.recorded.unmask(m.want)
			m.turns.Drop()
			return true
		}
		m.ended = m.ended || t.Side == http1.Client
		m.turns.Drop()
	}
}

// pass goes on to the end of the recorded client's bytes before the server's next
// turn.
func (m *Match) pass() int64 {
	sent := false
	for {
		t, ok, err := m.turns.Peek()
		if err != nil || !ok || sent && t.Side == http1.Server {
			return m.at
		}
		if t.Side == http1.Client {
			m.at += int64(len(t.Data))
			sent = sent || t.Mark == ""
		}
		m.turns.Drop()
	}
}
