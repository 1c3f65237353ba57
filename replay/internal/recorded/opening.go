package recorded

import (
	"bytes"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// Opening is how a connection began that is not HTTP: the bytes by which replay
// tells which recorded connection a live one is.
type Opening struct {
	// Seq is the number of its first read.
	Seq int64
	// Client holds the client's bytes before the server's first: at most
	// OpeningMax of them and the rest of the turn that reaches it.
	Client []byte
	// Answered says that the server then sent something, or closed first.
	Answered bool
	// Greets says that the server was the first to do something.
	Greets bool
	// Unreachable says that there was no server.
	Unreachable bool
	// Probe says that the client began a TLS handshake and got plain text.
	Probe bool
}

// OpeningMax is the number of bytes of a client's first ones that decide which
// recorded connection it is.
const OpeningMax = 64 << 10

// handshake is the first byte of a TLS connection (RFC 8446 section 5.1).
const handshake = 0x16

// ReadOpening reads how the connection began that has these turns.
func ReadOpening(turns *cassettes.Turns) (Opening, error) {
	var o Opening
	first, left := true, false
	for t, err := range turns.All() {
		if err != nil {
			return o, err
		}
		if first {
			o.Seq = t.Seq
		}
		switch {
		case t.Side == http1.Server && t.Mark != "" && left:
			return o, nil // it closed because the client had
		case t.Side == http1.Server:
			o.answer(t, first)
			return o, nil
		case t.Mark == "" && len(o.Client) < OpeningMax:
			o.Client = append(o.Client, t.Data...)
		case t.Mark != "":
			left = true
		}
		first = false
	}
	return o, nil
}

// answer notes the server's first turn, which ends the opening.
func (o *Opening) answer(t cassettes.Turn, first bool) {
	o.Answered, o.Greets = true, first
	o.Unreachable = t.Mark == cassettes.Unreachable
	o.Probe = len(o.Client) > 0 && o.Client[0] == handshake &&
		len(t.Data) > 0 && t.Data[0] >= ' '
}

// Silent reports whether neither side said anything.
func (o *Opening) Silent() bool { return len(o.Client) == 0 && !o.Answered }

// IsProbe reports whether o was a TLS probe and sent begins one, too. No two
// probes are equal, and the answer does not depend on their bytes.
func (o *Opening) IsProbe(sent []byte) bool {
	return o.Probe && len(sent) > 0 && sent[0] == handshake
}

// Agrees reports whether o began with the bytes that a client has sent so far,
// or they with the whole of o.
func (o *Opening) Agrees(sent []byte) bool {
	if o.IsProbe(sent) {
		return true
	}
	return bytes.HasPrefix(o.Client, sent) || (o.Answered || len(o.Client) >= OpeningMax) && bytes.HasPrefix(sent, o.Client)
}

// IsDue reports whether a client that agrees has sent all that the server's
// first turn waited for.
func (o *Opening) IsDue(sent []byte) bool {
	if !o.Answered {
		return false
	}
	if o.IsProbe(sent) && !bytes.HasPrefix(sent, o.Client) {
		// The server saw a whole TLS record (RFC 8446 section 5.1): its length
		// stands in bytes 3 and 4.
		return len(sent) >= 5 && len(sent) >= 5+int(sent[3])<<8+int(sent[4])
	}
	return len(o.Client) > 0 && len(sent) >= len(o.Client)
}

// Served returns the first n bytes that the server sent in an interaction's
// turns, or all of them.
func Served(it *cassettes.Interaction, n int64) (b []byte, err error) {
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
