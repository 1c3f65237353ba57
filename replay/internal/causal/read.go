package causal

import (
	"bytes"
	"encoding/json"
	"math"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/product"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// Read returns the causal side of an interaction. It reads every frame and
// turn, and the body of a response that may name what it created.
func Read(it *cassettes.Interaction) (Exchange, error) {
	e := Exchange{
		Stream:    recorded.LeavesHTTP(it),
		Streaming: recorded.IsStreaming(it),
		Peer:      it.Peer,
		Begin:     it.Request.Seq,
		End:       it.Request.Seq,
	}
	if h, ok := http1.ParseHead(it.Request.Head); ok {
		e.Method, e.Target = string(h.Method), string(h.Target)
		e.Session = string(h.Field(product.Docker.SessionField))
	}
	if err := readRequest(&e, it.Request); err != nil {
		return e, err
	}
	if it.Response != nil {
		if err := readResponse(&e, it.Response); err != nil {
			return e, err
		}
	}
	if it.Turns != nil {
		return e, readTurns(&e, it.Turns)
	}
	if m := it.Response; m != nil && len(m.Closed) > 0 && recorded.ClosesWithResponse(it) {
		e.End = max(e.End, m.Closed[len(m.Closed)-1].Seq)
	}
	return e, nil
}

// readRequest adds the events of the request. In a stream they count no bytes:
// the turns begin after the whole request.
func readRequest(e *Exchange, m *cassettes.Message) error {
	var body int64
	for s, err := range m.Segments() {
		if err != nil {
			return err
		}
		body += s.Len
		e.End = max(e.End, s.Seq)
		if s.Seq == e.Begin {
			continue
		}
		event := Event{Seq: s.Seq, Bytes: body}
		if e.Stream {
			event.Bytes = 0
		}
		e.Client = addEvent(e.Client, event)
	}
	return nil
}

// addEvent adds an event. Between two consecutive reads nobody did anything, so
// nothing can wait for the first of them alone, and both are one event: a long
// upload has few of them.
func addEvent(events []Event, e Event) []Event {
	if n := len(events); n > 0 && e.Seq-events[n-1].Seq <= 1 {
		events[n-1] = e
		return events
	}
	return append(events, e)
}

// readResponse adds the status and the identifiers of the response.
func readResponse(e *Exchange, m *cassettes.Message) error {
	for s, err := range m.Segments() {
		if err != nil {
			return err
		}
		e.End = max(e.End, s.Seq)
	}
	if h, ok := http1.ParseResponseHead(m.Head, []byte(e.Method), false); ok {
		e.Status = h.Code
	}
	if e.Status/100 != 2 || e.Streaming {
		return nil
	}
	var err error
	e.IDs, err = identifiers(&m.Body)
	return err
}

// identifiersMax is the size in bytes up to which a body is searched.
const identifiersMax = 1 << 20

// identifiers returns the identifiers that a JSON object has at top level.
func identifiers(b *cassettes.Body) ([]string, error) {
	if b.Size() == 0 || b.Size() > identifiersMax {
		return nil, nil
	}
	data, err := recorded.BodyStart(b, identifiersMax)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte{'{'}) {
		return nil, nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(data, &members) != nil {
		return nil, nil // not JSON, or several values of it
	}
	var ids []string
	for _, key := range []string{"Id", "ID"} {
		var id string
		if json.Unmarshal(members[key], &id) == nil && id != "" {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// readTurns adds the events of a stream.
func readTurns(e *Exchange, turns *cassettes.Turns) error {
	var sent int64
	for t, err := range turns.All() {
		if err != nil {
			return err
		}
		e.End = max(e.End, t.Seq)
		if t.Side == http1.Server {
			continue
		}
		sent += int64(len(t.Data))
		event := Event{Seq: t.Seq, Bytes: sent}
		if t.Mark != "" {
			event.Bytes = math.MaxInt64 // no bytes are as good as the end
			e.Client = append(e.Client, event)
			continue
		}
		e.Client = addEvent(e.Client, event)
	}
	return nil
}
