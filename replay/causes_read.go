package replay

import (
	"bytes"
	"encoding/json"
	"math"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/causal"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/product"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// newExchange returns what causality is to know of an exchange.
func newExchange(it *cassettes.Interaction) (causal.Exchange, error) {
	e := causal.Exchange{
		Stream:    recorded.LeavesHTTP(it),
		Streaming: recorded.IsStreaming(it),
		Peer:      it.Peer,
		Begin:     it.Request.Seq,
		End:       it.Request.Seq,
	}
	p := http1.Parser{Side: http1.Client}
	if ev, _ := p.Next(it.Request.Head); ev.Kind == http1.Head {
		e.Method, e.Target = string(ev.Head.Method), string(ev.Head.Target)
		e.Session = string(ev.Head.Field(product.Docker.SessionField))
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

// readRequest notes what the client sent of its request. A stream's turns
// begin after the whole of it.
func readRequest(e *causal.Exchange, m *cassettes.Message) error {
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
		event := causal.Event{Seq: s.Seq, Bytes: body}
		if e.Stream {
			event.Bytes = 0
		}
		e.Client = addEvent(e.Client, event)
	}
	return nil
}

// addEvent adds what a client sent. Between two reads that follow each other
// nobody did anything, so that nothing waits for the first of them alone: the
// many pieces of a long upload are few events.
func addEvent(events []causal.Event, e causal.Event) []causal.Event {
	if n := len(events); n > 0 && e.Seq-events[n-1].Seq <= 1 {
		events[n-1] = e
		return events
	}
	return append(events, e)
}

// readResponse notes what the server answered.
func readResponse(e *causal.Exchange, m *cassettes.Message) error {
	for s, err := range m.Segments() {
		if err != nil {
			return err
		}
		e.End = max(e.End, s.Seq)
	}
	p := http1.Parser{Side: http1.Server}
	p.Expect([]byte(e.Method), false)
	if ev, _ := p.Next(m.Head); ev.Kind == http1.Head {
		e.Status = ev.Head.Code
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

// readTurns notes what the client did in a stream.
func readTurns(e *causal.Exchange, turns *cassettes.Turns) error {
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
		event := causal.Event{Seq: t.Seq, Bytes: sent}
		if t.Mark != "" {
			event.Bytes = math.MaxInt64 // no bytes are as good as the end
			e.Client = append(e.Client, event)
			continue
		}
		e.Client = addEvent(e.Client, event)
	}
	return nil
}
