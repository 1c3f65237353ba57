package importer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/har"
	"github.com/wiretape/wiretape/internal/http1"
)

// turn is what one side said in a stream.
type turn struct {
	side http1.Side
	at   time.Time // zero where it is unknown
	data []byte
}

// textOpcode is the opcode of a text message (RFC 6455 section 5.2).
const textOpcode = 1

// webSocket makes frames of the messages of a WebSocket.
func webSocket(messages []har.SocketMessage) (turns []turn, err error) {
	for i, m := range messages {
		data := []byte(m.Data)
		if m.Opcode != textOpcode {
			if data, err = decodeBase64(m.Data); err != nil {
				return nil, fmt.Errorf("WebSocket message %d: decode base64: %w", i, err)
			}
		}
		t := turn{data: data}
		switch m.Type {
		case "send":
			t.side = http1.Client
		case "receive":
			t.side = http1.Server
		default:
			return nil, fmt.Errorf("WebSocket message %d: want type send or receive, found %q", i, m.Type)
		}
		if m.Opcode < 0 || m.Opcode > 15 {
			return nil, fmt.Errorf("WebSocket message %d: %d is no opcode", i, m.Opcode)
		}
		if m.Time > 0 {
			t.at = time.UnixMicro(int64(m.Time * 1e6))
		}
		t.data = appendFrame(nil, m.Opcode, t.side == http1.Client, data)
		turns = append(turns, t)
	}
	return turns, nil
}

// appendFrame appends a final frame (RFC 6455 section 5.2). A client has to mask its
// frames; the key 0 leaves the payload as it is.
func appendFrame(dst []byte, opcode int, masked bool, payload []byte) []byte {
	const final, mask = 0x80, 0x80
	bit := byte(0)
	if masked {
		bit = mask
	}
	dst = append(dst, final|byte(opcode))
	switch n := len(payload); {
	case n < 126:
		dst = append(dst, bit|byte(n))
	case n <= math.MaxUint16:
		dst = binary.BigEndian.AppendUint16(append(dst, bit|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, bit|127), uint64(n))
	}
	if masked {
		dst = append(dst, 0, 0, 0, 0)
	}
	return append(dst, payload...)
}

// upgrade makes the response of a WebSocket with messages: h says that they are in
// no coding, and m has them.
func (e *exchange) upgrade(id int, h *head, m *message, told *notices) error {
	if len(e.turns) == 0 {
		return nil
	}
	if m.framing != http1.Stream {
		return errors.New("it has messages of a WebSocket, and the response begins none")
	}
	if h.drop("Sec-WebSocket-Extensions") {
		m.head = h.bytes()
		told.add(id, "the archive holds the messages of a WebSocket without extensions; Sec-WebSocket-Extensions is left out", "")
	}
	m.turns = e.turns
	told.add(id, "the archive does not say how a WebSocket ended; the server closes after the last message", "")
	return nil
}

// turns makes the stream after a response: what both sides said, and the close of
// the server. seq is the read of the response's head.
func (d *drafts) turns(it *cassettes.Interaction, m *message, seq int64) (*cassettes.Turns, error) {
	sink := d.w.NewTurns(it.ID, it.Request.Seq, d.inlineMax)
	k := d.newMasker(d.list[it.ID].request.head)
	var redacted []cassettes.Redaction
	at := d.list[it.ID].at.Add(d.list[it.ID].firstByte)
	for i, t := range m.said() {
		data, masked := k.turn(i, t.data)
		redacted = append(redacted, masked...)
		wait := time.Duration(0)
		if d.timed && t.at.After(at) {
			wait, at = t.at.Sub(at), t.at
		}
		if err := sink.Data(t.side, seq+1+int64(i), wait, data); err != nil {
			return nil, err
		}
	}
	if err := sink.Mark(http1.Server, cassettes.EOF, seq+m.reads(), 0); err != nil {
		return nil, err
	}
	turns, err := sink.Finish()
	if err == nil {
		turns.Redacted = redacted
	}
	return turns, err
}

// said returns the turns of a stream. Other recorders keep those of the server alone,
// as one.
func (m *message) said() []turn {
	if len(m.turns) > 0 || len(m.body) == 0 {
		return m.turns
	}
	return []turn{{side: http1.Server, data: m.body}}
}
